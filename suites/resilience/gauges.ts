import type { Sample } from "../../src/history/sample.ts";
import type { TargetView } from "../../src/probe/context.ts";
import type { ExperimentGauge } from "../../src/probe/experiment.ts";
import { brokerHeaders, brokerOf, postgresOf, redisOf } from "../clients.ts";

const timeouts = { totalMs: 2000 };
const connections = (used: number | undefined, limit?: number) =>
  used === undefined || Number.isNaN(used) ? undefined : { counts: { connections: used }, ...(limit ? { limit } : {}) };

/** What stores tell of themselves while somebody is hurt: who holds connections, and what waits to be taken. Each asks as clients of the platform do. */
export const gauges = {
  postgres: {
    title: "managed PostgreSQL: client sessions, the one that asks not counted",
    unit: "connections",
    from: ["inside:redis", "inside:rabbitmq"],
    request: (target) => ({
      kind: "postgres" as const,
      ...postgresOf(target),
      queries: [
        {
          sql: "SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()), current_setting('max_connections')",
        },
      ],
      timeouts,
    }),
    read: (sample) => {
      const row = sample.probe === "postgres" && !sample.error ? sample.response?.results[0]?.rows?.[0] : undefined;
      return row && connections(Number(row[0]), Number(row[1]));
    },
  },
  redis: {
    title: "Redis: connected clients, the one that asks not counted",
    unit: "connections",
    from: ["inside:rabbitmq", "inside:core"],
    request: (target) => ({ kind: "redis" as const, ...redisOf(target), commands: [["INFO", "clients"]], timeouts }),
    read: (sample) => {
      const reply = sample.probe === "redis" && !sample.error ? sample.response?.replies[0] : undefined;
      if (typeof reply !== "string") return undefined;
      const told = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(reply)?.[1]);
      return connections(told("connected_clients") - 1, told("maxclients"));
    },
  },
  "broker-connections": {
    title: "RabbitMQ: open connections, as its management interface last counted them",
    unit: "connections",
    from: ["inside:redis", "inside:core"],
    request: (target) => management(target, "/api/overview?columns=object_totals"),
    read: (sample) => connections(jsonOf<{ object_totals?: { connections?: number } }>(sample)?.object_totals?.connections),
  },
  queues: {
    title:
      "RabbitMQ: messages in each queue, ready or not yet acknowledged, as its management interface last counted them (every 5 s)",
    unit: "messages",
    from: ["inside:redis", "inside:core"],
    request: (target) => management(target, "/api/queues?columns=name,messages"),
    read: (sample) => {
      const queues = jsonOf<{ name: string; messages?: number }[]>(sample);
      // A queue that was made this moment is counted later.
      const counted = queues?.flatMap(({ name, messages }): [string, number][] =>
        messages === undefined ? [] : [[name, messages]],
      );
      return counted && { counts: Object.fromEntries(counted) };
    },
  },
} as const satisfies Record<string, ExperimentGauge>;

function management(target: TargetView, path: string) {
  const { host } = brokerOf(target);
  return { url: `http://${host}:15672${path}`, headers: brokerHeaders(target), maxBodyBytes: 65_536, timeouts };
}

function jsonOf<T>(sample: Sample): T | undefined {
  if (sample.probe !== "http" || sample.error || sample.response?.status !== 200 || sample.response.truncated) return undefined;
  try {
    return JSON.parse(sample.response.bodyText ?? "") as T;
  } catch {
    return undefined;
  }
}
