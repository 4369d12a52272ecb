import { answeredWell, graphqlOf } from "../../src/check/graphql.ts";
import { responseOf } from "../../src/check/http.ts";
import type { Sample } from "../../src/history/sample.ts";
import type { ExperimentClient } from "../../src/probe/experiment.ts";
import { brokerOf, ownBucketOf, postgresOf, redisOf, s3Of } from "../clients.ts";
import { clientUrl } from "../layer1/clients.ts";

/** Longer than an error may take to come. */
const patient = { totalMs: 8000 };
/** Longest wait of a client that looks often: beyond it an answer is of no use, and more of them would only pile up. */
const timeouts = { totalMs: 2000 };

const publisherQueue = "sprocket-resilience-publisher";

const status = (wanted: number) => (sample: Sample) => !sample.error && responseOf(sample)?.status === wanted;
const answered = (sample: Sample) => sample.error === undefined && sample.response !== undefined;

function isRedirection(sample: Sample): boolean {
  const met = responseOf(sample)?.status ?? 0;
  return met >= 300 && met < 400;
}

/** Who may watch an experiment. What a good answer is stands here once, for the runner and for the judges. */
export const clients = {
  api: {
    title: "core API, GraphQL `{ __typename }` through the entry point",
    request: (target) => ({ url: target.url("core", "/graphql"), query: "{ __typename }", maxBodyBytes: 1024, timeouts }),
    good: answeredWell,
  },
  database: {
    title: "core API, a question that PostgreSQL answers",
    request: (target) => ({
      url: target.url("core", "/graphql"),
      query: "{ databaseTime }",
      maxBodyBytes: 1024,
      timeouts: patient,
    }),
    good: answeredWell,
  },
  storage: {
    title: "core API, an object that the storage keeps",
    request: (target) => ({ url: target.url("core", "/graphql"), query: "{ storage { intact } }", maxBodyBytes: 1024, timeouts }),
    good: (sample) => answeredWell(sample) && (graphqlOf(sample)?.data.storage as { intact?: boolean } | null)?.intact === true,
  },
  scrim: {
    title: "core API, a question that matchmaking answers by its queue",
    request: (target) => ({
      url: target.url("core", "/graphql"),
      query: '{ scrim(id: "sprocket-resilience") { id } }',
      maxBodyBytes: 1024,
      // The API itself waits 5 s for another service, and then says so.
      timeouts: { totalMs: 8000 },
    }),
    good: answeredWell,
  },
  entry: {
    title: "entry point, by the API's name over TLS: any HTTP answer, today's rules have none for some modes",
    request: (target) => ({ url: target.url("core", "/"), tls: { insecure: true }, timeouts }),
    good: (sample) => sample.probe === "http" && answered(sample),
  },
  "socket-proxy": {
    title: "socket proxy, the engine's version on Traefik's network",
    request: (target) => ({ url: `http://${target.service("socket-proxy").name}:2375/version`, timeouts }),
    good: status(200),
  },
  web: {
    title: "web page through the entry point",
    request: (target) => ({ url: target.url("web", "/auth/login"), timeouts }),
    good: status(200),
  },
  vault: {
    title: "Vault's health through the entry point: initialised, unsealed, active",
    request: (target) => ({ url: target.url("vault", "/v1/sys/health"), timeouts }),
    good: status(200),
  },
  redis: {
    title: "Redis, PING on the platform's network",
    request: (target) => ({ kind: "redis" as const, ...redisOf(target), commands: [["PING"]], timeouts }),
    good: (sample) => sample.probe === "redis" && answered(sample) && sample.response?.replies[0] === "PONG",
  },
  broker: {
    title: "RabbitMQ, opening a session on the platform's network",
    request: (target) => ({ kind: "amqp" as const, ...brokerOf(target), actions: [], timeouts }),
    good: (sample) => sample.probe === "amqp" && answered(sample),
  },
  publisher: {
    title: "RabbitMQ, a message into a short queue of its own, confirmed",
    request: (target) => ({
      kind: "amqp" as const,
      ...brokerOf(target),
      actions: [
        { do: "declareQueue", name: publisherQueue, autoDelete: true, arguments: { "x-max-length": 100 } },
        { do: "publish", queue: publisherQueue, bodies: ["x"], confirm: true, timeoutMs: 1500 },
      ],
      timeouts,
    }),
    good: (sample) =>
      sample.probe === "amqp" && answered(sample) && sample.response?.results.at(-1)?.published?.[0]?.acked !== undefined,
  },
  postgres: {
    title: "managed PostgreSQL, a session over TLS and SELECT 1",
    request: (target) => ({ kind: "postgres" as const, ...postgresOf(target), queries: [{ sql: "SELECT 1" }], timeouts }),
    good: (sample) => sample.probe === "postgres" && !sample.error && sample.response?.results[0]?.rows?.[0]?.[0] === "1",
  },
  s3: {
    title: "object storage, a listing of a bucket that the platform writes to",
    request: (target) => ({
      kind: "s3" as const,
      ...s3Of(target),
      // Nothing is below this name, so that every answer is as short.
      actions: [{ do: "list" as const, bucket: ownBucketOf(target), prefix: "sprocket-resilience-none/" }],
      timeouts,
    }),
    good: (sample) => sample.probe === "s3" && answered(sample) && sample.response?.results[0]?.status === 200,
  },
  dashboard: {
    title: "Traefik's dashboard, which sends a stranger to forward-auth",
    request: (target) => ({ url: clientUrl(target, "traefik", "/dashboard/"), timeouts }),
    // Only forward-auth makes it a redirection: without it Traefik answers 500.
    good: (sample) => !sample.error && isRedirection(sample),
  },
  "forward-auth": {
    title: "forward-auth's own page through the entry point, which sends a stranger to log in",
    request: (target) => ({ url: clientUrl(target, "forward-auth", "/login?rule=SprocketAdmin"), timeouts }),
    good: (sample) => !sample.error && isRedirection(sample),
  },
} as const satisfies Record<string, ExperimentClient>;

export type ClientName = keyof typeof clients;
