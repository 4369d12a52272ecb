import { renderFixture } from "../assets.ts";
import type { CandidateConfig, CandidateService } from "../types.ts";
import { coreName, rabbitmqName, redisName, redisPassword, secretText } from "./names.ts";
import type { ReferenceParties } from "./parties.ts";

/** Which fixture is the content of which config of the program. */
const configFixture: Readonly<Record<string, string>> = {
  "traefik-config": "config/traefik/static.yaml",
  "traefik-fa-config": "apps/config/forward-auth.yaml",
  "vault-config": "config/vault/vault.hcl",
  "fluent-startup-script": "config/fluentd/startup.sh",
  "fluent-config": "config/fluentd/fluent.conf",
  "grafana-datasources": "config/grafana/datasources.yaml",
  "replicated-telegraf-config": "config/telegraf/telegraf.conf",
  "gatus-internal-config": "config/gatus/config.yml",
  "layer2redis-config": "config/redis/redis.conf",
  "prod-legacy-redis-config": "config/redis/redis.conf",
  "prod-datastores-rmq-config": "config/rabbitmq/rabbitmq.conf",
  "prod-datastores-redis-config": "config/redis/redis.conf",
  "prod-sprocket-core-config": "apps/config/core.json",
  "prod-sprocket-web-config": "apps/config/web.json",
  "prod-matchmaking-service-config": "apps/config/matchmaking.json",
  "prod-submission-service-config": "apps/config/submission.json",
  "prod-notification-service-config": "apps/config/notification.json",
  "prod-discord-bot-config": "apps/config/discord-bot.json",
  "prod-sprocket-image-generation-frontend-config": "apps/config/image-generation-frontend.json",
  "prod-image-generation-service-config": "apps/config/image-generation.json",
  "prod-server-analytics-service-config": "apps/config/analytics.json",
  "prod-replay-parse-service-config": "apps/config/replay-parse.json",
  "prod-elo-service-sprocketservice-config": "apps/config/elo.json",
};

/** The authority of the managed PostgreSQL, which the legacy services name by an id of one Swarm; nothing in the program creates it. */
const foreignConfigs: readonly string[] = ["lrssxjdhzv953xw6cwb2zn9wf"];

/** The configs that the services mount, rendered, in the order of first use; one that nothing creates is left out. */
export function configsOf(services: readonly CandidateService[], domain: string, parties: ReferenceParties): CandidateConfig[] {
  const values = configValues(domain, parties);
  const names = new Set(services.flatMap((service) => service.configs.map((config) => config.source)));
  return [...names]
    .filter((name) => !foreignConfigs.includes(name))
    .map((name) => {
      const fixture = configFixture[name];
      if (fixture === undefined) throw new Error(`the reference has no content for config ${name}`);
      return { name, content: renderFixture(fixture, values) };
    });
}

/** Values that the config templates ask for; queue names are `<STACK>-<suffix>` (facts sheet, section 8). */
function configValues(domain: string, { postgres, s3 }: ReferenceParties): Record<string, string> {
  return {
    domain,
    hostname: domain,
    stack: "prod",
    prefix: "main",
    // The application makes its queue of events its own by this; any constant will do for one replica.
    uuid: "0b5c6f3e-7d0c-4a55-9d38-5a3c5f0f7a11",
    "s3.host": s3.host,
    "s3.endpoint": s3.host,
    "s3.port": "443",
    "s3.ssl": "true",
    "s3.accessKey": secretText(s3.accessSecret),
    "bucket.main": "sprocket-main-1",
    "bucket.replays": "sprocket-replays-main-1",
    "bucket.imageGeneration": "sprocket-image-gen-main-1",
    "postgres.host": postgres.host,
    "postgres.port": String(postgres.port),
    "postgres.username": postgres.user,
    "postgres.database": "sprocket_main",
    "redis.host": redisName,
    "redis.port": "6379",
    "rabbitmq.url": `amqp://${rabbitmqName}:5672?heartbeat=60`,
    "queue.core": "prod-core",
    "queue.bot": "prod-bot",
    "queue.matchmaking": "prod-matchmaking",
    "queue.submissions": "prod-submissions",
    "queue.notifications": "prod-notifications",
    "queue.ig": "prod-ig",
    "queue.analytics": "prod-analytics",
    "queue.celery": "prod-celery",
    "queue.events": "prod-events",
    // The one broker URL that the program's templates escape: it stands in double braces there, the others in triple ones.
    "celery.broker": escapedForHtml(`amqp://${rabbitmqName}?heartbeat=60`),
    "celery.backend": `redis://:${secretText(redisPassword)}@${redisName}`,
    "celery.queue": "main-celery",
    "influx.address": "http://influx:8086",
    "influx.org": "sprocket",
    // A bucket that nothing creates: Influx makes `metrics` alone.
    "influx.bucket": "sprocket_main",
    "gql.internal": `${coreName}:3001/graphql`,
    "bot.prefix": "s.",
    "discord.authorizeUrl": "https://discord.oauth.example/oauth2/authorize",
    "discord.clientId": "100000000000000000",
  };
}

/** What Handlebars, the program's template engine, makes of a value in double braces. */
function escapedForHtml(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#x27;",
    "`": "&#x60;",
    "=": "&#x3D;",
  };
  return text.replace(/[&<>"'`=]/g, (one) => entities[one] ?? one);
}
