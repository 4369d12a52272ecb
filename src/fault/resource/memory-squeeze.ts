import type { Role } from "../../candidate/types.ts";
import { cgroupOf, textOf } from "../cgroup.ts";
import { claim } from "../claim.ts";
import type { FaultKind } from "../fault.ts";
import { memoryLimitOf } from "../memory-limit.ts";
import { isReplaced, taskOf } from "../victim.ts";

/** A role's task may have only so much of the memory that it uses now. It is not killed at once: what it can give back it must give back, and what it wants beyond that kills it. */
interface MemorySqueeze {
  kind: "resource/memory-squeeze";
  role: Role;
  /** Of what it uses without the page cache that the kernel can drop; above 100 leaves room to grow. */
  percent: number;
}

/**
 * cgroup v2 has a limit that slows down and takes back (memory.high). v1 has only the one that kills, which it does not take when it cannot make room for it: then it is raised
 * step by step to the least that it takes.
 */
const squeeze = `cgroup=$1; file=$2; percent=$3
current="$cgroup/memory.usage_in_bytes"; [ -e "$current" ] || current="$cgroup/memory.current"
cache=$(awk '$1 == "total_inactive_file" || $1 == "inactive_file" { n = $2 } END { print n + 0 }' "$cgroup/memory.stat")
used=$(( $(cat "$current") - cache )); least=$(( used * percent / 100 )); rounds=0
until echo "$least" > "$cgroup/$file" 2>/dev/null; do
  least=$(( least + used / 50 + 4096 )); rounds=$((rounds + 1)); [ "$rounds" -lt 60 ] || { echo "the kernel takes no limit near its use" >&2; exit 1; }
done
echo "$used used, limit $(cat "$cgroup/$file")"`;

const restore = `[ -d "$1" ] || exit 0; echo "$3" > "$1/$2" 2>/dev/null || [ ! -d "$1" ]`;

export const memorySqueeze: FaultKind<MemorySqueeze> = {
  kind: "resource/memory-squeeze",
  words: ({ role, percent }) => `${role} may have ${percent} % of the memory that it uses`,
  async prepare(replica, { role, percent }) {
    const { service, task } = await taskOf(replica, role);
    const cgroup = await cgroupOf(replica, task.pid, "memory");
    const limit = await memoryLimitOf(replica, cgroup, true);
    const held = claim(replica, `memory limit of ${cgroup.folder}`);
    return {
      name: `memory-squeeze/${service}/${percent}`,
      detail: { service, task: task.task.id, cgroup: `v${cgroup.version}`, file: limit.file, before: limit.before },
      undo: [held.undo(restore, cgroup.folder, limit.file, limit.before)],
      apply: async () => ({ did: await held.apply(squeeze, cgroup.folder, limit.file, percent) }),
      /** By what the kernel says of the limit and of the use, read by the agent: it is in force when little or nothing is left. */
      bites: async () => {
        const now = await limit.now();
        if (now === undefined || now === limit.before || now === "max") return false;
        const used = await textOf(
          replica,
          `${cgroup.folder}/${cgroup.version === 1 ? "memory.usage_in_bytes" : "memory.current"}`,
        );
        return Number(used) >= (Number(now) * 0.95 * 100) / Math.max(100, percent);
      },
      healed: async () => {
        const now = await limit.now();
        return now === undefined || now === limit.before;
      },
      stale: () => isReplaced(replica, service, task),
    };
  },
};
