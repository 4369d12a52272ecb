import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type Server as HttpServer, request } from "node:http";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Declared, dependencies, type Peer, type StandIn } from "../../fixtures/apps/src/shared/dependencies.ts";
import { DependencyError } from "../../fixtures/apps/src/shared/dependency-error.ts";
import type { Outcome as JobOutcome } from "../../fixtures/apps/src/shared/jobs.ts";
import { connectBroker, RpcClient, RpcFailed, RpcTimeout } from "../../fixtures/apps/src/shared/rabbitmq.ts";
import { RedisStore } from "../../fixtures/apps/src/shared/redis.ts";
import {
  brokerUrl,
  disposeOf,
  type Parties,
  type PartyName,
  putObject,
  selfSigned,
  startParties,
  startPlainRedis,
  valuesFor,
} from "./parties.ts";
import { fixedValues, freePort, StandInProcess, secrets, until } from "./stand-in.ts";

/** What one question came to: the error's dependency or code, or "good". */
interface Outcome {
  readonly said: string;
  readonly took: number;
}

const queueOf = {
  matchmaking: "prod-matchmaking",
  submission: "prod-submissions",
  notification: "prod-notifications",
  "discord-bot": "prod-bot",
  "image-generation": "prod-ig",
  analytics: "prod-analytics",
} as const;

/** Those whose dependencies are taken away here; parts.test.ts does it for the rest, which need no container. */
const tested = [
  "core",
  "web",
  "matchmaking",
  "submission",
  "notification",
  "discord-bot",
  "image-generation",
  "image-generation-frontend",
  "analytics",
  "replay-parse",
  "elo",
  "legacy-worker",
  "legacy-bot",
  "grafana",
  "n8n",
] as const satisfies StandIn[];
type Tested = (typeof tested)[number];

let parties: Parties;
let standIns: Record<Tested | "dgraph-alpha", StandInProcess>;
let influx: Influx;
let redis: RedisStore;
let apiOverTls: Server;
const folder = mkdtempSync(join(tmpdir(), "stand-in-ca-"));

beforeAll(async () => {
  parties = await startParties();
  influx = new Influx(await freePort());
  const address = { host: "127.0.0.1", port: parties.redis.port, password: secrets["redis-password.txt"] ?? "" };
  await putObject(parties, String(fixedValues["bucket.replays"]), replayPath, "bytes of a replay");
  redis = new RedisStore(address, { error() {}, warn() {}, log() {}, debug() {} });
  const dgraph = await StandInProcess.prepare("dgraph-alpha");
  const own = valuesFor(parties);
  const core = await StandInProcess.prepare("core", { values: own });
  const values = {
    ...own,
    "core.graphql": core.url("/graphql"),
    "influx.address": influx.address,
    "dgraph.address": `127.0.0.1:${dgraph.portOf(9080)}`,
  };
  const { key, certificate } = selfSigned("api");
  writeFileSync(join(folder, "ca.pem"), certificate);
  const port = await freePort();
  apiOverTls = await serveOverTls(port, key, certificate, core.port);
  const files = { "run/configs/postgres-ca.crt": certificate };
  const prepared = await Promise.all(
    tested.map(async (name) => {
      if (name === "core") return [name, core] as const;
      const web = {
        config: (text: string) => text.replace("api.sprocket.test", `localhost:${port}`),
        environment: { NODE_EXTRA_CA_CERTS: join(folder, "ca.pem") },
      };
      return [name, await StandInProcess.prepare(name, { values, files, ...(name === "web" ? web : {}) })] as const;
    }),
  );
  standIns = { ...(Object.fromEntries(prepared) as Record<Tested, StandInProcess>), "dgraph-alpha": dgraph };
  await everythingRuns();
});

afterAll(async () => {
  await Promise.all(Object.values(standIns ?? {}).map((standIn) => standIn.dispose()));
  apiOverTls?.close();
  apiOverTls?.closeAllConnections();
  redis?.close();
  await influx?.kill();
  if (parties !== undefined) await disposeOf(parties);
  rmSync(folder, { recursive: true, force: true });
});

/** Starts what does not run, as Swarm would, and waits until every question has a good answer. */
async function everythingRuns(): Promise<void> {
  await influx.start();
  const starts = async (standIn: StandInProcess) => {
    // One that ends again because its broker is not there yet is started again: Swarm's part.
    const ready = () =>
      standIn.ready().then(
        () => true,
        () => false,
      );
    await until(`${standIn.name} starts`, async () => standIn.running || (await ready()), 60_000);
  };
  await Promise.all(Object.values(standIns).map(starts));
  const answers = (pair: Pair) =>
    until(
      `${pair.name} answers with ${pair.on}`,
      async () => {
        const { said } = await ask(pair);
        if (said !== "good") throw new Error(said);
        return true;
      },
      60_000,
    );
  await Promise.all(pairs.map(answers));
}

