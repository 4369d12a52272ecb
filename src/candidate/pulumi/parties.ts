import type { ExternalParties, PostgresParty, S3Party } from "../types.ts";
import type { Registration } from "./evaluation.ts";
import type { Secrets } from "./secrets.ts";
import { fields, list, number, text, unmark } from "./values.ts";

/** A managed database's usual bound where the definition says none. */
const usualConnections = 100;

/** What providers and their resources say of the servers outside Swarm: where they are, as whom they are met, what is made there. */
export function partiesOf(registrations: readonly Registration[], secrets: Secrets): ExternalParties {
  const postgres = postgresOf(registrations, secrets);
  const s3 = s3Of(registrations, secrets);
  return { ...(postgres && { postgres }), ...(s3 && { s3 }) };
}

function postgresOf(registrations: readonly Registration[], secrets: Secrets): PostgresParty | undefined {
  const provider = settingsOf(registrations, "pulumi:providers:postgresql");
  const host = text(provider?.host);
  if (provider === undefined || host === undefined) return undefined;
  const databases = new Set<string>();
  const first = text(provider.database);
  if (first !== undefined) databases.add(first);
  for (const each of registrations.filter((one) => one.type === "postgresql:index/database:Database")) {
    const name = text(unmark(each.outputs.name));
    if (name !== undefined) databases.add(name);
  }
  const sslmode = text(provider.sslmode);
  return {
    host,
    port: number(provider.port) ?? 5432,
    user: text(provider.username) ?? "postgres",
    passwordSecret: secrets.nameOf(text(provider.password) ?? "", "postgres-password"),
    databases: [...databases],
    maxConnections: number(provider.maxConnections) ?? usualConnections,
    ...(sslmode === undefined ? {} : { sslmode }),
  };
}

function s3Of(registrations: readonly Registration[], secrets: Secrets): S3Party | undefined {
  const buckets = registrations
    .filter((each) => /^(aws:s3\/bucket(V2)?:Bucket(V2)?|minio:index\/s3Bucket:S3Bucket)$/.test(each.type))
    .map((each) => text(unmark(each.outputs.bucket)))
    .filter((name) => name !== undefined);
  const aws = settingsOf(registrations, "pulumi:providers:aws");
  const minio = settingsOf(registrations, "pulumi:providers:minio");
  const endpoint =
    text(fields(list(aws?.endpoints).find((each) => text(fields(each).s3) !== undefined)).s3) ?? text(minio?.minioServer);
  if (endpoint === undefined) return undefined;
  const access = text(aws?.accessKey) ?? text(minio?.minioAccessKey) ?? text(minio?.minioUser) ?? "";
  const key = text(aws?.secretKey) ?? text(minio?.minioSecretKey) ?? text(minio?.minioPassword) ?? "";
  return {
    host: endpoint.replace(/^https?:\/\//, "").replace(/\/.*$/, ""),
    accessSecret: secrets.nameOf(access, "s3-access"),
    keySecret: secrets.nameOf(key, "s3-secret"),
    buckets: [...new Set(buckets)],
  };
}

/** A provider's settings; what is no text in them is JSON in a text. */
function settingsOf(registrations: readonly Registration[], type: string): Record<string, unknown> | undefined {
  const provider = registrations.find((each) => each.type === type);
  if (provider === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(fields(unmark(provider.inputs))).map(([key, value]) => {
      if (typeof value !== "string" || !/^[[{]/.test(value)) return [key, value];
      try {
        return [key, unmark(JSON.parse(value))];
      } catch {
        return [key, value];
      }
    }),
  );
}
