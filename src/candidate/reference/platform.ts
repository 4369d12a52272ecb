import type { ReferenceEntries } from "./entry.ts";
import { coreName, dgraphAlphaName, dgraphZeroName, rabbitmqName, redisName } from "./names.ts";

const postgres = "party:postgres";
const s3 = "party:s3";

/** What stack platform registers, without its data stores and the legacy platform. */
export const platform: ReferenceEntries = {
  [coreName]: { role: "core", needs: [postgres, s3, redisName, rabbitmqName], core: true, env: { CACHE_HOST: redisName } },
  "prod-sprocket-web-service": { role: "web", needs: [coreName, "traefik"], core: true },
  "prod-matchmaking-service-service": { role: "matchmaking", needs: [redisName, rabbitmqName], core: true },
  "prod-submission-service-service": { role: "submission", needs: [s3, redisName, rabbitmqName], core: true },
  "prod-notification-service-service": { role: "notification", needs: [redisName, rabbitmqName], core: true },
  "prod-discord-bot-service": { role: "discord-bot", needs: [s3, rabbitmqName, coreName] },
  "prod-sprocket-image-generation-frontend-service": {
    role: "image-generation-frontend",
    needs: [postgres, s3, rabbitmqName],
  },
  "prod-image-generation-service-service": { role: "image-generation", needs: [postgres, s3, rabbitmqName] },
  "prod-server-analytics-service-service": { role: "analytics", needs: ["influx", rabbitmqName] },
  "prod-replay-parse-service-service": { role: "replay-parse", needs: [s3, redisName, rabbitmqName] },
  "prod-elo-service-sprocketservice-service": {
    role: "elo",
    needs: [redisName, dgraphAlphaName],
    env: { REDIS_HOST: redisName, REDIS_PREFIX: "main", DGRAPH_DATABASE_URL: `${dgraphAlphaName}:9080` },
  },
  [dgraphZeroName]: { role: "dgraph-zero", needs: [] },
  [dgraphAlphaName]: { role: "dgraph-alpha", needs: [dgraphZeroName] },
};