/** A stand-in and one of its dependencies. */
interface Pair extends Declared {
  readonly name: Tested;
}

const pairs: readonly Pair[] = tested.flatMap((name) => dependencies[name].map((declared) => ({ name, ...declared })));

/** One question through the API; what it says about the field. */
async function askCore(query: string): Promise<Outcome> {
  const { errors, took } = await standIns.core.graphql(query);
  const { dependency, code } = errors?.[0]?.extensions ?? {};
  return { said: errors === undefined ? "good" : (dependency ?? code ?? "?"), took };
}

/** One task for the parser of replays, by a Celery client's hand; what its progress queue says in the end. */
async function askParser(id = randomUUID()): Promise<Outcome> {
  const started = performance.now();
  const outcome = (said: string) => ({ said, took: performance.now() - started });
  let broker: Awaited<ReturnType<typeof connectBroker>>;
  try {
    broker = await connectBroker(brokerUrl(parties.rabbitmq));
  } catch {
    return outcome("rabbitmq");
  }
  try {
    const { channel } = broker;
    const { queue } = await channel.assertQueue("", { exclusive: true });
    await channel.assertQueue("prod-celery", { durable: true });
    const { promise, resolve } = Promise.withResolvers<string>();
    await channel.consume(
      queue,
      (message) => {
        const said = JSON.parse(String(message?.content)) as { status: string; error?: { dependency?: string; message: string } };
        if (said.status === "Complete") resolve("good");
        if (said.status === "Error") resolve(said.error?.dependency ?? said.error?.message ?? "?");
      },
      { noAck: true },
    );
    const named = { replayObjectPath: replayPath, progressQueue: queue };
    channel.sendToQueue("prod-celery", Buffer.from(JSON.stringify([[], named, {}])), {
      contentType: "application/json",
      headers: { lang: "py", task: "parseReplay", id },
    });
    const timer = setTimeout(() => resolve("no answer"), 10_000);
    const said = await promise;
    clearTimeout(timer);
    return outcome(said);
  } finally {
    await broker.close().catch(() => {});
  }
}

/** An object of the bucket of replays, which every parse reads. */
const replayPath = "replays/stand-in-test.replay";

/** One job on a list of Redis, as those who work without a broker take them. */
async function askJob(prefix: string): Promise<Outcome> {
  const started = performance.now();
  const outcome = (said: string) => ({ said, took: performance.now() - started });
  const id = randomUUID();
  try {
    await redis.command("RPUSH", `${prefix}:jobs`, JSON.stringify({ id }));
    const text = await until("an outcome", () => redis.command("LPOP", `${prefix}:done:${id}`), 6_000);
    const { err } = JSON.parse(String(text)) as JobOutcome;
    return outcome(err === undefined ? "good" : (err.dependency ?? err.message));
  } catch (error) {
    return outcome(error instanceof DependencyError ? error.dependency : "no answer");
  }
}

/** One look at a health path. */
async function askHealth(name: Tested, path: string): Promise<Outcome> {
  const started = performance.now();
  const { status } = await fetch(standIns[name].url(path));
  return { said: status === 200 ? "good" : "postgres", took: performance.now() - started };
}

/** One question straight to a service's queue, by a client of its own. */
async function askPeer(peer: keyof typeof queueOf, pattern: string, data: unknown): Promise<Outcome> {
  const started = performance.now();
  const outcome = (said: string) => ({ said, took: performance.now() - started });
  let close = async () => {};
  try {
    const broker = await connectBroker(brokerUrl(parties.rabbitmq));
    close = broker.close;
    const rpc = await RpcClient.open(broker, [queueOf[peer]]);
    await rpc.ask(peer as Peer, queueOf[peer], pattern, data);
    return outcome("good");
  } catch (error) {
    if (error instanceof RpcFailed) return outcome(error.dependency ?? error.message);
    if (error instanceof RpcTimeout) return outcome("RPC_TIMEOUT");
    if (error instanceof DependencyError) return outcome(error.dependency);
    throw error;
  } finally {
    await close().catch(() => {});
  }
}

