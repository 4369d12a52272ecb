import { beforeAll, expect, test } from "vitest";
import type { Role } from "../../src/candidate/types.ts";
import type { AmqpAction } from "../../src/engine/agent-protocol.ts";
import { undo } from "../../src/engine/undo/step.ts";
import { look } from "../../src/fault/claim.ts";
import { type Fault, kindOf } from "../../src/fault/kinds.ts";
import type { Machine } from "./a-machine.ts";

/** What the disk does to who keeps data on it; the node has one of its own. */
export function storageFaults(given: () => Machine): void {
  let machine: Machine;
  beforeAll(() => {
    machine = given();
  });

  /** Redis writes its snapshot where its data are. */
  const save = async () => await machine.redis(["SET", "kept", "yes"], ["SAVE"], ["GET", "kept"]);
  const saved = ["OK", "OK", "yes"];
  const crash = async (role: Role = "redis") => {
    const fault = { kind: "process/kill", role, signal: "SIGKILL" } as const;
    const kill = await kindOf(fault).prepare(machine.replica, fault);
    await kill.apply();
    await machine.soon("its end", () => kill.bites());
  };

  test("read-only: what is there is served, and nothing new is written, by its successor neither", async () => {
    expect(await save()).toEqual(saved);
    await machine.life({ kind: "storage/read-only", role: "redis" }, async () => {
      expect(await save()).toEqual(["OK", { error: expect.stringMatching(/ERR/) }, "yes"]);
      await crash();
      await machine.healthy();
      expect(await save()).toEqual(["OK", { error: expect.stringMatching(/ERR/) }, "yes"]);
    });
    expect(await save()).toEqual(saved);
  });

  test("read-only under a broker that has files open for writing: it goes on with these, and cannot start again", async () => {
    const queue: AmqpAction = { do: "declareQueue", name: "any", durable: true };
    const opens = async () => /"do":"declareQueue"/.test(JSON.stringify(await machine.broker(queue)));
    await machine.life({ kind: "storage/read-only", role: "rabbitmq" }, async () => {
      expect(await opens()).toBe(true);
      await crash("rabbitmq");
      const { name } = machine.replica.service("rabbitmq").candidate;
      const words = async () => (await machine.replica.swarm.lastLog(name, 200)).join("\n");
      await machine.soon("its own words of it", async () => /read-only file system|erofs/i.test(await words()), 60_000);
      expect(await opens()).toBe(false);
    });
    const closed = await look(machine.replica, "grep -E ' ro,[^ ]* .*sprocket-data-disk' /proc/self/mountinfo || true");
    expect(closed, "what the engine mounted meanwhile").toBe("");
    await machine.soon("the broker's own recovery", opens);
  });

  test("volume gone: a crash meanwhile loses all, and what the system did not make anew comes back", async () => {
    expect(await save()).toEqual(saved);
    await machine.life({ kind: "storage/volume-gone", role: "redis" }, async () => {
      await crash();
      await machine.healthy();
      expect(await machine.redis(["GET", "kept"])).toEqual([null]);
    });
    await crash();
    await machine.healthy();
    expect(await machine.redis(["GET", "kept"])).toEqual(["yes"]);
  });

  test("volume gone: what the system made anew stays", async () => {
    expect(await save()).toEqual(saved);
    await machine.life({ kind: "storage/volume-gone", role: "redis" }, async () => {
      expect(await machine.redis(["SET", "kept", "newer"], ["SAVE"])).toEqual(["OK", "OK"]);
    });
    await crash();
    await machine.healthy();
    expect(await machine.redis(["GET", "kept"])).toEqual(["newer"]);
  });

  test("a truncated file: its reader fails, and it comes back to the bit with owner and mode", async () => {
    expect(await save()).toEqual(saved);
    const state = async () => {
      const { Mounts } = await machine.replica.node.daemon
        .getContainer((await machine.replica.swarm.running(machine.replica.service("redis").candidate.name))?.containerId ?? "")
        .inspect();
      const file = `${Mounts.find(({ Destination }) => Destination === "/data")?.Source}/dump.rdb`;
      return await look(machine.replica, 'sha256sum "$1"; stat -c "%u:%g %a %s %Y" "$1"', file);
    };
    const before = await state();
    expect(before).toContain("dump.rdb");
    const name = machine.replica.service("redis").candidate.name;
    await machine.life({ kind: "storage/file-truncated", role: "redis", path: "/data/dump.rdb", keepBytes: 12 }, async () => {
      await crash();
      await machine.soon("a start that fails", async () =>
        (await machine.replica.swarm.tasks(name)).some(({ exitCode }) => exitCode === 1),
      );
    });
    await machine.healthy();
    expect(await state()).toBe(before);
    expect(await machine.redis(["GET", "kept"])).toEqual(["yes"]);
  });

  test("a folder that belongs to another: its owner of before cannot write there", async () => {
    await machine.life(
      { kind: "storage/file-owner", role: "redis", path: "/data", uid: 12345, gid: 12345, mode: 0o700 },
      async () => {
        expect(await save()).toEqual(["OK", { error: expect.stringMatching(/ERR/) }, "yes"]);
      },
    );
    expect(await save()).toEqual(saved);
  });

  test("what is named must be there, and inside", async () => {
    const prepare = (path: string) =>
      kindOf({ kind: "storage/file-truncated" }).prepare(machine.replica, {
        kind: "storage/file-truncated",
        role: "redis",
        path,
        keepBytes: 0,
      } as Fault);
    await expect(prepare("/etc/passwd")).rejects.toThrow("is in no data mount");
    await expect(prepare("/data/../etc/passwd")).rejects.toThrow("is in no data mount");
    await expect(prepare("/data/nobody.rdb")).rejects.toThrow("has no file");
    const task = await machine.replica.swarm.running(machine.replica.service("redis").candidate.name);
    await look(machine.replica, 'ln -s /etc/passwd "/proc/$1/root/data/leads-out"', task?.pid ?? 0);
    await expect(prepare("/data/leads-out")).rejects.toThrow("leads out of its data mount");
    await look(machine.replica, 'rm "/proc/$1/root/data/leads-out"', task?.pid ?? 0);
  });

  test("a full data disk: the broker's alarm stops publishers and nobody else; freed, they go on", async () => {
    const queue = "while-full";
    const publish = async () =>
      JSON.stringify(
        await machine.broker({ do: "publish", queue, bodies: ["x"], persistent: true, confirm: true, timeoutMs: 1000 }),
      );
    await machine.broker({ do: "declareQueue", name: queue, durable: true });
    expect(await publish()).toMatch(/"acked":\d/);
    const { docker } = machine.replica;
    const ninety = { kind: "storage/disk-full", percent: 90 } as const;
    await machine.life(ninety, async () => {
      expect(await publish(), "90 % leave the broker what it wants").toMatch(/"acked":\d/);
    });
    await machine.life({ kind: "storage/disk-full", percent: 100 }, async () => {
      await machine.soon("the alarm", async () => !/"acked":\d/.test(await publish()));
      expect(await save(), "what does not lie on that disk").toEqual(saved);
      // A second one in its middle ends without the first.
      const second = await kindOf(ninety).prepare(machine.replica, ninety);
      await expect(second.apply()).rejects.toThrow(/used already/);
      expect(await undo(docker, second.undo)).toEqual([]);
    });
    await machine.soon("publishers to go on", async () => /"acked":\d/.test(await publish()));
  });
}
