import type { CandidateService, Role } from "../candidate/types.ts";
import { answers, type ReadinessOf, repliesOf, statusOf } from "./readiness-kind.ts";
import type { Replica } from "./up.ts";

/** What the roles here share with those of the core: how a queue's consumers are asked for, and what password a Redis wants. */
interface Ways {
  consumes: (role: "discord-bot" | "image-generation" | "analytics" | "replay-parse") => ReadinessOf;
  /** The password of that Redis as the candidate has it, secrets not filled in. */
  redisPassword: (replica: Replica, redis: CandidateService) => string | undefined;
}

/** What being ready means for the services beside the core. All of it holds for the real images as well as for the stand-ins. */
export function moreReadiness(ways: Ways): Partial<Record<Role, ReadinessOf>> {
  const clientOfRedis = connectedToRedis(ways);
  return {
    "discord-bot": ways.consumes("discord-bot"),
    "image-generation": ways.consumes("image-generation"),
    "image-generation-frontend": http(3000, "/", 200),
    analytics: ways.consumes("analytics"),
    "replay-parse": ways.consumes("replay-parse"),
    elo: clientOfRedis,
    "legacy-worker": clientOfRedis,
    "legacy-bot-1": clientOfRedis,
    "legacy-bot-2": clientOfRedis,
    "dgraph-zero": http(6080, "/health", 200),
    "dgraph-alpha": http(8080, "/health", 200, " (joined to its zero)"),
    influx: http(8086, "/health", 200),
    grafana: http(3000, "/api/health", 200, " (its database answers)"),
    loki: http(3100, "/ready", 200),
    telegraf,
    fluentd: tcp(24224),
    gatus: http(8080, "/health", 200),
    neo4j: http(7474, "/", 200),
    n8n: http(5678, "/healthz", 200),
  };
}

const http =
  (...asked: Parameters<typeof answers>): ReadinessOf =>
  () =>
    answers(...asked);

const tcp =
  (port: number): ReadinessOf =>
  () => ({
    condition: `port ${port} takes a connection`,
    probe: (_, address) => ({ kind: "tcp", host: address, port, timeouts: { totalMs: 3000 } }),
    holds: (sample) => sample.error === undefined && sample.response !== undefined,
  });

/** Telegraf serves nothing unless its configuration has a listener: then a method that this refuses shows that it runs, and writes nothing. */
const telegraf: ReadinessOf = (replica, service) => {
  const sources = service.configs.map(({ source }) => source);
  const contents = replica.plan.candidate.configs.filter(({ name }) => sources.includes(name)).map(({ content }) => content);
  const section = /^\[\[inputs\.http_listener_v2\]\]$([^[]*)/m.exec(contents.join("\n"))?.[1];
  const port = /^\s*service_address\s*=\s*"[^"]*:(\d+)"/m.exec(section ?? "")?.[1];
  if (port === undefined) return undefined;
  return {
    condition: `GET :${port}/ of its listener is answered`,
    probe: (_, address) => ({ kind: "http", url: `http://${address}:${port}/`, timeouts: { totalMs: 3000 } }),
    holds: (sample) => statusOf(sample) !== undefined,
  };
};

/** A worker without a port whose Redis its environment names: the one sign of life that others can see is its connection there. */
const connectedToRedis =
  ({ redisPassword }: Ways): ReadinessOf =>
  (replica, service) => {
    const host = service.env.REDIS_HOST;
    const redis = replica.plan.services.find(({ candidate }) => candidate.name === host)?.candidate;
    if (host === undefined || redis === undefined) return undefined;
    const password = redisPassword(replica, redis);
    let own = "";
    return {
      condition: `a connection of its own to ${host}`,
      probe: (_, address) => {
        own = address;
        return {
          kind: "redis",
          host,
          port: Number(service.env.REDIS_PORT ?? 6379),
          ...(password === undefined ? {} : { password: replica.secrets.fill(password) }),
          commands: [["CLIENT", "LIST"]],
          timeouts: { totalMs: 3000 },
        };
      },
      holds: (sample) => String(repliesOf(sample)[0] ?? "").includes(` addr=${own}:`),
    };
  };
