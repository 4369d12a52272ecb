import { PostgreSqlContainer, type StartedPostgreSqlContainer } from "@testcontainers/postgresql";
import { RabbitMQContainer, type StartedRabbitMQContainer } from "@testcontainers/rabbitmq";
import { RedisContainer, type StartedRedisContainer } from "@testcontainers/redis";
import { type StartedToxiProxyContainer, ToxiProxyContainer } from "@testcontainers/toxiproxy";
import Dockerode from "dockerode";
import { GenericContainer, Network, type StartedNetwork, type StartedTestContainer, Wait } from "testcontainers";
import { Toxiproxy } from "toxiproxy-node-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountOf } from "../../src/check/ledger.ts";
import type { AgentClient } from "../../src/engine/agent-client.ts";
import type { LedgerStore, S3Action } from "../../src/engine/agent-protocol.ts";
import { provideImages } from "../../src/engine/images/index.ts";
import { startAgent } from "../../src/engine/vantage/vantage.ts";
import type { LedgerSample } from "../../src/history/sample.ts";

/**
 * The agent against real servers that testcontainers' own modules start from the catalogue's images: the images keep the official ones' contract,
 * and what the agent reports is true. Toxiproxy gives the known truth for delays.
 */
const labels = { "sprocket-resilience.test": "agent-known-servers" };
const started: { stop(): Promise<unknown> }[] = [];
let network: StartedNetwork;
let agent: AgentClient;
let postgres: StartedPostgreSqlContainer;
let rabbit: StartedRabbitMQContainer;
let redis: StartedRedisContainer;
let toxiproxy: StartedToxiProxyContainer;

beforeAll(async () => {
  const docker = new Dockerode();
  const images = await provideImages(docker, ["postgres", "rabbitmq", "redis", "toxiproxy", "s3", "vault", "agent"], {
    policy: "auto",
    onProgress: () => undefined,
  });
  const image = (name: string) => images.find((one) => one.name === name)?.tag ?? name;
  network = await new Network().start();
  const keep = async <T extends { stop(): Promise<unknown> }>(starting: Promise<T>): Promise<T> => {
    const one = await starting;
    started.push(one);
    return one;
  };
  let client: StartedTestContainer;
  const all = await Promise.allSettled([
    keep(
      new PostgreSqlContainer(image("postgres")).withLabels(labels).withNetwork(network).withNetworkAliases("postgres").start(),
    ),
    keep(new RabbitMQContainer(image("rabbitmq")).withLabels(labels).withNetwork(network).withNetworkAliases("rabbitmq").start()),
    keep(
      new RedisContainer(image("redis"))
        .withLabels(labels)
        .withNetwork(network)
        .withNetworkAliases("redis")
        .withPassword("a-password")
        .start(),
    ),
    keep(
      new ToxiProxyContainer(image("toxiproxy")).withLabels(labels).withNetwork(network).withNetworkAliases("toxiproxy").start(),
    ),
    keep(
      new GenericContainer(image("agent"))
        .withLabels(labels)
        .withNetwork(network)
        .withEntrypoint(["sleep"])
        .withCommand(["infinity"])
        .start(),
    ),
    keep(
      new GenericContainer(image("s3"))
        .withLabels(labels)
        .withNetwork(network)
        .withNetworkAliases("s3")
        .withEnvironment({ ROOT_ACCESS_KEY: "access", ROOT_SECRET_KEY: "a-secret-key" })
        .withEntrypoint(["/bin/sh", "-c"])
        .withCommand(["mkdir -p /data && exec versitygw --port :7070 posix /data"])
        .withWaitStrategy(Wait.forLogMessage(/:7070/))
        .start(),
    ),
    keep(
      new GenericContainer(image("vault"))
        .withLabels(labels)
        .withNetwork(network)
        .withNetworkAliases("vault")
        .withEntrypoint(["vault"])
        .withCommand(["server", "-dev", "-dev-root-token-id=known", "-dev-listen-address=0.0.0.0:8200"])
        .withWaitStrategy(Wait.forLogMessage(/Vault server started!/))
        .start(),
    ),
  ]);
  // All are waited for before one's failure is told, so that none is started after the clean-up.
  for (const one of all) if (one.status === "rejected") throw one.reason;
  [postgres, rabbit, redis, toxiproxy, client] = all.map((one) => (one as PromiseFulfilledResult<unknown>).value) as [
    typeof postgres,
    typeof rabbit,
    typeof redis,
    typeof toxiproxy,
    typeof client,
    ...unknown[],
  ];
  agent = await startAgent(docker, client.getId());
}, 15 * 60_000);

