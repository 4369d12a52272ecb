import type { Role } from "../../candidate/types.ts";
import type { FaultKind } from "../fault.ts";
import { taskOf } from "../victim.ts";

/** The first process of a role's task gets a deadly signal, as a crash (KILL) or an orderly end (TERM) does it: Swarm sees an exit, not an operator's stop. */
interface Kill {
  kind: "process/kill";
  role: Role;
  signal: "SIGKILL" | "SIGTERM";
}

export const kill: FaultKind<Kill> = {
  kind: "process/kill",
  words: ({ role, signal }) => `the first process of ${role} gets ${signal}`,
  async prepare(replica, { role, signal }) {
    const { service, task } = await taskOf(replica, role);
    const gone = async () => (await replica.nodeAgent.netns([task.pid])).pids.length === 0;
    return {
      name: `kill/${service}/${signal}`,
      detail: { service, task: task.task.id, pid: task.pid },
      // A crash is over at once; coming back is the system's own work.
      undo: [],
      apply: () => replica.nodeAgent.signal(task.pid, signal),
      // By the node's process table, not by the signal's success.
      bites: gone,
      healed: gone,
    };
  },
};
