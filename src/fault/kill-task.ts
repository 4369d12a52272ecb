import type { Role } from "../candidate/types.ts";
import { until } from "../engine/until.ts";
import type { HistoryWriter } from "../history/writer.ts";
import type { Replica } from "../replica/up.ts";

/**
 * Ends the first process of a role's running task, as a crash does it: Swarm sees an exit, not an operator's stop, and restarts it. There is nothing to
 * undo, so `removed` follows at once; coming back is the system's own work.
 *
 * The effect counts when the node no longer has the process, seen by its process table and not by the signal's success.
 */
export async function killTask(
  replica: Replica,
  history: HistoryWriter,
  observation: string,
  role: Role,
  signal: "SIGKILL" | "SIGTERM",
): Promise<{ pid: number; task: string }> {
  const { name } = replica.service(role).candidate;
  const fault = `kill-task/${name}/${signal}`;
  const task = await replica.swarm.running(name);
  if (!task) throw new Error(`${name} has no running task to kill`);
  const victim = { pid: task.pid, task: task.task.id };
  history.append({
    type: "fault",
    observation,
    fault,
    step: "intent",
    detail: { ...victim, undo: "none: a crash is over at once" },
  });
  await history.flush();
  const sent = await replica.nodeAgent.signal(task.pid, signal);
  history.append({ type: "fault", observation, fault, step: "applied", detail: { ...victim, ...sent } });
  await until(
    `process ${task.pid} of ${name} to end`,
    { withinMs: signal === "SIGKILL" ? 5_000 : 30_000, everyMs: 20 },
    async () => {
      const { pids } = await replica.nodeAgent.netns([task.pid]);
      return pids.length === 0;
    },
  );
  const { monotonicNs } = await replica.nodeAgent.hello();
  history.append({ type: "fault", observation, fault, step: "effect-seen", detail: { agent: "node", monotonicNs } });
  history.append({ type: "fault", observation, fault, step: "removed", detail: {} });
  return victim;
}
