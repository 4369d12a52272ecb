import type { Role } from "../../candidate/types.ts";
import type { FaultKind } from "../fault.ts";
import { isReplaced, taskOf } from "../victim.ts";

/** All processes of a role's task are frozen (cgroup freezer): connections stay open and nothing answers. */
interface Pause {
  kind: "process/pause";
  role: Role;
}

export const pause: FaultKind<Pause> = {
  kind: "process/pause",
  words: ({ role }) => `all processes of ${role} are frozen`,
  async prepare(replica, { role }) {
    const { service, task } = await taskOf(replica, role);
    const container = replica.node.daemon.getContainer(task.containerId);
    /** Scheduler's word for the process, by the node's own `/proc`: a frozen one stays in the state D or T, and its time does not move. */
    const frozen = async () => {
      const { code, stdout } = await replica.node.exec([
        "sh",
        "-c",
        // cgroup v1: freezer.state; cgroup v2: cgroup.events has "frozen 1".
        `own=$(awk -F: '$2 == "freezer" || $1 == "0" { print $2 ":" $3 }' /proc/${task.pid}/cgroup | sort -r | head -1); path=\${own#*:}; ` +
          'cat "/sys/fs/cgroup/freezer$path/freezer.state" 2>/dev/null || cat "/sys/fs/cgroup$path/cgroup.events"',
      ]);
      return code === 0 && /FROZEN|frozen 1/.test(stdout);
    };
    return {
      name: `pause/${service}`,
      detail: { service, task: task.task.id, container: task.containerId },
      undo: [
        {
          do: "exec",
          container: replica.node.containerId,
          // One that was replaced meanwhile is gone, and with it the fault.
          argv: [
            "sh",
            "-c",
            'docker inspect "$0" >/dev/null 2>&1 || exit 0; docker unpause "$0" 2>&1 || ! docker inspect -f "{{.State.Paused}}" "$0" | grep -q true',
            task.containerId,
          ],
        },
      ],
      apply: async () => {
        await container.pause();
      },
      bites: frozen,
      healed: async () => !(await frozen()),
      stale: () => isReplaced(replica, service, task),
    };
  },
};
