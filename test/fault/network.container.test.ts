import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { redisPassword } from "../../src/candidate/contract/redis.ts";
import type { RedisProbe } from "../../src/engine/agent-protocol.ts";
import { UndoJournal } from "../../src/engine/undo/journal.ts";
import { undo } from "../../src/engine/undo/step.ts";
import { until } from "../../src/engine/until.ts";
import type { PreparedFault } from "../../src/fault/fault.ts";
import { type Fault, kindOf } from "../../src/fault/kinds.ts";
import { ask, type Edge, endsOf, isAnswered } from "../../src/fault/network/edge.ts";
import { type Namespace, victimsOf } from "../../src/fault/network/namespace.ts";
import { closingQuestion, longQuestion } from "../../src/fault/network/question.ts";
import { FaultSession } from "../../src/fault/session.ts";
import type { Sample } from "../../src/history/sample.ts";
import type { Replica } from "../../src/replica/up.ts";
import { type Start, startReplica } from "../replica/a-replica.ts";

// Two services of a real Swarm, a broker and a Redis, and their parties. The broker's task is where the clients of these tests are.
const roles = ["redis", "rabbitmq"];
const edge = { from: "rabbitmq", to: "redis" } as const;
let start: Start;
let replica: Replica;
let near: Namespace;
let far: Namespace;
let folder: string;
let journal: UndoJournal;

beforeAll(async () => {
  start = await startReplica({
    upTo: "layer2",
    change: (candidate) => {
      candidate.services = candidate.services.filter(({ role }) => role !== undefined && roles.includes(role));
    },
  });
  replica = await start.replica;
  [near, far] = (await Promise.all(
    (["rabbitmq", "redis"] as const).map(async (role) => (await victimsOf(replica, role))[0] as Namespace),
  )) as [Namespace, Namespace];
  folder = mkdtempSync(join(tmpdir(), "sprocket-resilience-network-"));
  journal = new UndoJournal(folder);
});
afterAll(async () => {
  await start?.down();
  rmSync(folder, { recursive: true, force: true });
});

/** What a test that fails has not undone itself must not make the others fail. */
const made: PreparedFault[] = [];
afterEach(async () => {
  for (const fault of made.splice(0).toReversed()) await undo(replica.docker, fault.undo);
});

async function prepared(fault: Fault): Promise<PreparedFault> {
  const one = await kindOf(fault).prepare(replica, fault);
  made.push(one);
  return one;
}

/** The Redis client of a service: it looks the name up, logs in and asks. */
async function client(commands: string[][] = [["PING"]]): Promise<Sample<"redis">> {
  const { name } = replica.service("redis").candidate;
  const password = replica.secrets.fill(redisPassword(replica.plan.candidate, replica.service("redis").candidate) as string);
  const probe: RedisProbe = { kind: "redis", host: name, port: 6379, password, commands, timeouts: { totalMs: 1000 } };
  return await replica.nodeAgent.probe({ netnsPid: near.pid }, probe);
}
const tookMs = ({ sent, done }: Sample) => (done - sent) / 1e6;
const answers = (sample: Sample<"redis">) => sample.error === undefined && sample.response?.replies.at(-1) === "PONG";
const bites = (fault: PreparedFault) => until("the fault to bite", { withinMs: 20_000, everyMs: 20 }, fault.bites);
const heals = (fault: PreparedFault) => until("the fault to heal", { withinMs: 10_000, everyMs: 50 }, fault.healed);
/** As the reaper does it: from what is on the disk, and nothing else. */
async function undoFromDisk(): Promise<string[]> {
  const open = new UndoJournal(folder).left().toReversed();
  const failures: string[] = [];
  for (const { id, steps } of open) {
    failures.push(...(await undo(replica.docker, steps)));
    journal.close(id);
  }
  return failures;
}

/** The whole life of a fault; `meets` is what the client must see while it lasts. */
async function lives(fault: Fault, meets: (sample: Sample<"redis">) => boolean): Promise<void> {
  const never = await prepared(fault);
  expect(await never.bites(), "bites before it was applied").toBe(false);
  expect(answers(await client()), "served before").toBe(true);
  expect(await undo(replica.docker, never.undo), "undone though never applied").toEqual([]);
  await expect(never.apply(), "applied after it was undone").rejects.toThrow("undone already");

  const one = await prepared(fault);
  journal.open(one.name, one.undo);
  await one.apply();
  await bites(one);
  const met = await client();
  expect(meets(met), JSON.stringify(met)).toBe(true);
  expect(await one.healed(), "healed while it bites").toBe(false);

  expect(await undoFromDisk()).toEqual([]);
  await heals(one);
  expect(await one.bites(), "bites after its undo").toBe(false);
  const after = await client();
  expect(answers(after), JSON.stringify(after)).toBe(true);
  expect(await undo(replica.docker, one.undo), "undone twice").toEqual([]);
}

