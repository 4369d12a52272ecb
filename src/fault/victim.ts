import type { Role } from "../candidate/types.ts";
import type { RunningTask } from "../engine/swarm/swarm.ts";
import type { Replica } from "../replica/up.ts";

/** The running task of a role. @throws when it has none: there is nobody to hurt. */
export async function taskOf(replica: Replica, role: Role): Promise<{ service: string; task: RunningTask }> {
  const { name } = replica.service(role).candidate;
  const task = await replica.swarm.running(name);
  if (!task) throw new Error(`${name} has no running task to hurt`);
  return { service: name, task };
}

/** Whether another task has taken the place of this one. */
export async function isReplaced(replica: Replica, service: string, task: RunningTask): Promise<boolean> {
  const now = await replica.swarm.running(service);
  return now !== undefined && now.containerId !== task.containerId;
}
