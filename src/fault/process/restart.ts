import type { Role } from "../../candidate/types.ts";
import type { FaultKind } from "../fault.ts";
import { taskOf } from "../victim.ts";

/** The orchestrator restarts a role's service by its own means, as `docker service update --force` does it: an orderly end, then a new task of the same spec. */
interface Restart {
  kind: "process/restart";
  role: Role;
}

export const restart: FaultKind<Restart> = {
  kind: "process/restart",
  words: ({ role }) => `Swarm is told to restart ${role} (a forced update of the same spec)`,
  async prepare(replica, { role }) {
    const { service, task } = await taskOf(replica, role);
    /** By the node's process table and the manager's list, not by the update's success. */
    const ended = async () => {
      const { pids } = await replica.nodeAgent.netns([task.pid]);
      const old = (await replica.swarm.tasks(service)).find(({ id }) => id === task.task.id);
      return pids.length === 0 && old?.desired !== "running";
    };
    return {
      name: `restart/${service}`,
      detail: { service, task: task.task.id, pid: task.pid },
      // An order is over once it is given; coming back is the system's own work.
      undo: [],
      apply: () =>
        replica.swarm.updateService(service, (spec) => ({
          ...spec,
          TaskTemplate: { ...spec.TaskTemplate, ForceUpdate: (spec.TaskTemplate.ForceUpdate ?? 0) + 1 },
        })),
      bites: ended,
      healed: ended,
    };
  },
};
