import type { EventOf, Objective } from "../history/events.ts";
import type { Judgement } from "./check.ts";
import { fail, pass, round, unknown } from "./expect.ts";
import type { Good } from "./latency.ts";

/** Answers that were held up may all come in one moment, which is no proof that the next one will. A watch must not end before this either. */
export const recoveredForMs = 1000;

export interface RecoveryOptions {
  /** When the fault's effect was seen, nanoseconds of the same clock as the samples. */
  faultAt: number;
  /** Of `faultAt` against that clock, nanoseconds; 0 when the sampling agent itself saw it. */
  clockError?: number;
  good: Good;
  /** Good answers in a row that make a recovery, default 5, and the least time from the first to the last of them in milliseconds, default `recoveredForMs`. */
  run?: number;
  lastingMs?: number;
  /** In `s` or `ms`: the longest time the system may take. */
  objective: Objective;
}

/** Times in milliseconds after the fault. */
export interface Recovery {
  /** First good answer of the run was done; nothing when no such run was seen. */
  recoveredMs?: number;
  /** How much earlier it may have been: the client looked only so often, and the clocks differ. */
  errorMs: number;
  /** Bad answers between fault and recovery. */
  bad: number;
  /** Bad answers after the recovery. */
  relapses: number;
  /** From the fault to the last sample. */
  watchedMs: number;
}

/** Steady state just before the fault, and what came after it, as one client saw it. Nothing when there is no such sample at all. */
export function recoveryOf(
  events: readonly EventOf<"sample">[],
  options: RecoveryOptions,
): { steady: boolean | undefined; recovery: Recovery | undefined } {
  const { faultAt, clockError = 0, good, run = 5, lastingMs = recoveredForMs } = options;
  const samples = events.map((event) => event.sample).toSorted((a, b) => a.due - b.due);
  const before = samples.filter((sample) => sample.done <= faultAt).at(-1);
  const after = samples.filter((sample) => sample.due >= faultAt);
  const last = after.at(-1);
  const steady = before === undefined ? undefined : good(before);
  if (!last) return { steady, recovery: undefined };

  const goods = after.map((sample) => good(sample));
  // A client that was answered well until the effect reached it has not yet seen a recovery.
  const firstBad = goods.indexOf(false);
  const start = Math.max(firstBad, 0);
  const watchedMs = (Math.max(...after.map((sample) => sample.done)) - faultAt) / 1e6;
  for (let first = start; first < after.length; first += 1) {
    if (!goods[first]) continue;
    const end = goods.indexOf(false, first);
    const stop = end < 0 ? after.length : end;
    const length = stop - first;
    const firstSample = after[first];
    const lastSample = after[stop - 1];
    if (!firstSample || !lastSample) break;
    if (length >= run && (lastSample.done - firstSample.done) / 1e6 >= lastingMs) {
      const previous = first > 0 ? after[first - 1]?.sent : undefined;
      const gap = firstBad < 0 ? 0 : firstSample.done - Math.max(faultAt, previous ?? faultAt);
      return {
        steady,
        recovery: {
          recoveredMs: firstBad < 0 ? 0 : (firstSample.done - faultAt) / 1e6,
          errorMs: (gap + clockError) / 1e6,
          bad: goods.slice(0, first).filter((one) => !one).length,
          relapses: goods.slice(stop).filter((one) => !one).length,
          watchedMs,
        },
      };
    }
    first = stop;
  }
  return { steady, recovery: { errorMs: clockError / 1e6, bad: goods.filter((one) => !one).length, relapses: 0, watchedMs } };
}

/** After a fault a client is answered well again, `run` times in a row, within the objective. Only a client that was served before can tell. */
export function recoversWithin(events: readonly EventOf<"sample">[], options: RecoveryOptions): Judgement {
  const { objective, run = 5, lastingMs = recoveredForMs } = options;
  const unitMs = objective.unit === "s" ? 1000 : 1;
  const limitMs = objective.limit * unitMs;
  const expected = `${run} good answers in a row, lasting ${round(lastingMs / 1000)} s, at most ${objective.limit} ${objective.unit} after the fault`;
  const { steady, recovery } = recoveryOf(events, options);
  if (steady === undefined) return unknown("no sample was taken before the fault", { expected });
  if (!steady) return unknown("there was no good answer just before the fault, so its effect cannot be told", { expected });
  if (!recovery) return unknown("no sample was taken after the fault", { expected });

  const watched = `watched ${round(recovery.watchedMs / 1000)} s`;
  if (recovery.recoveredMs === undefined) {
    const observed = `${recovery.bad} bad answers, no recovery, ${watched}`;
    if (recovery.watchedMs < limitMs)
      return unknown(
        `not recovered when the watch ended after ${round(recovery.watchedMs / 1000)} s; the limit is ${objective.limit} ${objective.unit}`,
        { expected, observed },
      );
    return fail(`never recovered: the limit is ${objective.limit} ${objective.unit}, ${watched}`, { expected, observed });
  }

  const value = round(recovery.recoveredMs / unitMs);
  const bound = round(recovery.errorMs / unitMs);
  const relapsed = recovery.relapses > 0 ? `, then ${recovery.relapses} bad again` : "";
  const observed = `${recovery.bad === 0 ? "no bad answer seen" : `recovered after ${value} ${objective.unit}`} (at most ${bound} ${objective.unit} earlier, ${recovery.bad} bad${relapsed}, n = ${events.length})`;
  const measured = [{ objective: objective.id, value, n: events.length }];
  if (recovery.recoveredMs <= limitMs) return pass(observed, { expected, observed, measured });
  if (recovery.recoveredMs - recovery.errorMs <= limitMs)
    return unknown(`cannot be told: ${observed}, the limit is ${objective.limit} ${objective.unit}`, { expected, observed });
  return fail(`${observed}, promised at most ${objective.limit} ${objective.unit}`, { expected, observed, measured });
}
