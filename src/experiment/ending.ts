import type { EventOf } from "../history/events.ts";

/** How a run ended, as its last event says it. */
export type Ending = Pick<EventOf<"run-ended">, "reason" | "detail">;

/** What may end a run before its own end: the caller's signal, the deadline, and the run itself when a part of it failed. */
export interface Ends {
  signal: AbortSignal;
  /** Ends everything that is still under way. */
  stop(): void;
  /** What the error that came out of the run means. */
  of(error: unknown): Ending;
}

/** @param deadlineMs from now, milliseconds; none when not given */
export function endsOf(caller: AbortSignal, deadlineMs: number | undefined): Ends {
  const own = new AbortController();
  const deadline = deadlineMs === undefined ? undefined : AbortSignal.timeout(deadlineMs);
  return {
    signal: AbortSignal.any([caller, own.signal, ...(deadline ? [deadline] : [])]),
    stop: () => own.abort(new Error("the run is over")),
    of(error) {
      if (caller.aborted) return { reason: "interrupted" };
      if (deadline?.aborted) return { reason: "deadline", detail: `${(deadlineMs ?? 0) / 1000} s` };
      return { reason: "crashed", detail: error instanceof Error ? error.message : String(error) };
    },
  };
}
