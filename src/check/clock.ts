import type { EventOf, HistoryEvent } from "../history/events.ts";
import { NotSeen } from "./check.ts";

/** How an agent's clock lies to the runner's, nanoseconds: what to add to the runner's, and how far from the truth that may be. */
export type ClockOffset = Pick<EventOf<"clock">, "offsetNs" | "errorNs">;

/**
 * The offset of an agent's clock that was measured nearest to a moment: clocks drift, and an agent that was restarted has a new segment.
 * @param t milliseconds of the runner's clock, as every event has it.
 * @throws NotSeen when none was measured: clocks of two processes are never compared on faith.
 */
export function clockOf(history: readonly HistoryEvent[], agent: string, t: number): ClockOffset {
  const measured = history.filter((event) => event.type === "clock" && event.agent === agent) as EventOf<"clock">[];
  const nearest = measured.reduce<EventOf<"clock"> | undefined>(
    (so, one) => (so && Math.abs(so.t - t) <= Math.abs(one.t - t) ? so : one),
    undefined,
  );
  if (!nearest) throw new NotSeen(`no clock offset of the agent ${agent} was measured`);
  return { offsetNs: nearest.offsetNs, errorNs: nearest.errorNs };
}

/**
 * A moment of the history on the clock of an agent, for comparing it with that agent's samples.
 * @returns nanoseconds, and how far from the truth they may be.
 * @throws NotSeen as `clockOf`.
 */
export function onAgentClock(history: readonly HistoryEvent[], agent: string, t: number): { atNs: number; errorNs: number } {
  const { offsetNs, errorNs } = clockOf(history, agent, t);
  return { atNs: t * 1e6 + offsetNs, errorNs };
}
