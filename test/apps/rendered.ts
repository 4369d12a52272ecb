import type { Application } from "../../fixtures/apps/src/shared/dependencies.ts";
import { secrets, type Values } from "./stand-in.ts";

/**
 * Configurations with the keys and value types that Sprocket's own program renders (facts sheet, section 1.1): ports are numbers, flags are
 * booleans, the Celery broker's URL is escaped for HTML, and core's has no main bucket. Legacy services have none.
 */
export function rendered(name: Application, values: Values): readonly [file: string, text: string] | undefined {
  const text = (key: string) => String(values[key]);
  const transport = {
    url: text("rabbitmq.url"),
    matchmaking_queue: "prod-matchmaking",
    core_queue: "prod-core",
    bot_queue: "prod-bot",
    analytics_queue: "prod-analytics",
    events_queue: "prod-events",
    events_application_key: `prod-${name}-00000000-test`,
    "celery-queue": "prod-celery",
    image_generation_queue: "prod-ig",
    submission_queue: "prod-submissions",
    notification_queue: "prod-notifications",
  };
  const logger = { levels: ["error", "warn", "log"] };
  const buckets = { replays: text("bucket.replays"), image_generation: text("bucket.imageGeneration") };
  const minio = { endPoint: text("s3.endpoint"), port: Number(values["s3.port"]), useSSL: false, bucketNames: buckets };
  const redis = { port: Number(values["redis.port"]), host: text("redis.host"), prefix: "main" };
  const database = {
    host: text("postgres.host"),
    port: Number(values["postgres.port"]),
    username: text("postgres.username"),
    database: text("postgres.database"),
  };
  const documents: Record<Exclude<Application, "forward-auth" | "legacy-worker" | "legacy-bot">, unknown> = {
    core: {
      transport,
      logger,
      minio,
      redis: { ...redis, secure: false },
      db: { ...database, enable_logs: false },
      gql: { playground: false },
      web: { url: "https://sprocket.test", api_root: "https://api.sprocket.test" },
      auth: { jwt_expiry: 12000, access_expiry: "6h", refresh_expiry: "7d" },
      defaultOrganizationId: 2,
    },
    web: {
      client: {
        gqlUrl: "api.sprocket.test",
        secure: true,
        chatwoot: { enabled: true, url: "https://chatwoot.sprocket.test", websiteToken: "none" },
      },
      server: {},
      stack: "prod",
    },
    matchmaking: { transport, redis, logger },
    submission: { transport, logger, minio, redis },
    notification: { transport, logger, web: { url: "https://sprocket.test" }, minio, redis },
    "discord-bot": { bot: { prefix: "s." }, transport, minio, logger, gql: { url: text("core.graphql") } },
    "image-generation": { db: database, transport, logger, minio },
    "image-generation-frontend": {
      minio: { endpoint: minio.endPoint, port: minio.port, bucket: buckets.image_generation, ssl: false },
      knex: {
        host: database.host,
        port: database.port,
        user: database.username,
        database: database.database,
        enable_logs: true,
        ssl: { rejectUnauthorized: false },
      },
      transport,
    },
    analytics: {
      transport,
      logger,
      influx: { address: text("influx.address"), org: "sprocket", bucket: "sprocket_main" },
    },
    "replay-parse": {
      celery: {
        broker: text("rabbitmq.url").replace("=", "&#x3D;"),
        backend: `redis://:${secrets["redis-password.txt"]}@${redis.host}:${redis.port}`,
        queue: "main-celery",
      },
      transport,
      minio: {
        hostname: minio.endPoint,
        // Sprocket's has no port, since its S3 speaks HTTPS.
        port: minio.port,
        bucket: buckets.replays,
        parsed_object_prefix: "dev",
        accessKey: secrets["minio-access.txt"],
        secretKey: "/app/secret/minio-secret.txt",
        secure: false,
      },
      ballchasing: { maxRetries: 7, backoffFactor: 4 },
      tempDir: "/tmp",
      parser: "ballchasing",
    },
    elo: {},
  };
  if (name === "legacy-worker" || name === "legacy-bot") return undefined;
  if (name === "forward-auth") return ["app/config.yaml", forwardAuth];
  const files: Partial<Record<Application, string>> = {
    web: "app/clients/web/config/production.json",
    "image-generation-frontend": "app/src/config.json",
  };
  return [files[name] ?? "app/config/production.json", JSON.stringify(documents[name], null, 2)];
}

/** A list of rules and nothing about Discord's address or the cookie's name: the real image knows both. */
const forwardAuth = `provider: "discord"
oauth:
  clientId: "900000000000000001"
  callbackUrl: https://fa.sprocket.test/login
cookieDomain: "sprocket.test"
rules:
  - key: "SprocketAdmin"
    type: "roles"
    guildId: "300000000000000001"
    roleIds:
      # Maintainer
      - "100000000000000001"
  - key: "EloTeam"
    type: "roles"
    guildId: "300000000000000001"
    roleIds: ["100000000000000001", "100000000000000023"]
defaultRule:
  key: "DefaultRule"
  type: "guild"
  guildId: "300000000000000001"
`;
