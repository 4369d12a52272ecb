import { beforeAll, expect, test } from "vitest";
import { serviceNow } from "../../src/fault/deployment/change.ts";
import { kindOf } from "../../src/fault/kinds.ts";
import type { Machine } from "./a-machine.ts";

/** Ways in which a process ends or does not go on. */
export function processFaults(given: () => Machine): void {
  let machine: Machine;
  beforeAll(() => {
    machine = given();
  });

  const runningTask = async () => (await machine.replica.swarm.running(machine.replica.service("redis").candidate.name))?.task.id;

  test("stopped: connections are taken and nobody answers, until it goes on as the same task", async () => {
    const task = await runningTask();
    await machine.life({ kind: "process/stop", role: "redis" }, async () => {
      expect(await machine.redis(["PING"])).toBe("timeout");
    });
    expect(await machine.redis(["PING"])).toEqual(["PONG"]);
    expect(await runningTask()).toBe(task);
  });

  test("restarted: Swarm ends the task and starts another by itself", async () => {
    const task = await runningTask();
    const fault = { kind: "process/restart", role: "redis" } as const;
    const prepared = await kindOf(fault).prepare(machine.replica, fault);
    expect(prepared.undo).toEqual([]);
    expect(await prepared.bites()).toBe(false);
    await prepared.apply();
    await machine.soon("its end", () => prepared.bites());
    await machine.healthy();
    expect(await runningTask()).not.toBe(task);
  });

  test("crash loop: no task lives until it is undone", async () => {
    await machine.life({ kind: "process/crash-loop", role: "redis" }, async () => {
      const seen = new Set<unknown>();
      await machine.soon("a third one", async () => {
        seen.add(await machine.redis(["PING"]));
        const { name } = machine.replica.service("redis").candidate;
        return (await machine.replica.swarm.tasks(name)).filter(({ exitCode }) => exitCode === 137).length >= 3;
      });
      expect([...seen]).toContainEqual(expect.stringMatching(/dns|connect|unreachable|closed|reset|timeout/));
    });
    await machine.healthy();
  });

  test("exit at start: no task gets further, and the spec comes back exactly", async () => {
    const { swarm } = machine.replica;
    const { name } = machine.replica.service("redis").candidate;
    const before = await serviceNow(machine.replica, name);
    await machine.life({ kind: "process/exit-at-start", role: "redis", exitCode: 3 }, async () => {
      expect(await machine.redis(["PING"])).toMatch(/dns|connect|unreachable/);
      expect((await swarm.tasks(name)).map(({ exitCode }) => exitCode)).toContain(3);
    });
    expect((await serviceNow(machine.replica, name)).Spec).toEqual(before.Spec);
    await machine.healthy();
  });

  test("out of memory: the kernel kills it, its limit is what it was, and nobody else is hurt", async () => {
    const { replica } = machine;
    const task = await runningTask();
    const fault = { kind: "process/out-of-memory", role: "redis" } as const;
    const prepared = await kindOf(fault).prepare(replica, fault);
    expect(await prepared.bites()).toBe(false);
    const broker = (await replica.swarm.running(replica.service("rabbitmq").candidate.name))?.task.id;
    expect(await prepared.apply()).toMatchObject({ cgroup: expect.stringMatching(/^v[12]$/) });
    await machine.soon("its end", () => prepared.bites());
    await machine.healthy();
    expect(await runningTask()).not.toBe(task);
    expect((await replica.swarm.running(replica.service("rabbitmq").candidate.name))?.task.id).toBe(broker);
    expect(await prepared.healed()).toBe(true);
  });
}
