import type { EventOf, Objective } from "../history/events.ts";
import type { Sample } from "../history/sample.ts";
import type { Judgement } from "./check.ts";
import { fail, pass, round, unknown } from "./expect.ts";
import { type Good, type LatencySummary, latenciesOf, leastFor, percentile, percentileWithin, summaryOf } from "./latency.ts";

/** When a fault was there, nanoseconds of the clock of the client's samples. */
export interface PhaseTimes {
  /** Its effect was seen. */
  effectNs: number;
  /** It was taken away; absent where the system itself brings back what a fault ended, as after a kill. */
  removedNs?: number;
  /** The client was answered well again; absent when it never was: nothing comes after then. */
  recoveredNs?: number;
}

export interface Phases {
  /** Answered before the effect. */
  before: LatencySummary;
  /** From the effect until the recovery; what was under way when it came belongs here. */
  during: LatencySummary;
  /** Due after the recovery. */
  after: LatencySummary;
  /** Of `during`, what was due until the fault was taken away and what was due from then on. */
  applied?: LatencySummary;
  healing?: LatencySummary;
}

/** Statistics of a client before, during and after a fault, exact by nearest rank and counted from the due time. */
export function phasesOf(events: readonly EventOf<"sample">[], times: PhaseTimes, good: Good): Phases {
  const summary = (inside: (sample: Sample) => boolean) =>
    summaryOf(
      latenciesOf(
        events.filter(({ sample }) => inside(sample)),
        good,
      ),
    );
  const { removedNs } = times;
  const during = (sample: Sample) => phaseOf(sample, times) === "during";
  return {
    before: summary((sample) => phaseOf(sample, times) === "before"),
    during: summary(during),
    after: summary((sample) => phaseOf(sample, times) === "after"),
    ...(removedNs === undefined
      ? {}
      : {
          applied: summary((sample) => during(sample) && sample.due < removedNs),
          healing: summary((sample) => during(sample) && sample.due >= removedNs),
        }),
  };
}

/**
 * After the recovery a percentile is within its objective, as it was before the effect: where it was not, or too little was seen to say so, nothing can have come back.
 */
export function backWithin(
  events: readonly EventOf<"sample">[],
  percent: number,
  { times, objective, good }: { times: PhaseTimes; objective: Objective; good: Good },
): Judgement {
  const of = (phase: keyof Phases) => events.filter(({ sample }) => phaseOf(sample, times) === phase);
  const expected = `p${percent} at most ${objective.limit} ${objective.unit} before the fault and after the recovery`;
  const before = percentileWithin(of("before"), percent, objective, good);
  if (before.verdict !== "pass") return unknown(`before the fault, ${before.reason}`, { expected, ...seen(before) });
  if (times.recoveredNs === undefined) return unknown("no recovery was seen, so nothing came after it", { expected });
  const after = percentileWithin(of("after"), percent, objective, good);
  return {
    ...after,
    reason: `after the recovery, ${after.reason}`,
    expected,
    observed: `before: ${before.observed}; after: ${after.observed ?? after.reason}`,
  };
}

/** What "at speed" is: a limit in ms, or so many times the percentile from before the effect. */
export type Speed = { limitMs: number } | { timesBefore: number };

export interface SpeedOptions {
  times: PhaseTimes;
  good: Good;
  speed: Speed;
  /** Default 95. */
  percent?: number;
  /** Samples in the sliding window; default, and at least, what the percentile can speak of. */
  window?: number;
}

export interface ReturnToSpeed {
  limitMs: number;
  /** From the recovery until the first sample of the first window that is at speed was due, ms; nothing when there was none. */
  afterMs?: number;
  /** Of the windows that follow it, end to end, those that were not at speed. */
  relapses: number;
  /** Samples after the recovery. */
  n: number;
  /** How long they go on, ms. */
  watchedMs: number;
}

