import type { Role } from "../candidate/types.ts";
import type { HistoryWriter } from "../history/writer.ts";
import type { Replica } from "../replica/up.ts";
import { endProcess, type Victim } from "./end-process.ts";

/**
 * Ends the first process of a role's running task, as a crash does it: Swarm sees an exit, not an operator's stop, and restarts it.
 */
export async function killTask(
  replica: Replica,
  history: HistoryWriter,
  observation: string,
  role: Role,
  signal: "SIGKILL" | "SIGTERM",
): Promise<Victim> {
  const { name } = replica.service(role).candidate;
  const fault = `kill-task/${name}/${signal}`;
  const task = await replica.swarm.running(name);
  if (!task) throw new Error(`${name} has no running task to kill`);
  const victim = { pid: task.pid, task: task.task.id };
  await endProcess(replica, history, { observation, fault, service: name, victim, signal });
  return victim;
}
