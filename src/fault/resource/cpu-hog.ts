import type { Role } from "../../candidate/types.ts";
import { background } from "../background.ts";
import { cgroupOf } from "../cgroup.ts";
import { look } from "../claim.ts";
import type { FaultKind } from "../fault.ts";
import { isReplaced, taskOf } from "../victim.ts";

/** Busy processes on the node: beside all of its tasks and bounded together, or as a role's own, so that they share what that role may have. */
interface CpuHog {
  kind: "resource/cpu-hog";
  /** How many, 1 to 64. */
  processes: number;
  /** Most time that they get together, in processors: 0.5 is half of one. Not for those inside a role, whose own limit counts. */
  cores: number;
  /** Whose account they are on; the node's when absent. */
  role?: Role;
}

const spin = `n=0; while [ "$n" -lt "$1" ]; do ( while :; do :; done ) & n=$((n + 1)); done`;

/** In a cgroup of their own below the node's, that of the node's own processes in cgroup v2 being a leaf. */
const beside = `own=$(awk -F: '$2 ~ /(^|,)cpu(,|$)/ { print "/sys/fs/cgroup/" $2 $3; found = 1; exit } END { exit !found }' /proc/self/cgroup) && version=1 ||
  { own=$(awk -F: '$1 == 0 { print "/sys/fs/cgroup" $3 }' /proc/self/cgroup); own=\${own%/node}; version=2; }
group="$own/sprocket-fault-$3"; mkdir -p "$group"
if [ "$version" = 1 ]; then echo 100000 > "$group/cpu.cfs_period_us"; echo "$2" > "$group/cpu.cfs_quota_us"
else echo "$2 100000" > "$group/cpu.max"; fi
echo $$ > "$group/cgroup.procs" || exit 1
${spin}
wait`;

/** They end with the task: what is left in its cgroup would keep the engine from removing it. */
const inside = `echo $$ > "$2/cgroup.procs" || exit 1
${spin}
while kill -0 "$3" 2>/dev/null; do sleep 0.1; done
kill -9 $(jobs -p)`;

/** Of cgroup v1 in a hierarchy of the controller, of v2 in the only one. */
const removeGroup = `for group in $(find /sys/fs/cgroup -type d -name "sprocket-fault-$2" 2>/dev/null); do rmdir "$group"; done`;

export const cpuHog: FaultKind<CpuHog> = {
  kind: "resource/cpu-hog",
  words: ({ processes, cores, role }) =>
    role
      ? `${processes} busy processes on the account of ${role}`
      : `${processes} busy processes on the node, with the time of ${cores} processors at most`,
  async prepare(replica, { processes, cores, role }) {
    if (!(processes >= 1 && processes <= 64 && cores > 0)) throw new Error(`${processes} processes on ${cores} processors`);
    const victim = role === undefined ? undefined : await taskOf(replica, role);
    const cgroup = victim && (await cgroupOf(replica, victim.task.pid, "cpu"));
    const hog = background(replica, removeGroup);
    let last: { at: number; ticks: number } | undefined;
    /** Time that they got, by the node's process table, in hundredths of a second. */
    const ticks = async () => {
      const pids = await hog.running();
      if (pids.length === 0) return 0;
      const script = `for pid in "$@"; do sed "s/.*) //" "/proc/$pid/stat" 2>/dev/null || true; done | awk '{ n += $12 + $13 } END { print n + 0 }'`;
      return Number(await look(replica, script, ...pids));
    };
    return {
      name: `cpu-hog/${victim?.service ?? "node"}`,
      detail: { processes, cores, ...(victim && cgroup ? { task: victim.task.task.id, cgroup: `v${cgroup.version}` } : {}) },
      undo: [hog.undo],
      apply: async () => {
        if (victim && cgroup) hog.start(inside, { args: [processes, cgroup.folder, victim.task.pid] });
        else hog.start(beside, { args: [processes, Math.round(cores * 100_000), hog.id] });
      },
      // They must get time, and go on getting it: a tenth of a processor at least, whoever else wants some.
      bites: async () => {
        const now = { at: performance.now(), ticks: await ticks() };
        if (last && now.at - last.at < 500) return false;
        const share = last && ((now.ticks - last.ticks) * 10) / (now.at - last.at);
        last = now;
        return share !== undefined && share >= 0.1 * Math.min(1, cores, processes);
      },
      healed: async () => (await hog.left()).length === 0,
      ...(victim ? { stale: () => isReplaced(replica, victim.service, victim.task) } : {}),
    };
  },
};