/** When answers were as quick again as they should be; nothing when the client was never answered again, or too few samples say what "before" was. */
export function returnToSpeedOf(events: readonly EventOf<"sample">[], options: SpeedOptions): ReturnToSpeed | undefined {
  const { times, good, percent = 95 } = options;
  const { recoveredNs } = times;
  const limitMs = limitOf(events, options);
  if (limitMs === undefined || recoveredNs === undefined) return undefined;
  const after = events.filter(({ sample }) => phaseOf(sample, times) === "after").toSorted((a, b) => a.sample.due - b.sample.due);
  const size = Math.max(options.window ?? 0, leastFor(percent));
  const atSpeed = (from: number) =>
    (percentile(latenciesOf(after.slice(from, from + size), good), percent) ?? Number.POSITIVE_INFINITY) <= limitMs;
  const starts = Array.from({ length: Math.max(0, after.length - size + 1) }, (_, from) => from);
  const first = starts.find(atSpeed);
  const last = after.at(-1);
  const seenNow = {
    limitMs,
    n: after.length,
    watchedMs: last ? (last.sample.due - recoveredNs) / 1e6 : 0,
  };
  if (first === undefined) return { ...seenNow, relapses: 0 };
  const following = starts.filter((from) => from > first && (from - first) % size === 0);
  return {
    ...seenNow,
    afterMs: ((after[first] as EventOf<"sample">).sample.due - recoveredNs) / 1e6,
    relapses: following.filter((from) => !atSpeed(from)).length,
  };
}

/** Answers are at speed again within a time after the recovery. A watch that ended sooner without it cannot tell. */
export function returnsToSpeed(events: readonly EventOf<"sample">[], options: SpeedOptions & { withinMs: number }): Judgement {
  const { times, speed, percent = 95, withinMs } = options;
  const target = "limitMs" in speed ? `${round(speed.limitMs)} ms` : `${speed.timesBefore} × what it was before`;
  const expected = `p${percent} at most ${target} again within ${round(withinMs / 1000)} s of the recovery`;
  if (times.recoveredNs === undefined) return unknown("no recovery was seen, so no speed came back", { expected });
  const returned = returnToSpeedOf(events, options);
  if (!returned) return unknown(`too few good answers before the fault to say what its p${percent} was`, { expected });
  const { limitMs, afterMs, relapses, n, watchedMs } = returned;
  const sizes = `limit ${round(limitMs)} ms, n = ${n}, watched ${round(watchedMs / 1000)} s`;
  if (afterMs === undefined)
    return watchedMs < withinMs
      ? unknown(`not at speed when the watch ended (${sizes})`, { expected, observed: sizes })
      : fail(`never at speed again (${sizes})`, { expected, observed: sizes });
  const observed = `at speed ${round(afterMs / 1000)} s after the recovery${relapses > 0 ? `, then too slow in ${relapses} windows` : ""} (${sizes})`;
  return afterMs <= withinMs
    ? pass(observed, { expected, observed })
    : fail(`${observed}, expected within ${round(withinMs / 1000)} s`, { expected, observed });
}

function phaseOf(sample: Sample, { effectNs, recoveredNs }: PhaseTimes): "before" | "during" | "after" {
  if (sample.done <= effectNs) return "before";
  return recoveredNs !== undefined && sample.due >= recoveredNs ? "after" : "during";
}

function limitOf(events: readonly EventOf<"sample">[], { times, good, speed, percent = 95 }: SpeedOptions): number | undefined {
  if ("limitMs" in speed) return speed.limitMs;
  const before = events.filter(({ sample }) => phaseOf(sample, times) === "before");
  if (before.length < leastFor(percent)) return undefined;
  const ms = percentile(latenciesOf(before, good), percent);
  return ms === undefined || !Number.isFinite(ms) ? undefined : ms * speed.timesBefore;
}

function seen({ observed }: Judgement): { observed?: string } {
  return observed === undefined ? {} : { observed };
}
