import { brokerAccount } from "../candidate/contract/broker.ts";
import { clientRoute } from "../candidate/contract/client-routes.ts";
import { type QueueRole, queueOf } from "../candidate/contract/queues.ts";
import { redisPassword } from "../candidate/contract/redis.ts";
import type { CandidateService, Role } from "../candidate/types.ts";
import type { Sample } from "../history/sample.ts";
import { answers, type Readiness, type ReadinessOf, repliesOf, statusOf } from "./readiness-kind.ts";
import { moreReadiness } from "./readiness-more.ts";
import type { Replica } from "./up.ts";

/** @param port where the service listens when the candidate does not say */
const http =
  (port: number, path: string, status: number, words = ""): ReadinessOf =>
  (replica, service) =>
    answers(portOf(replica, service) ?? port, path, status, words);

/** A consumer on the service's queue: Sprocket's workers offer nothing else that could be asked. Where no configuration names the queue, a task that runs must do. */
const consumes =
  (role: QueueRole): ReadinessOf =>
  (replica) => {
    const queue = queueOf(replica.plan.candidate, role);
    const broker = replica.plan.services.find((service) => service.candidate.role === "rabbitmq")?.candidate;
    if (queue === undefined || !broker) return undefined;
    return {
      condition: `a consumer on queue ${queue}`,
      probe: () => ({ ...session(replica, broker, broker.name), actions: [{ do: "queueInfo", name: queue }] }),
      holds: (sample) => Number(firstResult(sample).consumers ?? 0) > 0,
    };
  };

const redis: ReadinessOf = (replica, service) => {
  const password = redisPassword(replica.plan.candidate, service);
  return {
    condition: `PING${password === undefined ? "" : " with the password"} answers PONG`,
    probe: (_, address) => ({
      kind: "redis",
      host: address,
      port: 6379,
      ...(password === undefined ? {} : { password: replica.secrets.fill(password) }),
      commands: [["PING"]],
      timeouts: { totalMs: 3000 },
    }),
    holds: (sample) => repliesOf(sample)[0] === "PONG",
  };
};

const readiness: Partial<Record<Role, ReadinessOf>> = {
  traefik: () => ({
    condition: "GET :80/ answers 404, as an entry point without a route for it does, or redirects",
    probe: (_, address) => ({ kind: "http", url: `http://${address}:80/`, timeouts: { totalMs: 3000 } }),
    holds: (sample) => [404, 301, 302, 307, 308].includes(statusOf(sample) ?? 0),
  }),
  "socket-proxy": http(2375, "/_ping", 200),
  "forward-auth": http(3000, "/login?rule=SprocketAdmin", 302),
  vault: http(8200, "/v1/sys/health", 200, " (initialised, unsealed, active)"),
  redis,
  "layer2-redis": redis,
  "legacy-redis": redis,
  rabbitmq: (replica, service) => ({
    condition: "AMQP opens a channel for the account that clients use, and the service's own health check passes",
    probe: (_, address) => ({ ...session(replica, service, address), actions: [] }),
    holds: (sample) => sample.error === undefined && sample.response !== undefined,
  }),
  core: (replica, service) => {
    const port = portOf(replica, service) ?? 3001;
    return {
      condition: `POST :${port}/graphql { __typename } answers 200`,
      probe: (_, address) => ({
        kind: "http",
        url: `http://${address}:${port}/graphql`,
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ query: "{ __typename }" }),
        timeouts: { totalMs: 3000 },
      }),
      holds: (sample) => statusOf(sample) === 200,
    };
  },
  web: http(3000, "/auth/login", 200),
  matchmaking: consumes("matchmaking"),
  submission: consumes("submission"),
  notification: consumes("notification"),
};

const more = moreReadiness({ consumes, redisPassword: (replica, redis) => redisPassword(replica.plan.candidate, redis) });

/** What being ready means for a service of a replica; undefined when nothing but its running task can be asked for. */
export function readinessOf(replica: Replica, service: CandidateService): Readiness | undefined {
  return service.role && (readiness[service.role] ?? more[service.role])?.(replica, service);
}

/** Where clients' entry point finds a service of that role. */
function portOf(replica: Replica, { role }: CandidateService): number | undefined {
  return role && clientRoute(replica.plan.candidate, role)?.port;
}

function session(replica: Replica, broker: CandidateService, host: string) {
  const { user, password, vhost } = brokerAccount(replica.plan.candidate, broker);
  const { fill } = replica.secrets;
  return {
    kind: "amqp" as const,
    host,
    port: 5672,
    user: fill(user),
    password: fill(password),
    vhost,
    timeouts: { totalMs: 3000 },
  };
}

function firstResult(sample: Sample): Record<string, unknown> {
  return ((sample.response as { results?: Record<string, unknown>[] } | undefined)?.results ?? [])[0] ?? {};
}
