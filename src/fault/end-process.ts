import { until } from "../engine/until.ts";
import type { HistoryWriter } from "../history/writer.ts";
import type { Replica } from "../replica/up.ts";

/** Which process of the node ends, and what it is to Sprocket. */
export interface Victim {
  pid: number;
  /** Swarm's id of its task. */
  task: string;
}

/**
 * Ends one process of the node by a signal, as the life of one fault in the history: its intent on disk first, then applied, then seen. There is nothing to
 * undo, so `removed` follows at once; coming back is the system's own work.
 *
 * The effect counts when the node no longer has the process, seen by its process table and not by the signal's success.
 */
export async function endProcess(
  replica: Replica,
  history: HistoryWriter,
  of: { observation: string; fault: string; service: string; victim: Victim; signal: "SIGKILL" | "SIGTERM" },
): Promise<void> {
  const { observation, fault, victim } = of;
  const step = (step: "intent" | "applied" | "effect-seen" | "removed", detail: unknown) =>
    history.append({ type: "fault", observation, fault, step, detail });
  step("intent", { ...victim, undo: "none: a crash is over at once" });
  await history.flush();
  const sent = await replica.nodeAgent.signal(victim.pid, of.signal);
  step("applied", { ...victim, ...sent });
  const withinMs = of.signal === "SIGKILL" ? 5_000 : 30_000;
  await until(`process ${victim.pid} of ${of.service} to end`, { withinMs, everyMs: 20 }, async () => {
    const { pids } = await replica.nodeAgent.netns([victim.pid]);
    return pids.length === 0;
  });
  const { monotonicNs } = await replica.nodeAgent.hello();
  step("effect-seen", { agent: "node", monotonicNs });
  step("removed", {});
}
