import type { LedgerStore } from "../../src/engine/agent-protocol.ts";
import { until } from "../../src/engine/until.ts";
import type { TargetView, WritePlace } from "../../src/probe/context.ts";
import type { ExperimentLedger } from "../../src/probe/experiment.ts";
import { brokerOf, ownBucketOf, postgresOf, redisOf, s3Of } from "../clients.ts";
import { rootTokenFile } from "../layer1/vault.ts";

/** Name of what holds a ledger's entries, in each store's own manner. */
const name = "sprocket-resilience-experiment";
/** Of one write. */
const timeoutMs = 2000;

/** Of what is done to a store before and after: making a kv store of Vault takes some requests to S3. */
const timeouts = { totalMs: 30_000 };

const keys = (target: TargetView) => ({ kind: "redis", ...redisOf(target), prefix: `${name}:`, timeoutMs }) as const;
const queue = (target: TargetView) => ({ kind: "amqp", ...brokerOf(target), queue: name, persistent: true, timeoutMs }) as const;
const table = (target: TargetView) => ({ kind: "postgres", ...postgresOf(target), table: name, timeoutMs }) as const;
const objects = (target: TargetView) =>
  ({ kind: "s3", ...s3Of(target), bucket: ownBucketOf(target), prefix: `${name}/`, timeoutMs }) as const;
const secrets = (target: TargetView) =>
  ({
    kind: "vault",
    url: `http://${target.service("vault").name}:8200`,
    tokenFile: rootTokenFile({ target }),
    mount: name,
    path: "ledger",
    timeoutMs,
  }) as const;

/** Entries of an earlier run that was killed would be taken for ours. */
async function clear(place: WritePlace, store: LedgerStore): Promise<void> {
  await place.ledgerClear("ledger", store);
}

/** What is left does no harm, for the next ledger clears first; that it was left is recorded. */
async function tidy(place: WritePlace, store: LedgerStore): Promise<void> {
  await clear(place, store).catch(() => undefined);
}

/** Stores that take numbered writes, with what an acknowledgement of each means: docs/measuring.md, "Loss". */
export const ledgers = {
  redis: {
    title: "keys in Redis",
    from: "inside:rabbitmq",
    acknowledgement: "Redis has it in memory; it is on the disk at the next snapshot (Sprocket sets no appendonly)",
    store: keys,
    prepare: (place, target) => clear(place, keys(target)),
    remove: (place, target) => tidy(place, keys(target)),
  },
  broker: {
    title: "persistent messages in a durable queue",
    from: "inside:redis",
    acknowledgement: "RabbitMQ confirmed it: it has it on the disk",
    store: queue,
    prepare: async (place, target) => {
      await place.amqp("ledger queue", { ...brokerOf(target), actions: [{ do: "declareQueue", name, durable: true }] });
      await clear(place, queue(target));
    },
    remove: async (place, target) => {
      await place.amqp("ledger queue removed", { ...brokerOf(target), actions: [{ do: "deleteQueue", name }] });
    },
  },
  postgres: {
    title: "rows in a table of the managed PostgreSQL",
    from: "inside:redis",
    acknowledgement:
      "PostgreSQL committed it: its log is on the disk of the managed server (fsync and synchronous_commit are its defaults, and Sprocket sets neither); a standby may lack it",
    store: table,
    prepare: async (place, target) => {
      const sql = `CREATE TABLE IF NOT EXISTS "${name}" (seq bigint NOT NULL)`;
      await place.postgres("ledger table", { ...postgresOf(target), queries: [{ sql }] });
      await clear(place, table(target));
    },
    remove: async (place, target) => {
      await place.postgres("ledger table removed", { ...postgresOf(target), queries: [{ sql: `DROP TABLE "${name}"` }] });
    },
  },
  s3: {
    title: "objects in a bucket of the candidate",
    from: "inside:redis",
    acknowledgement: "the storage answered 200 to the PUT: the object is stored; Sprocket asks for no versions and no copies",
    store: objects,
    prepare: (place, target) => clear(place, objects(target)),
    remove: (place, target) => tidy(place, objects(target)),
  },
  vault: {
    title: "secrets in a kv store of Vault",
    from: "inside:traefik",
    acknowledgement:
      "Vault answered 200 with a version: value and metadata, encrypted, are two objects that S3 has taken, for its storage writes through; none is in Vault alone",
    store: secrets,
    prepare: async (place, target) => {
      const store = secrets(target);
      const asRoot = { headersFromFile: { "X-Vault-Token": store.tokenFile } };
      const mounted = `${store.url}/v1/sys/mounts/${name}`;
      await place.request("ledger store removed", { url: mounted, method: "DELETE", ...asRoot, timeouts });
      await place.request("ledger store", {
        url: mounted,
        method: "POST",
        ...asRoot,
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ type: "kv", options: { version: "2" } }),
        timeouts,
      });
      // Refused with 400 while it is being made ready.
      await until("the kv store to take writes", { withinMs: 20_000, everyMs: 250 }, async () => {
        const url = `${store.url}/v1/${name}/data/ready`;
        const written = await place.request("ledger store ready", {
          url,
          method: "POST",
          ...asRoot,
          body: '{"data":{}}',
          timeouts,
        });
        return written.response?.status === 200;
      });
    },
    remove: async (place, target) => {
      const { url, tokenFile } = secrets(target);
      await place.request("ledger store removed", {
        url: `${url}/v1/sys/mounts/${name}`,
        method: "DELETE",
        headersFromFile: { "X-Vault-Token": tokenFile },
        timeouts,
      });
    },
  },
  scrims: {
    title: "scrims that the API makes",
    from: "public",
    acknowledgement:
      "the API answered with an id: matchmaking has the scrim in Redis's memory, and nowhere else; it is on the disk at the next snapshot",
    store: (target) => ({
      kind: "graphql",
      url: target.url("core", "/graphql"),
      mutation: 'mutation { createScrim(playerId: "{mark}", size: 2) { id } }',
      query: '{ scrim(id: "{name}") { id players } }',
      prefix: `${name}-`,
      // The API itself waits 5 s for another service, and then says so.
      timeoutMs: 8000,
    }),
  },
} as const satisfies Record<string, ExperimentLedger>;

export type LedgerName = keyof typeof ledgers;
