import type { Role } from "../../candidate/types.ts";
import { cgroupOf } from "../cgroup.ts";
import { claim, look } from "../claim.ts";
import type { FaultKind } from "../fault.ts";
import { isReplaced, taskOf } from "../victim.ts";

/** Every process of a role's task gets SIGSTOP, as a debugger or an operator's hand does it: the kernel accepts connections for it, and nothing answers. */
interface Stop {
  kind: "process/stop";
  role: Role;
}

/** Again and again, since one that is stopped last may have begun another. */
const stopAll = `for round in 1 2 3; do
  for pid in $(cat "$1/cgroup.procs"); do kill -STOP "$pid" 2>/dev/null || true; done
done`;
const goOn = `for pid in $(cat "$1/cgroup.procs" 2>/dev/null); do kill -CONT "$pid" 2>/dev/null || true; done`;
const states = `for pid in $(cat "$1/cgroup.procs" 2>/dev/null); do sed -n "s/^State:[[:space:]]*//p" "/proc/$pid/status" 2>/dev/null || true; done`;

export const stop: FaultKind<Stop> = {
  kind: "process/stop",
  words: ({ role }) => `every process of ${role} is stopped (SIGSTOP)`,
  async prepare(replica, { role }) {
    const { service, task } = await taskOf(replica, role);
    const { folder } = await cgroupOf(replica, task.pid, "memory");
    const held = claim(replica, `signals of ${folder}`);
    /** The scheduler's letter for each process. */
    const letters = async () => ((await look(replica, states, folder)) ?? "").split("\n").flatMap((line) => line[0] ?? []);
    return {
      name: `stop/${service}`,
      detail: { service, task: task.task.id, container: task.containerId },
      undo: [held.undo(goOn, folder)],
      apply: () => held.apply(stopAll, folder),
      bites: async () => {
        const seen = await letters();
        return seen.length > 0 && seen.every((letter) => letter === "T");
      },
      // One whose container is gone has no process that could be stopped.
      healed: async () => !(await letters()).includes("T"),
      stale: () => isReplaced(replica, service, task),
    };
  },
};
