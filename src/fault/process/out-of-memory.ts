import type { Role } from "../../candidate/types.ts";
import { cgroupOf, textOf } from "../cgroup.ts";
import { claim } from "../claim.ts";
import type { FaultKind } from "../fault.ts";
import { memoryLimitOf } from "../memory-limit.ts";
import { taskOf } from "../victim.ts";

/** A role's task gets less memory than it uses, so that the kernel kills it, as it does with one that outgrew its limit. */
interface OutOfMemory {
  kind: "process/out-of-memory";
  role: Role;
}

/**
 * cgroup v2 kills at once when the limit is lowered below the use. v1 refuses that; there the limit is lowered to the use, and one more process in the same cgroup asks for
 * memory until the kernel kills. The task's own processes are made its first choice, so that it is never ours.
 */
const exhaust = `cgroup=$1; version=$2
for pid in $(cat "$cgroup/cgroup.procs"); do echo 800 > "/proc/$pid/oom_score_adj" 2>/dev/null || true; done
if [ "$version" = 2 ]; then
  echo $(( $(cat "$cgroup/memory.current") / 2 )) > "$cgroup/memory.max"
  echo "lowered below its use"; exit 0
fi
least=$(cat "$cgroup/memory.usage_in_bytes")
until echo "$least" > "$cgroup/memory.limit_in_bytes" 2>/dev/null; do
  least=$((least + 262144)); rounds=$((\${rounds:-0} + 1)); [ "$rounds" -lt 200 ] || { echo "the kernel takes no limit near its use" >&2; exit 1; }
done
( exec 9>&-; exec sh -c 'echo $$ > "$1/cgroup.procs"; exec tail /dev/zero' grow "$cgroup" ) >/dev/null 2>&1 &
grower=$!
killed=0
for round in $(seq 500); do
  # The kernel's own count, for as long as the cgroup is there.
  count=$(sed -n 's/^oom_kill //p' "$cgroup/memory.oom_control" 2>/dev/null) || true
  killed=\${count:-$killed}
  { [ -d "/proc/$3" ] && kill -0 "$grower" 2>/dev/null; } || break
  sleep 0.01
done
kill -9 "$grower" 2>/dev/null || true
echo "lowered to $least bytes, and asked for more; the kernel killed $killed"`;

const restore = `[ -d "$1" ] || exit 0
echo "$3" > "$1/$2" 2>/dev/null || [ ! -d "$1" ]
for pid in $(cat "$1/cgroup.procs" 2>/dev/null); do echo "$4" > "/proc/$pid/oom_score_adj" 2>/dev/null || true; done`;

export const outOfMemory: FaultKind<OutOfMemory> = {
  kind: "process/out-of-memory",
  words: ({ role }) => `${role} gets less memory than it uses, so that the kernel kills it`,
  async prepare(replica, { role }) {
    const { service, task } = await taskOf(replica, role);
    const cgroup = await cgroupOf(replica, task.pid, "memory");
    const limit = await memoryLimitOf(replica, cgroup);
    const held = claim(replica, `memory limit of ${cgroup.folder}`);
    const container = replica.node.daemon.getContainer(task.containerId);
    const adjustment = await textOf(replica, `/proc/${task.pid}/oom_score_adj`);
    let kernelKilled = false;
    return {
      name: `out-of-memory/${service}`,
      detail: { service, task: task.task.id, pid: task.pid, cgroup: `v${cgroup.version}`, limit: limit.before },
      undo: [held.undo(restore, cgroup.folder, limit.file, limit.before, adjustment)],
      apply: async () => {
        const did = await held.apply(exhaust, cgroup.folder, cgroup.version, task.pid);
        kernelKilled = /the kernel killed [1-9]/.test(did);
        return { cgroup: `v${cgroup.version}`, did };
      },
      /** By the daemon, which hears of it from the kernel; when it hears of the end first, as on a busy machine, it never says why: then by the kernel's own count. */
      bites: async () => {
        const { State } = await container.inspect();
        return !State.Running && (State.OOMKilled || (kernelKilled && State.ExitCode === 137));
      },
      healed: async () => {
        const now = await limit.now();
        return now === undefined || now === limit.before;
      },
    };
  },
};