describe("on an edge, by Toxiproxy", () => {
  it.each([
    ["redis", { from: "rabbitmq", to: "redis" }],
    ["the broker", { from: "redis", to: "rabbitmq" }],
    ["its management's HTTP", { from: "redis", to: "rabbitmq", port: 15672 }],
    ["postgres", { from: "redis", to: "postgres" }],
    ["s3", { from: "redis", to: "s3" }],
  ] as [string, Edge][])("what a look asks is answered, and its end seen: %s", async (_, edge) => {
    const { near, far } = await endsOf(replica, edge);
    const asked = async (send: string) =>
      await ask(replica, near[0] as Namespace, far, far.addresses[0] as string, { send, withinMs: 1000 });
    const short = await asked(closingQuestion(far.protocol));
    expect(isAnswered(short), JSON.stringify(short)).toBe(true);
    const long = longQuestion(far.protocol);
    const answer = await asked(long.send);
    expect(long.send.length + (answer.response?.bytes ?? 0), answer.error?.message).toBeGreaterThanOrEqual(long.bytes);
  });

  it("nothing differs without a toxic but one reset of what stood, at both its ends", async () => {
    const value = "x".repeat(100_000);
    const before = await client([["ECHO", value]]);
    const kept = {
      kind: "tcp" as const,
      host: replica.service("redis").candidate.name,
      port: 6379,
      readUntilMs: 15_000,
      timeouts: { totalMs: 20_000 },
    };
    const standing = replica.nodeAgent.probe({ netnsPid: near.pid }, kept);
    const sessions = async () => {
      const { stdout } = await replica.node.exec([
        "nsenter",
        "-t",
        String(far.pid),
        "-n",
        "ss",
        "-Htn",
        "state",
        "established",
        "sport = :6379",
      ]);
      return stdout.split("\n").filter((line) => [...near.addresses.values()].some((address) => line.includes(`${address}:`)))
        .length;
    };
    await until("the connection to stand", { withinMs: 5000, everyMs: 20 }, async () => (await sessions()) === 1);

    const fault = await prepared({ kind: "network/latency", ...edge, delayMs: 0 });
    await fault.apply();
    expect(tookMs(await standing)).toBeLessThan(10_000);
    await until("its server to know", { withinMs: 2000, everyMs: 20 }, async () => (await sessions()) === 0);
    const after = await client([["ECHO", value]]);
    const { stdout } = await replica.node.exec(["nsenter", "-t", String(near.pid), "-n", "iptables-save", "-c", "-t", "nat"]);
    // The kernel's own count: it went through the proxy.
    expect(Number(/^\[(\d+):.* REDIRECT /m.exec(stdout)?.[1]), stdout).toBeGreaterThan(0);
    expect(after.response?.replies).toEqual(before.response?.replies);
    expect(after.source?.split(":")[0]).toBe(before.source?.split(":")[0]);
    expect(tookMs(after)).toBeLessThan(tookMs(before) + 50);
  });

  it("latency", async () => {
    await lives({ kind: "network/latency", ...edge, delayMs: 150 }, (sample) => answers(sample) && tookMs(sample) >= 300);
  });

  it("jitter", async () => {
    const fault = await prepared({ kind: "network/latency", ...edge, delayMs: 100, jitterMs: 80 });
    journal.open(fault.name, fault.undo);
    await fault.apply();
    const taken = [];
    for (let n = 0; n < 12; n++) taken.push(((await client()).phases.firstByte ?? 0) / 1e6);
    expect(Math.min(...taken)).toBeGreaterThanOrEqual(20);
    expect(Math.max(...taken) - Math.min(...taken)).toBeGreaterThan(30);
    expect(await undoFromDisk()).toEqual([]);
  });

  it("bandwidth", async () => {
    const value = "x".repeat(20_000);
    const large = () => client([["ECHO", value]]);
    const before = await large();
    await lives({ kind: "network/bandwidth", ...edge, kilobytesPerSecond: 40 }, answers);
    const fault = await prepared({ kind: "network/bandwidth", ...edge, kilobytesPerSecond: 100 });
    journal.open(fault.name, fault.undo);
    await fault.apply();
    const slow = await large();
    // 20 kB there and 20 kB back at 100 kB/s.
    expect(tookMs(slow)).toBeGreaterThanOrEqual(400);
    expect(tookMs(slow)).toBeLessThan(600);
    expect(tookMs(before)).toBeLessThan(200);
    expect(await undoFromDisk()).toEqual([]);
  });

  it("slow close", async () => {
    await lives({ kind: "network/slow-close", ...edge, delayMs: 300 }, answers);
  });

  it("reset", async () => {
    await lives({ kind: "network/reset", ...edge }, ({ error }) => error?.kind === "reset");
  });

  it("black hole that takes connections", async () => {
    const isSilent = ({ error, phases }: Sample<"redis">) => error?.kind === "timeout" && phases.connect !== undefined;
    await lives({ kind: "network/black-hole", ...edge, connections: "accepted" }, isSilent);
  });

  it("two at once on one edge add up, and end one by one", async () => {
    const first = await prepared({ kind: "network/latency", ...edge, delayMs: 100 });
    await first.apply();
    const second = await prepared({ kind: "network/latency", ...edge, delayMs: 150 });
    await second.apply();
    expect((await client()).phases.firstByte).toBeGreaterThanOrEqual(250e6);
    expect(await undo(replica.docker, first.undo)).toEqual([]);
    await heals(first);
    const one = (await client()).phases.firstByte;
    expect(one).toBeGreaterThanOrEqual(150e6);
    expect(one).toBeLessThan(250e6);
    expect(await undo(replica.docker, second.undo)).toEqual([]);
    await heals(second);
    expect(answers(await client())).toBe(true);
  });

  it("a party's edge, by the name that its clients use", async () => {
    const fault = await prepared({ kind: "network/latency", from: "rabbitmq", to: "postgres", delayMs: 120 });
    expect(await fault.bites()).toBe(false);
    await fault.apply();
    await bites(fault);
    expect(await undo(replica.docker, fault.undo)).toEqual([]);
    await heals(fault);
    expect(await fault.bites()).toBe(false);
  });
});

describe("by the packet filter", () => {
  const isCut = ({ error }: Sample<"redis">) => error?.kind === "connect-timeout";

  it("black hole without an answer", async () => {
    await lives({ kind: "network/black-hole", ...edge, connections: "unanswered" }, isCut);
  });

  it("partition", async () => {
    await lives({ kind: "network/partition", between: ["redis"], and: ["rabbitmq", "postgres"] }, isCut);
  });

  it("detach", async () => {
    await lives(
      { kind: "network/detach", role: "redis", network: { sharedWith: "rabbitmq" } },
      ({ error }) => error !== undefined,
    );
  });

  it("loss", async () => {
    await lives({ kind: "network/loss", role: "redis", percent: 30 }, () => true);
    await lives({ kind: "network/loss", role: "rabbitmq", with: "redis", percent: 10 }, () => true);
  });

  it("no answers from name servers", async () => {
    await lives({ kind: "network/dns-failure", role: "rabbitmq", how: "dropped" }, ({ error }) => error?.kind === "dns");
    await lives({ kind: "network/dns-failure", role: "rabbitmq", how: "refused" }, ({ error }) => error?.kind === "dns");
  });
});

describe("wrong names", () => {
  it("in one role's hosts files, which are as before to the byte", async () => {
    const { HostsPath } = await replica.node.daemon.getContainer(near.containerId).inspect();
    const file = async () => (await replica.node.exec(["sha256sum", HostsPath])).stdout;
    const before = await file();
    const leads = { kind: "network/dns-wrong", of: "redis", leadsTo: "postgres", for: "rabbitmq" } as const;
    await lives(leads, ({ error }) => error?.kind === "connect-refused");
    expect(await file()).toBe(before);
  });

  it("for everybody, in the run's name server", async () => {
    await lives({ kind: "network/dns-wrong", of: "postgres", leadsTo: "redis", for: "everybody" }, answers);
  });
});

it("a fault follows the role that it hurts, and is undone where its victim is gone", async () => {
  const { signal } = new AbortController();
  const session = new FaultSession({ replica, history: start.history, observation: "network", journal, signal });
  const held = await session.apply({ kind: "network/latency", from: "redis", to: "rabbitmq", delayMs: 60 } as Fault);
  await replica.nodeAgent.signal(far.pid, "SIGKILL");
  await until("the next task to have it too", { withinMs: 30_000, everyMs: 100 }, held.follow);
  const { near, far: broker } = await endsOf(replica, { from: "redis", to: "rabbitmq" });
  const question = { send: closingQuestion("amqp"), withinMs: 1000 };
  const look = () => ask(replica, near[0] as Namespace, broker, broker.addresses[0] as string, question);
  expect((await look()).phases.firstByte).toBeGreaterThanOrEqual(60e6);
  await held.remove();
  expect((await look()).phases.firstByte).toBeLessThan(60e6);
  expect(journal.left()).toEqual([]);
  const { stdout } = await replica.node.exec(["sh", "-c", "ps -eo comm | grep -c toxiproxy"]);
  expect(stdout.trim()).toBe("0");
});
