import { beforeAll, expect, test } from "vitest";
import { undo } from "../../src/engine/undo/step.ts";
import { look } from "../../src/fault/claim.ts";
import { kindOf } from "../../src/fault/kinds.ts";
import type { Machine } from "./a-machine.ts";

/** What a role has too little of. */
export function resourceFaults(given: () => Machine): void {
  let machine: Machine;
  beforeAll(() => {
    machine = given();
  });

  /** Milliseconds that a fixed piece of work takes Redis, the middle of five times: some slices of the scheduler long. One that was not done in time took at least so long. */
  async function work(): Promise<number> {
    const took: number[] = [];
    for (let time = 0; time < 5; time += 1) {
      const began = performance.now();
      const script = "local n = 0; for i = 1, 6000000 do n = n + i end; return 'done'";
      expect([["done"], "timeout"]).toContainEqual(await machine.redis(["EVAL", script, "0"]));
      took.push(performance.now() - began);
    }
    return took.sort((a, b) => a - b)[2] as number;
  }

  test("busy processes on a role's account: the same work takes it longer", async () => {
    const alone = await work();
    await machine.life({ kind: "resource/cpu-hog", processes: 16, cores: 2, role: "redis" }, async () => {
      expect(await work()).toBeGreaterThan(alone * 1.5);
    });
    await machine.healthy();
  });

  test("busy processes beside all tasks: the kernel holds them to what they may have", async () => {
    const account = async (name: string) =>
      (await look(machine.replica, 'cat $(find /sys/fs/cgroup -path "*/sprocket-fault-*" -name "$1")', name)) ?? "";
    await machine.life({ kind: "resource/cpu-hog", processes: 4, cores: 0.5 }, async () => {
      await machine.soon("a period in which they were held back", async () =>
        /nr_throttled [1-9]/.test(await account("cpu.stat")),
      );
    });
    expect(await look(machine.replica, 'find /sys/fs/cgroup -name "sprocket-fault-*"')).toBe("");
  });

  test("squeezed memory: it lives on, and what it wants beyond that ends it", async () => {
    const grow = (mebibytes: number) => machine.redis(["SETRANGE", "big", String(mebibytes * 2 ** 20), "x"]);
    expect(await grow(60)).toEqual([60 * 2 ** 20 + 1]);
    await machine.redis(["DEL", "big"]);
    await machine.life({ kind: "resource/memory-squeeze", role: "redis", percent: 110 }, async (prepared) => {
      expect(await machine.redis(["PING"])).toEqual(["PONG"]);
      expect(await prepared.stale?.()).toBe(false);
      await grow(60);
      await machine.soon("its end", async () => (await prepared.stale?.()) === true);
    });
    await machine.healthy();
    expect(await grow(60)).toEqual([60 * 2 ** 20 + 1]);
  });

  test("no more descriptors: who is connected is served, who comes is not", async () => {
    await machine.life({ kind: "resource/descriptors", role: "redis", spare: 0 }, async () => {
      expect(await machine.redis(["PING"])).toMatch(/timeout|closed|reset/);
    });
    expect(await machine.redis(["PING"])).toEqual(["PONG"]);
  });

  test("a storm of connections: the role's own count of clients shows it", async () => {
    const clients = async () => Number(/connected_clients:(\d+)/.exec(String(await machine.redis(["INFO", "clients"])))?.[1]);
    expect(await clients()).toBeLessThan(10);
    await machine.life(
      { kind: "resource/connection-storm", role: "redis", port: 6379, perSecond: 200, openMs: 1000, from: "rabbitmq" },
      async () => {
        expect(await clients()).toBeGreaterThan(100);
      },
    );
    await machine.soon("the last of them to be gone", async () => (await clients()) < 10);
  });

  test("all sessions of PostgreSQL are taken, and free again afterwards", async () => {
    await machine.life({ kind: "resource/connections-used-up", party: "postgres" }, async (prepared) => {
      expect(JSON.stringify(prepared.detail)).not.toContain(
        machine.replica.secrets.get(machine.replica.plan.candidate.parties.postgres?.passwordSecret ?? ""),
      );
    });
  });

  test("two of them on one limit: the second is refused, and its undo leaves the first in place", async () => {
    const { replica } = machine;
    const fault = { kind: "resource/memory-squeeze", role: "redis", percent: 150 } as const;
    const [first, second] = [await kindOf(fault).prepare(replica, fault), await kindOf(fault).prepare(replica, fault)];
    await first.apply();
    await expect(second.apply()).rejects.toThrow("another fault holds it");
    expect(await undo(replica.docker, second.undo)).toEqual([]);
    expect(await first.healed()).toBe(false);
    expect(await undo(replica.docker, first.undo)).toEqual([]);
    expect(await first.healed()).toBe(true);
  });
}
