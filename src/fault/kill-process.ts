import type { Role } from "../candidate/types.ts";
import { until } from "../engine/until.ts";
import type { HistoryWriter } from "../history/writer.ts";
import type { Replica } from "../replica/up.ts";

/**
 * Ends a process of a role's running task by its program's name, as the kernel or the program itself would, and leaves the task's first process alone: what
 * started it must notice. There is nothing to undo, so `removed` follows at once.
 *
 * The effect counts when the node no longer has the process, seen by its process table and not by the signal's success.
 */
export async function killProcess(
  replica: Replica,
  history: HistoryWriter,
  observation: string,
  role: Role,
  program: string,
  signal: "SIGKILL" | "SIGTERM",
): Promise<{ pid: number; task: string }> {
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
  history.append({
    type: "fault",
    observation,
    fault,
    step: "intent",
    detail: { ...victim, undo: "none: a crash is over at once" },
  });
  await history.flush();
  const sent = await replica.nodeAgent.signal(one.pid, signal);
  history.append({ type: "fault", observation, fault, step: "applied", detail: { ...victim, ...sent } });
  await until(
    `process ${one.pid} of ${name} to end`,
    { withinMs: signal === "SIGKILL" ? 5_000 : 30_000, everyMs: 20 },
    async () => {
      const { pids } = await replica.nodeAgent.netns([one.pid]);
      return pids.length === 0;
    },
  );
  const { monotonicNs } = await replica.nodeAgent.hello();
  history.append({ type: "fault", observation, fault, step: "effect-seen", detail: { agent: "node", monotonicNs } });
  history.append({ type: "fault", observation, fault, step: "removed", detail: {} });
  return victim;
}
