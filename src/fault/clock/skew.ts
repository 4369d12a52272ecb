import type { Role } from "../../candidate/types.ts";
import type { Replica } from "../../replica/up.ts";
import { changeOf, serviceNow, tasksNow } from "../deployment/change.ts";
import type { FaultKind } from "../fault.ts";
import { taskOf } from "../victim.ts";

/**
 * A service's processes read a clock that is wrong, by a library (libfaketime) before the C library's own functions. A process that runs cannot be given one, so the
 * service is updated, and its task replaced, when the fault begins and when it ends. Clocks that only count (timeouts, intervals) stay right.
 */
interface Skew {
  kind: "clock/skew";
  role: Role;
  /** Below zero: the clock is slow. */
  aheadSeconds: number;
}

/** Where the library is in the container. */
const target = "/usr/local/lib/sprocket-faketime.so";

interface ContainerSpec {
  Env?: string[];
  Mounts?: object[];
  User?: string;
}

export const skew: FaultKind<Skew> = {
  kind: "clock/skew",
  words: ({ role, aheadSeconds }) =>
    `${role}'s clock is ${Math.abs(aheadSeconds)} s ${aheadSeconds < 0 ? "slow" : "fast"} (its task is replaced for it)`,
  async prepare(replica, { role, aheadSeconds }) {
    const { service, task } = await taskOf(replica, role);
    const why = await whyNot(replica, task.pid);
    if (why) throw new Error(`not possible: ${role} ${why}`);
    const source = await libraryOf(replica);
    const spec = ((await serviceNow(replica, service)).Spec.TaskTemplate as { ContainerSpec: ContainerSpec }).ContainerSpec;
    if (spec.Env?.some((one) => one.startsWith("LD_PRELOAD=")))
      throw new Error(`not possible: ${role} has a library of its own before the C library`);
    const user = await userOf(replica, task.pid);
    const known = new Set((await tasksNow(replica, service)).map(({ ID }) => ID));
    return await changeOf(
      replica,
      service,
      {
        TaskTemplate: {
          ContainerSpec: {
            Env: [
              ...(spec.Env ?? []),
              `LD_PRELOAD=${target}`,
              `FAKETIME=${aheadSeconds < 0 ? "" : "+"}${aheadSeconds}`,
              "FAKETIME_DONT_FAKE_MONOTONIC=1",
            ],
            // An entry point that gives up root could not open what the library made as root: it starts as whom it becomes.
            ...(spec.User || user === "0:0" ? {} : { User: user }),
            Mounts: [...(spec.Mounts ?? []), { Type: "bind", Source: source, Target: target, ReadOnly: true }],
          },
        },
      },
      {
        name: `clock-skew/${service}`,
        detail: { aheadSeconds },
        // The first process of the new task has the library, and a program beside it reads the wrong time.
        bites: async () => {
          const running = (await tasksNow(replica, service)).find(
            ({ ID, Status }) => !known.has(ID) && Status.State === "running" && Status.ContainerStatus?.PID,
          );
          const { PID: pid, ContainerID: container } = running?.Status.ContainerStatus ?? {};
          if (!pid || !container) return false;
          const script = 'grep -qF "$2" "/proc/$0/maps" && date +%s && docker exec "$1" date +%s';
          const { code, stdout } = await replica.node.exec(["sh", "-c", script, String(pid), container, target]);
          const [own = 0, its = 0] = stdout.trim().split("\n").map(Number);
          return code === 0 && Math.abs(its - own - aheadSeconds) <= Math.max(2, Math.abs(aheadSeconds) * 0.05);
        },
      },
    );
  },
};

/** Why a process's clock cannot be set wrong; undefined when it can. */
async function whyNot(replica: Replica, pid: number): Promise<string | undefined> {
  const script = [
    'maps="/proc/$0/maps"; [ -r "$maps" ] || exit 3',
    'grep -q "ld-musl" "$maps" && { echo "runs on musl, which takes no library for glibc"; exit 0; }',
    'grep -q "/libc\\.so\\.6" "$maps" || { echo "reads the clock without the C library: it is linked statically"; exit 0; }',
    'grep -qs "/libjemalloc" "$maps" || grep -aqs "jemalloc" "/proc/$0/exe" && { echo "has an allocator (jemalloc) that asks the clock before the library is ready, and hangs"; exit 0; }',
    'grep -aq "Go buildinf:" "/proc/$0/exe" && echo "reads the clock without the C library: it is a Go program"',
    "exit 0",
  ].join("\n");
  const { code, stdout } = await replica.node.exec(["sh", "-c", script, String(pid)]);
  if (code !== 0) return "has no process that could be looked at";
  return stdout.trim() || undefined;
}

async function libraryOf(replica: Replica): Promise<string> {
  const { stdout } = await replica.node.exec(["sh", "-c", "ls /usr/lib/*/faketime/libfaketimeMT.so.1"]);
  const path = stdout.trim().split("\n")[0];
  if (!path) throw new Error("not possible: the node has no libfaketime");
  return path;
}

/** "999:999": whom a process runs as, in the numbers of its container. */
async function userOf(replica: Replica, pid: number): Promise<string> {
  const { stdout } = await replica.node.exec(["stat", "-c", "%u:%g", `/proc/${pid}`]);
  return stdout.trim() || "0:0";
}
