import { answeredWell } from "../../src/check/graphql.ts";
import { responseOf } from "../../src/check/http.ts";
import type { Sample } from "../../src/history/sample.ts";
import type { ExperimentClient } from "../../src/probe/experiment.ts";
import { brokerOf, redisOf } from "../clients.ts";

/** Longest wait of a client that looks often: beyond it an answer is of no use, and more of them would only pile up. */
const timeouts = { totalMs: 2000 };

const status = (wanted: number) => (sample: Sample) => !sample.error && responseOf(sample)?.status === wanted;
const answered = (sample: Sample) => sample.error === undefined && sample.response !== undefined;

/** Who may watch an experiment. What a good answer is stands here once, for the runner and for the judges. */
export const clients = {
  api: {
    title: "core API, GraphQL `{ __typename }` through the entry point",
    request: (target) => ({ url: target.url("core", "/graphql"), query: "{ __typename }", maxBodyBytes: 1024, timeouts }),
    good: answeredWell,
  },
  web: {
    title: "web page through the entry point",
    request: (target) => ({ url: target.url("web", "/"), timeouts }),
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
  postgres: {
    title: "managed PostgreSQL, a session over TLS and SELECT 1",
    request: (target) => {
      const { host, port, user, passwordSecret, databases } = target.parties.postgres;
      return {
        kind: "postgres" as const,
        host,
        port,
        user,
        password: target.secret(passwordSecret),
        database: databases[0] ?? "postgres",
        sslmode: "require" as const,
        queries: [{ sql: "SELECT 1" }],
        timeouts,
      };
    },
    good: (sample) => sample.probe === "postgres" && !sample.error && sample.response?.results[0]?.rows?.[0]?.[0] === "1",
  },
} as const satisfies Record<string, ExperimentClient>;

export type ClientName = keyof typeof clients;