/** The question of each pair: one that the stand-in can only answer with that dependency. */
async function ask({ name, on }: Pick<Pair, "name" | "on">): Promise<Outcome> {
  if (name === "core") {
    const questions: Record<string, string> = {
      postgres: 'mutation { createPlayer(name: "a") { id } }',
      redis: `{ cached(key: "${Math.random()}") { hit } }`,
      s3: "{ storage { intact } }",
      rabbitmq: '{ scrim(id: "none") { id } }',
      matchmaking: '{ scrim(id: "none") { id } }',
      submission: '{ submission(id: "none") { id } }',
      notification: 'mutation { notify(userId: "1", message: "a") { id } }',
    };
    return askCore(questions[on] ?? "");
  }
  if (name === "web") {
    const started = performance.now();
    const response = await fetch(standIns.web.url("/auth/login"));
    const state = /data-api="(\w+)"/.exec(await response.text())?.[1] ?? "?";
    return { said: response.status === 200 && state === "reachable" ? "good" : state, took: performance.now() - started };
  }
  if (name === "image-generation-frontend") {
    const started = performance.now();
    const page = await (await fetch(standIns[name].url("/"))).text();
    const state = new RegExp(`data-${on}="(\\w+)"`).exec(page)?.[1] ?? "?";
    return { said: state === "reachable" ? "good" : state, took: performance.now() - started };
  }
  if (name === "discord-bot") {
    if (on === "core") return askPeer(name, "Command", {});
    return askPeer(name, "SendGuildTextMessage", on === "s3" ? { attachment: "none.png" } : {});
  }
  if (name === "image-generation") return askPeer(name, "GenerateImage", { template: "one" });
  if (name === "analytics")
    return askPeer(name, "analytics", { name: "a measurement", tags: { of: "a,b" }, fields: { count: 2 } });
  if (name === "replay-parse") return askParser();
  if (name === "elo") return askJob("main:stand-in:elo");
  if (name === "legacy-worker") return askJob("stand-in:legacy-worker");
  if (name === "legacy-bot") return askJob("stand-in:legacy-bot:Emilio");
  if (name === "grafana") return askHealth(name, "/api/health");
  if (name === "n8n") return askHealth(name, "/healthz");
  if (name === "matchmaking") return askPeer(name, "CreateScrim", { playerId: "1", size: 2 });
  if (name === "submission") return askPeer(name, "SubmitReplays", { scrimId: "1", replay: "bytes" });
  return askPeer("notification", "SendNotification", { userId: "1", message: "a" });
}

const isParty = (on: Declared["on"]): on is PartyName => on in parties;

async function takeAway(on: Declared["on"]): Promise<void> {
  if (isParty(on)) await parties[on].kill();
  else if (on === "influx") await influx.kill();
  else await standIns[processOf[on as keyof typeof processOf] ?? (on as Peer)].kill();
}

/** Which stand-in is a dependency of that name. */
const processOf = { api: "core", core: "core", dgraph: "dgraph-alpha" } as const;

/** The write path of InfluxDB's HTTP API: a token, a bucket that exists, lines that parse. */
class Influx {
  readonly #port: number;
  #server: HttpServer | undefined;
  readonly lines: string[] = [];

  constructor(port: number) {
    this.#port = port;
  }

  get address(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    if (this.#server !== undefined) return;
    this.#server = createHttpServer(async (asked, answer) => {
      const url = new URL(asked.url ?? "/", this.address);
      let body = "";
      for await (const part of asked as AsyncIterable<Buffer>) body += String(part);
      const known = url.searchParams.get("org") === "sprocket" && url.searchParams.get("bucket") === "sprocket_main";
      if (asked.headers.authorization !== `Token ${secrets["influx-token"]}`) answer.writeHead(401).end();
      else if (url.pathname !== "/api/v2/write" || !known) answer.writeHead(404).end();
      else {
        this.lines.push(body);
        answer.writeHead(204).end();
      }
    });
    await new Promise<void>((resolve) => this.#server?.listen(this.#port, "127.0.0.1", resolve));
  }

