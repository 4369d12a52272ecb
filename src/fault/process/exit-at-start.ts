import type { Role } from "../../candidate/types.ts";
import { look } from "../claim.ts";
import { changeOf } from "../deployment/change.ts";
import type { FaultKind } from "../fault.ts";
import { taskOf } from "../victim.ts";

/** Each new task of a role ends with an exit code at once, as a program with a bad setting does it: the service is updated to a command that does nothing else. */
interface ExitAtStart {
  kind: "process/exit-at-start";
  role: Role;
  /** 1 to 255. */
  exitCode: number;
}

export const exitAtStart: FaultKind<ExitAtStart> = {
  kind: "process/exit-at-start",
  words: ({ role, exitCode }) => `each new task of ${role} ends with exit code ${exitCode} at once`,
  async prepare(replica, { role, exitCode }) {
    const { service, task } = await taskOf(replica, role);
    if ((await look(replica, 'ls "$1"', `/proc/${task.pid}/root/bin/sh`)) === undefined)
      throw new Error(`the image of ${service} has no shell that could end with an exit code in the place of its program`);
    const earlier = new Set((await replica.swarm.tasks(service)).map(({ id }) => id));
    const ends = { TaskTemplate: { ContainerSpec: { Command: ["/bin/sh", "-c", `exit ${exitCode}`], Args: null } } };
    return await changeOf(replica, service, ends, {
      name: `exit-at-start/${service}/${exitCode}`,
      detail: { task: task.task.id },
      // By what Swarm says of a task that came after it.
      bites: async () => (await replica.swarm.tasks(service)).some((one) => one.exitCode === exitCode && !earlier.has(one.id)),
    });
  },
};
