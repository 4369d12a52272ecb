import { PostgreSqlContainer, type StartedPostgreSqlContainer } from "@testcontainers/postgresql";
import { RabbitMQContainer, type StartedRabbitMQContainer } from "@testcontainers/rabbitmq";
import { RedisContainer, type StartedRedisContainer } from "@testcontainers/redis";
import { type StartedToxiProxyContainer, ToxiProxyContainer } from "@testcontainers/toxiproxy";
import Dockerode from "dockerode";
import { GenericContainer, Network, type StartedNetwork, type StartedTestContainer } from "testcontainers";
import { Toxiproxy } from "toxiproxy-node-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AgentClient } from "../../src/engine/agent-client.ts";
import { provideImages } from "../../src/engine/images/index.ts";
import { startAgent } from "../../src/engine/vantage/vantage.ts";

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
  const images = await provideImages(docker, ["postgres", "rabbitmq", "redis", "toxiproxy", "agent"], {
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
  ]);
  // All are waited for before one's failure is told, so that none is started after the clean-up.
  for (const one of all) if (one.status === "rejected") throw one.reason;
  [postgres, rabbit, redis, toxiproxy, client] = all.map((one) => (one as PromiseFulfilledResult<unknown>).value) as [
    typeof postgres,
    typeof rabbit,
    typeof redis,
    typeof toxiproxy,
    typeof client,
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
});
