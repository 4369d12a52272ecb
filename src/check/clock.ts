import type { EventOf, HistoryEvent } from "../history/events.ts";
import { NotSeen } from "./check.ts";

/**
 * A moment of the history on the clock of an agent, for comparing it with that agent's samples.
 * @param t milliseconds of the runner's clock, as every event has it.
 * @returns nanoseconds, and how far from the truth they may be.
 * @throws NotSeen when no offset of that agent was measured: clocks of two processes are never compared on faith.
 */
export function onAgentClock(history: readonly HistoryEvent[], agent: string, t: number): { atNs: number; errorNs: number } {
  const measured = history.filter((event) => event.type === "clock" && event.agent === agent) as EventOf<"clock">[];
  // The measurement nearest in time: clocks drift, and an agent that was restarted has a new segment.
  const nearest = measured.reduce<EventOf<"clock"> | undefined>(
    (so, one) => (so && Math.abs(so.t - t) <= Math.abs(one.t - t) ? so : one),
    undefined,
  );
  if (!nearest) throw new NotSeen(`no clock offset of the agent ${agent} was measured`);
  return { atNs: t * 1e6 + nearest.offsetNs, errorNs: nearest.errorNs };
}
