import type { Role } from "../../candidate/types.ts";
import { cgroupOf } from "../cgroup.ts";
import { claim, look } from "../claim.ts";
import type { FaultKind } from "../fault.ts";
import { isReplaced, taskOf } from "../victim.ts";

/** The processes of a role's task get no more file descriptors than they have: no new file, no new connection. */
interface Descriptors {
  kind: "resource/descriptors";
  role: Role;
  /** How many more each may have. */
  spare: number;
}

/**
 * The kernel gives the lowest free number, and none from the limit on. Only the soft limit is lowered, which can be raised again without rights that a node does not have;
 * another's limit may be set by its own user, so that user does it.
 */
const lower = `spare=$1; shift
for one in "$@"; do
  set -- $(echo "$one" | tr , " ")
  free=0; while [ -e "/proc/$1/fd/$free" ] || [ -L "/proc/$1/fd/$free" ]; do free=$((free + 1)); done
  limit=$((free + spare)); [ "$limit" -le "$3" ] || limit=$3
  setpriv --reuid "$5" --regid "$6" --clear-groups prlimit --pid "$1" --nofile="$limit:$4"; printf "%s:%s " "$1" "$limit"
done`;

/** A process that is not the one of then is left alone. */
const raise = `for one in "$@"; do
  set -- $(echo "$one" | tr , " ")
  [ "$(sed "s/.*) //" "/proc/$1/stat" 2>/dev/null | cut -d" " -f20)" = "$2" ] || continue
  setpriv --reuid "$5" --regid "$6" --clear-groups prlimit --pid "$1" --nofile="$3:$4" || [ ! -e "/proc/$1" ]
done`;

/** pid, start time, soft and hard limit, user, group and open descriptors of each process, separated by commas. */
const each = `for pid in $(cat "$1/cgroup.procs" 2>/dev/null); do
  started=$(sed "s/.*) //" "/proc/$pid/stat" 2>/dev/null | cut -d" " -f20); [ -n "$started" ] || continue
  limits=$(awk '/^Max open files/ { print $4 "," $5 }' "/proc/$pid/limits"); ids=$(awk '/^Uid:/ { u = $2 } /^Gid:/ { g = $2 } END { print u "," g }' "/proc/$pid/status")
  free=0; while [ -L "/proc/$pid/fd/$free" ]; do free=$((free + 1)); done
  echo "$pid,$started,$limits,$ids,$free"
done`;

/** Of a process, as `each` prints it. */
interface Limits {
  pid: number;
  started: string;
  soft: number;
  hard: number;
  /** The number that the kernel would give next. */
  next: number;
  /** What the scripts are told of it. */
  word: string;
}

/** Reads what `each` prints. */
export function limitsFrom(text: string): Limits[] {
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [pid = "", started = "", soft, hard, uid, gid, next] = line.split(",");
      return {
        pid: Number(pid),
        started,
        soft: Number(soft),
        hard: Number(hard),
        next: Number(next),
        word: [pid, started, soft, hard, uid, gid].join(),
      };
    });
}

export const descriptors: FaultKind<Descriptors> = {
  kind: "resource/descriptors",
  words: ({ role, spare }) => `${role} gets no more than ${spare} file descriptors beside those that it has`,
  async prepare(replica, { role, spare }) {
    const { service, task } = await taskOf(replica, role);
    const { folder } = await cgroupOf(replica, task.pid, "memory");
    const now = async () => limitsFrom((await look(replica, each, folder)) ?? "");
    const before = await now();
    const held = claim(replica, `descriptors of ${folder}`);
    const words = before.map(({ word }) => word);
    /** Those of then that are still there. */
    const same = async () =>
      (await now()).flatMap((one) => {
        const old = before.find(({ pid, started }) => pid === one.pid && started === one.started);
        return old ? [{ old, one }] : [];
      });
    return {
      name: `descriptors/${service}`,
      detail: { service, task: task.task.id, processes: before.length, limits: before.map(({ pid, soft }) => `${pid}:${soft}`) },
      undo: [held.undo(raise, ...words)],
      apply: async () => ({ limits: await held.apply(lower, spare, ...words) }),
      // The number that each would get next is beyond what it may have, but for the spare ones.
      bites: async () => {
        const seen = await same();
        return seen.length > 0 && seen.every(({ old, one }) => one.soft < old.soft && one.next + spare >= one.soft);
      },
      healed: async () => (await same()).every(({ old, one }) => one.soft === old.soft),
      stale: () => isReplaced(replica, service, task),
    };
  },
};