  async kill(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => (this.#server === undefined ? resolve(0) : this.#server.close(resolve)));
    this.#server = undefined;
  }
}

describe.each([...new Set(pairs.map(({ on }) => on))])("without %s", (on) => {
  const affected = pairs.filter((pair) => pair.on === on);
  let away = false;

  const bringBack = async () => {
    if (away && isParty(on)) await parties[on].start();
    away = false;
    await everythingRuns();
  };

  beforeAll(async () => {
    await everythingRuns();
    away = true;
    await takeAway(on);
  });
  afterAll(bringBack);

  test.each(affected)("$name: $whenAway", async (pair) => {
    const standIn = standIns[pair.name as keyof typeof standIns];
    if (pair.whenAway === "exits-1") {
      expect(await standIn.exitCode(10_000)).toBe(1);
      standIn.start();
      expect(await standIn.exitCode(10_000)).toBe(1);
      return;
    }
    if (pair.whenAway === "waits") {
      const said = on === "redis" ? "jobs unavailable" : "broker unavailable";
      await until(`${pair.name} says what it waits for`, () => standIn.output.includes(said));
      expect(standIn.running).toBe(true);
      return;
    }
    const { said, took } = await ask(pair);
    expect(said).toBe(
      pair.whenAway === "rpc-timeout" ? "RPC_TIMEOUT" : pair.whenAway === "shows-unreachable" ? "unreachable" : on,
    );
    if (pair.whenAway === "rpc-timeout") expect(took).toBeGreaterThan(4_900);
    expect(took).toBeLessThan(pair.whenAway === "rpc-timeout" ? 5_500 : 5_000);
    expect(standIn.running).toBe(true);
    if (pair.whenAway === "exits-1-at-start") {
      await standIn.kill();
      standIn.start();
      expect(await standIn.exitCode(10_000)).toBe(1);
    }
  });

  test.runIf(on !== "api" && on !== "core")("the API still answers what does not need it", async () => {
    expect((await standIns.core.graphql("{ __typename }")).data).toEqual({ __typename: "Query" });
    for (const other of ["postgres", "redis", "s3"] as const) {
      if (other !== on) expect((await ask({ name: "core", on: other })).said, other).toBe("good");
    }
  });

  test("all recover when it is back", async () => {
    await bringBack();
    for (const pair of affected) expect((await ask(pair)).said, pair.name).toBe("good");
  });
});

describe.each(["postgres", "redis", "s3"] as const)("with a silent %s", (on) => {
  beforeAll(() => parties[on].freeze());
  afterAll(async () => {
    await parties[on].thaw();
    await everythingRuns();
  });

  test.each(pairs.filter((pair) => pair.on === on && pair.whenAway !== "waits"))(
    "$name names it in less than 5 s",
    async (pair) => {
      const { said, took } = await ask(pair);
      expect(said).toBe(pair.whenAway === "shows-unreachable" ? "unreachable" : on);
      expect(took).toBeLessThan(5_000);
    },
  );
});

describe("what the platform does together", () => {
  test("a scrim goes from the API over the queue to Redis, and comes back as events", async () => {
    const { data } = await standIns.core.graphql('mutation { createScrim(playerId: "7") { id status players } }');
    const id: string = data.createScrim.id;
    expect(data.createScrim).toEqual({ id, status: "PENDING", players: ["7"] });
    const joined = await standIns.core.graphql(`mutation { joinScrim(id: "${id}", playerId: "8") { status players } }`);
    expect(joined.data.joinScrim).toEqual({ status: "POPPED", players: ["7", "8"] });
    const topics = await until("both events", async () => {
      const answer = await standIns.core.graphql("{ events(last: 50) { topic payload } }");
      const own = (answer.data.events as { topic: string; payload: string }[]).filter(({ payload }) => payload.includes(id));
      return own.length === 2 && own.map(({ topic }) => topic);
    });
    expect(topics).toEqual(["scrim.created", "scrim.updated"]);
    await until("the notification service heard it", () => standIns.notification.output.includes('"topic":"scrim.updated"'));
  });

  test("a subscription tells of a scrim once the event has come", async () => {
    const socket = new WebSocket(standIns.core.url("/graphql").replace("http", "ws"), "graphql-transport-ws");
    const came: { type: string; id?: string; payload?: unknown }[] = [];
    socket.addEventListener("message", ({ data }) => came.push(JSON.parse(String(data))));
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    socket.send(JSON.stringify({ type: "connection_init" }));
    await until("the acknowledgement", () => came.length > 0);
    const query = "subscription { followPendingScrims { id status } }";
    socket.send(JSON.stringify({ type: "subscribe", id: "1", payload: { query } }));
    // One more question over the same socket, answered after the subscription was taken.
    socket.send(JSON.stringify({ type: "subscribe", id: "2", payload: { query: "{ __typename }" } }));
    await until("its answer", () => came.some(({ type, id }) => type === "complete" && id === "2"));
    const { data } = await standIns.core.graphql('mutation { createScrim(playerId: "9") { id } }');
    await until("the event", () => came.some(({ type, id }) => type === "next" && id === "1"));
    expect(came.find(({ type, id }) => type === "next" && id === "1")?.payload).toEqual({
      data: { followPendingScrims: { id: data.createScrim.id, status: "PENDING" } },
    });
    socket.close();
  });

  test("a submission keeps its document in Redis and its replay in S3", async () => {
    const { data } = await standIns.core.graphql(
      'mutation { createSubmission(scrimId: "1", replay: "some bytes") { id bytes } }',
    );
    const read = await standIns.core.graphql(`{ submission(id: "${data.createSubmission.id}") { bytes replay objectPath } }`);
    expect(read.data.submission).toEqual({
      bytes: 10,
      replay: "some bytes",
      objectPath: `replays/${data.createSubmission.id}.replay`,
    });
  });

  test("players are rows of PostgreSQL, and the cache remembers", async () => {
    const { data } = await standIns.core.graphql('mutation { createPlayer(name: "Ada") { id } }');
    const { data: read } = await standIns.core.graphql(
      `{ player(id: "${data.createPlayer.id}") { name } players(last: 1) { id } }`,
    );
    expect(read).toEqual({ player: { name: "Ada" }, players: [{ id: data.createPlayer.id }] });
    const first = await standIns.core.graphql('{ cached(key: "twice") { value hit } }');
    const second = await standIns.core.graphql('{ cached(key: "twice") { value hit } }');
    expect(first.data.cached.hit).toBe(false);
    expect(second.data.cached).toEqual({ value: first.data.cached.value, hit: true });
  });

  test("a replay is read from S3, its result lies in S3 and in Celery's own place, and is measured", async () => {
    const before = influx.lines.length;
    const id = randomUUID();
    expect((await askParser(id)).said).toBe("good");
    const line = new RegExp(`"task":"${id}","outputPath":"(dev/v3/\\w+\\.json)"`);
    const parsed = await until("the parser's line", () => line.exec(standIns["replay-parse"].output)?.[1]);
    const kept = JSON.parse(String(await redis.command("GET", `celery-task-meta-${id}`))) as { status: string; result: unknown };
    expect(kept).toMatchObject({ status: "SUCCESS", result: { outputPath: parsed } });
    await until("the measurement", () => influx.lines.slice(before).some((line) => line.startsWith("parseReplay bytes=")));
  });

  test("a service answers a question that it does not know, and does not lose the next one", async () => {
    expect((await askPeer("matchmaking", "NoSuchPattern", {})).said).toContain("no matching message handler");
    expect((await askPeer("matchmaking", "JoinScrim", { scrimId: "none", playerId: "1" })).said).toContain("No scrim found");
    expect((await askPeer("matchmaking", "CreateScrim", { playerId: "1" })).said).toBe("good");
  });

  test("no log line of any of them holds a secret", () => {
    for (const standIn of Object.values(standIns)) {
      for (const secret of Object.values(secrets)) expect(standIn.output).not.toContain(secret);
    }
  });
});

test("a Redis without the JSON module makes matchmaking fail visibly", async () => {
  const plain = await startPlainRedis();
  const values = { ...valuesFor(parties), "redis.port": plain.port };
  const standIn = await StandInProcess.prepare("matchmaking", { values });
  try {
    await standIns.matchmaking.kill();
    await standIn.ready();
    await until("redis is ready", () => standIn.output.includes("redis ready"));
    expect((await askPeer("matchmaking", "CreateScrim", { playerId: "1" })).said).toBe("redis");
    expect(standIn.output).toMatch(/unknown command.*JSON.SET/i);
  } finally {
    await standIn.dispose();
    await plain.dispose();
    await everythingRuns();
  }
});

test("web does not take the word of an API that it does not trust", async () => {
  const port = (apiOverTls.address() as { port: number }).port;
  for (const environment of [{}, { NODE_TLS_REJECT_UNAUTHORIZED: "0" }]) {
    const web = await StandInProcess.prepare("web", {
      environment,
      config: (text) => text.replace("api.sprocket.test", `localhost:${port}`),
    });
    try {
      await web.ready();
      expect(await (await fetch(web.url("/auth/login"))).text()).toContain('data-api="unreachable"');
    } finally {
      await web.dispose();
    }
  }
});

/** TLS in front of the API, as Traefik is: 502 when the API is not there. */
async function serveOverTls(port: number, key: string, cert: string, upstream: number): Promise<Server> {
  const server = createServer({ key, cert }, (asked, answer) => {
    const { url: path, method, headers } = asked;
    const passed = request({ host: "127.0.0.1", port: upstream, path, method, headers, agent: false }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    passed.on("error", () => answer.writeHead(502).end());
    asked.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return server;
}