afterAll(async () => {
  await Promise.all(started.map((one) => one.stop()));
  await network?.stop();
});

describe("the agent against known servers", () => {
  it("runs a query on PostgreSQL and carries its error's code", async () => {
    const sample = await agent.probe<"postgres">(
      {},
      {
        kind: "postgres",
        host: "postgres",
        port: 5432,
        user: postgres.getUsername(),
        password: postgres.getPassword(),
        database: postgres.getDatabase(),
        sslmode: "disable",
        queries: [{ sql: "select 40 + 2" }, { sql: "select nothing from nowhere" }],
      },
    );
    expect(sample.error).toBeUndefined();
    expect(sample.response?.results[0]?.rows).toEqual([["42"]]);
    expect(sample.response?.results[1]?.error?.sqlstate).toBe("42P01");
  });

  it("meets NOAUTH at a Redis with a password, and an answer with it", async () => {
    const ask = (password?: string) =>
      agent.probe<"redis">(
        {},
        { kind: "redis", host: "redis", port: 6379, ...(password ? { password } : {}), commands: [["PING"]] },
      );
    expect((await ask()).response?.replies[0]).toMatchObject({ error: expect.stringContaining("NOAUTH") });
    expect((await ask("a-password")).response?.replies).toEqual(["PONG"]);
    expect(redis.getPassword()).toBe("a-password");
  });

  it("publishes with confirms to RabbitMQ and drains exactly what was confirmed", async () => {
    const bodies = Array.from({ length: 50 }, (_, n) => `message ${n}`);
    const sample = await agent.probe<"amqp">(
      {},
      {
        kind: "amqp",
        host: "rabbitmq",
        port: 5672,
        user: "guest",
        password: "guest",
        actions: [
          { do: "declareQueue", name: "known", durable: true },
          { do: "publish", queue: "known", bodies, persistent: true, confirm: true },
          { do: "drain", queue: "known" },
        ],
      },
    );
    expect(rabbit.getAmqpUrl()).toContain("amqp://");
    expect(sample.error).toBeUndefined();
    expect(sample.response?.results[1]?.published?.filter((one) => one.acked !== undefined)).toHaveLength(50);
    expect(sample.response?.results[2]?.bodies?.map((one) => one.body)).toEqual(bodies);
  });

  it("counts what a queue holds twice, what is no number, and what is not there", async () => {
    const at = { kind: "amqp", host: "rabbitmq", port: 5672, user: "guest", password: "guest" } as const;
    const store = { ...at, queue: "known-ledger" };
    const twice = Array.from({ length: 7 }, (_, n) => String(n * 3 + 1));
    const fill = (bodies: string[]) => ({ do: "publish" as const, queue: store.queue, bodies, confirm: true });
    await agent.probe<"amqp">({}, { ...at, actions: [{ do: "declareQueue", name: store.queue }] });
    const writes: LedgerSample[] = [];
    await agent.ledger({}, store, { fromSequence: 1, count: 30, asFastAs: 1 }, (batch) => writes.push(...batch)).done;
    // The broker gives its oldest first: five acknowledged writes are taken away, as if lost.
    await agent.probe<"amqp">(
      {},
      { ...at, actions: [{ do: "drain", queue: store.queue, max: 5 }, fill(twice), fill(["none", ""])] },
    );
    const account = accountOf(writes, await agent.ledgerRead({}, store));
    expect(account).toMatchObject({ attempted: 30, acknowledged: 30, unexpected: [], foreign: 2, recovered: [] });
    // Of those taken away 1 and 4 were put back, once; the other five are there twice.
    expect(account.lost).toEqual([2, 3, 5]);
    expect(account.duplicated).toEqual([7, 10, 13, 16, 19]);
  });

  it("sees a delay that Toxiproxy adds, and none that it does not", async () => {
    const client = new Toxiproxy(`http://${toxiproxy.getHost()}:${toxiproxy.getMappedPort(8474)}`);
    const port = 8666;
    const proxy = await client.createProxy({ name: "redis", listen: `0.0.0.0:${port}`, upstream: "redis:6379", enabled: true });
    const ping = async () => {
      const sample = await agent.probe<"redis">(
        {},
        { kind: "redis", host: "toxiproxy", port, password: "a-password", commands: [["PING"]] },
      );
      expect(sample.response?.replies).toEqual(["PONG"]);
      return (sample.done - sample.sent) / 1e6;
    };
    const without = await ping();
    await proxy.addToxic({
      name: "slow",
      type: "latency",
      stream: "downstream",
      toxicity: 1,
      attributes: { latency: 400, jitter: 0 },
    });
    const delayed = await ping();
    // Two answers cross the delay: to AUTH and to PING.
    expect(delayed - without).toBeGreaterThan(790);
    expect(delayed - without).toBeLessThan(1200);
  });

  it("tells a refused connection from a name that nobody has", async () => {
    const ask = (host: string, port: number) => agent.probe<"tcp">({}, { kind: "tcp", host, port });
    expect((await ask("redis", 1)).error?.kind).toBe("connect-refused");
    expect((await ask("nobody", 1)).error?.kind).toBe("dns");
  });

  /** Writes forty numbers, lets `lose` take three of them away behind the agent's back, reads back, and empties the store. */
  async function loses(store: LedgerStore, lose: (seqs: number[]) => Promise<unknown>): Promise<void> {
    const writes: LedgerSample[] = [];
    const shape = { fromSequence: 0, count: 40, ratePerSecond: 200 };
    await agent.ledger({}, store, shape, (batch) => writes.push(...batch)).done;
    expect(writes.flatMap(({ error }) => error ?? [])).toEqual([]);
    await lose([3, 4, 30]);
    const read = await agent.ledgerRead({}, store);
    expect(read.error).toBeUndefined();
    expect(accountOf(writes, read)).toMatchObject({
      acknowledged: 40,
      lost: [3, 4, 30],
      unexpected: [],
      foreign: 0,
      duplicated: [],
    });
    expect(await agent.ledgerClear({}, store)).toEqual({ removed: 37 });
    expect(await agent.ledgerRead({}, store)).toMatchObject({ count: 0, foreign: 0 });
  }

  it("finds in PostgreSQL exactly the rows that are left, and says when the table is gone", async () => {
    const server = {
      kind: "postgres" as const,
      host: "postgres",
      port: 5432,
      user: postgres.getUsername(),
      password: postgres.getPassword(),
      database: postgres.getDatabase(),
      sslmode: "disable" as const,
    };
    const sql = (text: string) => agent.probe<"postgres">({}, { ...server, queries: [{ sql: text }] });
    await sql("CREATE TABLE ledger (seq bigint NOT NULL)");
    const store = { ...server, table: "ledger" };
    await loses(store, (seqs) => sql(`DELETE FROM ledger WHERE seq IN (${seqs})`));
    await sql("DROP TABLE ledger");
    expect((await agent.ledgerRead({}, store)).error).toMatchObject({ kind: "protocol", code: "42P01" });
  });

  it("finds in S3 exactly the objects that are left, over several pages, and says when the bucket is gone", async () => {
    const server = { endpoint: "http://s3:7070", accessKey: "access", secretKey: "a-secret-key" };
    const act = (actions: S3Action[]) => agent.probe<"s3">({}, { kind: "s3", ...server, actions });
    await act([{ do: "createBucket", bucket: "ledger" }]);
    const store = { kind: "s3" as const, ...server, bucket: "ledger", prefix: "of/a/ledger/" };
    await loses(store, (seqs) =>
      act(seqs.map((seq) => ({ do: "delete" as const, bucket: "ledger", key: `of/a/ledger/${seq}` }))),
    );
    const many = { fromSequence: 0, count: 1500, asFastAs: 8 };
    const done = agent.ledger({}, store, many, () => undefined).done;
    expect((await done).planned).toBe(1500);
    expect(await agent.ledgerRead({}, store)).toEqual({ found: [[0, 1499]], count: 1500, duplicates: [], foreign: 0 });
    expect((await agent.ledgerRead({}, { ...store, bucket: "nowhere" })).error).toMatchObject({ code: "NoSuchBucket" });
  });

  it("finds in Vault exactly the secrets that are left, and says when nothing is mounted", async () => {
    const store = { kind: "vault" as const, url: "http://vault:8200", token: "known", mount: "secret", path: "of/a/ledger" };
    await loses(store, (seqs) =>
      Promise.all(
        seqs.map((seq) =>
          agent.probe<"http">(
            {},
            {
              kind: "http",
              url: `http://vault:8200/v1/secret/metadata/of/a/ledger/${seq}`,
              method: "DELETE",
              headers: { "X-Vault-Token": "known" },
            },
          ),
        ),
      ),
    );
    expect((await agent.ledgerRead({}, { ...store, mount: "nowhere" })).error).toMatchObject({ kind: "protocol", code: "404" });
    expect((await agent.ledgerRead({}, { ...store, token: "another" })).error).toMatchObject({ kind: "auth" });
  });
});
