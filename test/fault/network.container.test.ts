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
import { type Namespace, victimsOf } from "../../src/fault/network/namespace.ts";
import type { Sample } from "../../src/history/sample.ts";
import type { Replica } from "../../src/replica/up.ts";
import { type Start, startReplica } from "../replica/a-replica.ts";

// Two services of a real Swarm, a broker and a Redis, and two parties. The broker's task is where the clients of these tests are.
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
      delete candidate.parties.s3;
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
  it("nothing differs without a toxic but one reset, and what stood goes on through it", async () => {
    const value = "x".repeat(100_000);
    const before = await client([["ECHO", value]]);
    const fault = await prepared({ kind: "network/latency", ...edge, delayMs: 0 });
    journal.open(fault.name, fault.undo);
    await fault.apply();
    const after = await client([["ECHO", value]]);
    expect(after.response?.replies).toEqual(before.response?.replies);
    expect(after.source?.split(":")[0]).toBe(before.source?.split(":")[0]);
    expect(tookMs(after)).toBeLessThan(tookMs(before) + 50);
    expect(await undoFromDisk()).toEqual([]);
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

it("a fault whose victim is gone is undone", async () => {
  const fault = await prepared({ kind: "network/latency", from: "redis", to: "postgres", delayMs: 50 });
  await fault.apply();
  await replica.nodeAgent.signal(far.pid, "SIGKILL");
  await until("the next task", { withinMs: 20_000, everyMs: 50 }, async () => (await fault.stale?.()) === true);
  expect(await undo(replica.docker, fault.undo)).toEqual([]);
  await heals(fault);
  const { stdout } = await replica.node.exec(["sh", "-c", "ps -eo comm | grep -c toxiproxy"]);
  expect(stdout.trim()).toBe("0");
});
