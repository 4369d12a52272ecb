import type { PostgresParty, S3Party } from "../types.ts";
import { databasePassword } from "./names.ts";

export interface ReferenceParties {
  postgres: PostgresParty;
  s3: S3Party;
}

/** The managed services that the reference addresses, under example names; ports, users, databases and buckets are the facts'. */
export function referenceParties(profile: "core" | "full"): ReferenceParties {
  return {
    postgres: {
      host: "db-postgresql-nyc3.managed.example",
      port: 25060,
      user: "doadmin",
      passwordSecret: databasePassword,
      databases: ["sprocket_main", "grafana", ...(profile === "full" ? ["n8n-db"] : [])],
      maxConnections: 100,
    },
    s3: {
      host: "nyc3.objects.example",
      accessSecret: "prod-secrets-s3-access",
      keySecret: "prod-secrets-s3-secret",
      buckets: ["vault-secrets", "sprocket-main-1", "sprocket-image-gen-main-1", "sprocket-replays-main-1"],
    },
  };
}
