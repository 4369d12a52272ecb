import type { Role } from "../candidate/types.ts";
import type { HistoryWriter } from "../history/writer.ts";
import type { Replica } from "../replica/up.ts";
import { endProcess, type Victim } from "./end-process.ts";

/**
 * Ends a process of a role's running task by its program's name, as the kernel or the program itself would, and leaves the task's first process alone: what
 * started it must notice.
 */
export async function killProcess(
  replica: Replica,
  history: HistoryWriter,
  observation: string,
  role: Role,
  program: string,
  signal: "SIGKILL" | "SIGTERM",
): Promise<Victim> {
  const { name } = replica.service(role).candidate;
  const fault = `kill-process/${name}/${program}/${signal}`;
  const task = await replica.swarm.running(name);
  if (!task) throw new Error(`${name} has no running task with a process to kill`);
  const found = (await replica.swarm.processes(task)).filter(
    ({ pid, command }) => pid !== task.pid && (command.split(" ")[0] ?? "").split("/").at(-1) === program,
  );
  const [one, another] = found;
  if (!one || another) throw new Error(`${name} has ${found.length} processes ${program} instead of one`);
  const victim = { pid: one.pid, task: task.task.id };
  await endProcess(replica, history, { observation, fault, service: name, victim, signal });
  return victim;
}
