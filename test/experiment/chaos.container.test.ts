import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openEngine } from "../../src/engine/provision/open.ts";
import { removeRun } from "../../src/engine/remove-run.ts";
import { UndoJournal } from "../../src/engine/undo/journal.ts";
import { attachSwarm } from "../../src/replica/attach.ts";
import { violations } from "../cli/schemas.ts";
import { type Command, startCommand } from "./gate-process.ts";

// One kept replica serves the file; the tests stand in that order, and each leaves it healthy.
let docker: Dockerode;
let runs: string;
let run: string;

const start = (...args: string[]) => startCommand([...args, "--runs-dir", runs, "--json"]);

async function command(...args: string[]) {
  const started = start(...args);
  const code = await started.ended;
  return { code, ...started, document: started.out === "" ? undefined : JSON.parse(started.out) };
}

const hurtRedis = () => start("chaos", "redis-paused", "--on", run);

/** Redis is frozen now. */
async function frozen(): Promise<boolean> {
  const { swarm } = await attachSwarm(docker, join(runs, run));
  const paused = await swarm.daemon.listContainers({ filters: JSON.stringify({ status: ["paused"] }) });
  return paused.length > 0;
}

async function untilSaid(chaos: Command, words: string): Promise<void> {
  await expect.poll(() => chaos.err, { timeout: 60_000, interval: 50 }).toContain(words);
}

beforeAll(async () => {
  docker = (await openEngine({ provision: "never", onProgress: () => {} })).docker;
  runs = await mkdtemp(join(tmpdir(), "sprocket-resilience-chaos-"));
  const { code, document, err } = await command("up", "--tier", "layer2");
  expect(code, err).toBe(0);
  run = document.run;
});
afterAll(async () => {
  if (run) expect((await removeRun(docker, run)).left).toEqual([]);
  await rm(runs, { recursive: true, force: true });
});

it("hurts a kept replica, tells how it recovered, and leaves nothing to undo", async () => {
  const { code, document, err } = await command("chaos", "redis-paused", "--on", run);
  expect(code, err).toBe(0);
  const recovery = document.checks.find(({ id }: { id: string }) => id === "resilience/redis-paused-recovers");
  expect(recovery).toMatchObject({ verdict: "pass", reason: expect.stringMatching(/served again after (4\.[5-9]|[5-9])/) });
  expect(document.checks.find(({ id }: { id: string }) => id === "run/faults-undone").verdict).toBe("pass");
  expect(new UndoJournal(join(runs, run)).left()).toEqual([]);
  expect(await frozen()).toBe(false);
});

it("a second run on the same replica is refused, and an order to stop undoes everything and is in the verdict", async () => {
  const chaos = hurtRedis();
  await untilSaid(chaos, "effect-seen");
  expect(await frozen()).toBe(true);
  const second = await command("chaos", "redis-paused", "--on", run);
  expect(second).toMatchObject({ code: 3, document: { error: { code: "E_REPLICA_BUSY" } } });
  const stop = await command("chaos", "--stop", "--on", run);
  expect(stop.code).toBe(0);
  expect(violations(stop.out)).toEqual([]);
  expect(await chaos.ended).toBe(2);
  expect(await frozen()).toBe(false);
  const verdict = JSON.parse(chaos.out);
  expect(verdict.checks.find(({ id }: { id: string }) => id === "resilience/redis-paused-recovers")).toMatchObject({
    verdict: "unknown",
    reason: expect.stringContaining("stopped"),
  });
});

it("after kill -9 the reaper undoes what the journal says, and the replica is healthy", async () => {
  const chaos = hurtRedis();
  await untilSaid(chaos, "effect-seen");
  expect(await frozen()).toBe(true);
  chaos.child.kill("SIGKILL");
  await chaos.ended;
  await expect
    .poll(async () => (await frozen()) || new UndoJournal(join(runs, run)).left().length > 0, { timeout: 15_000, interval: 250 })
    .toBe(false);
  const verify = await command("verify", run);
  expect(verify.code, verify.err).toBe(0);
});

it("what an earlier run left makes the next one unknown, until it is undone", async () => {
  const { swarm } = await attachSwarm(docker, join(runs, run));
  const [redis] = await swarm.daemon.listContainers({ filters: JSON.stringify({ name: ["redis-primary"] }) });
  const container = swarm.daemon.getContainer(redis?.Id ?? "");
  // As a fault that nobody undid: the runner and its reaper died with the machine.
  const { Id: node } = await docker.getContainer(`sr-${run}-node1`).inspect();
  new UndoJournal(join(runs, run)).open("pause/by-hand", [
    { do: "exec", container: node, argv: ["docker", "unpause", redis?.Id ?? ""] },
  ]);
  await container.pause();
  const undone = await command("chaos", "--undo", "--on", run);
  expect(undone).toMatchObject({ code: 0, document: { undone: ["pause/by-hand"], failed: [] } });
  expect(violations(undone.out)).toEqual([]);
  expect(await frozen()).toBe(false);
  new UndoJournal(join(runs, run)).open("pause/left", []);
  const refused = await command("chaos", "redis-paused", "--on", run);
  expect(refused.code).toBe(2);
  expect(refused.document.cause).toContain("pause/left");
});
