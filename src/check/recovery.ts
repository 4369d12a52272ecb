import type { EventOf, Objective } from "../history/events.ts";
import { msIn } from "../history/objective-time.ts";
import type { Judgement } from "./check.ts";
import { fail, pass, round, unknown } from "./expect.ts";
import type { Good } from "./latency.ts";

/** Answers that were held up may all come in one moment, which is no proof that the next one will. A watch must not end before this either. */
export const recoveredForMs = 1000;

export interface RecoveryOptions {
  /** When the fault's effect was seen, nanoseconds of the same clock as the samples. */
  faultAt: number;
  /**
   * When the fault was announced, the same clock; default `faultAt`. Its effect came at some moment between both, so the steady state is what was seen before this one,
   * and an answer that was bad since then belongs to the outage.
   */
  announcedAt?: number;
  /** Of `faultAt` against that clock, nanoseconds; 0 when the sampling agent itself saw it. */
  clockError?: number;
  good: Good;
  /** Good answers in a row that make a recovery, default 5, and the least time from the first to the last of them in milliseconds, default `recoveredForMs`. */
  run?: number;
  lastingMs?: number;
  /** In `s` or `ms`: the longest time the system may take. */
  objective: Objective;
}

/** Times in milliseconds; those that are moments count from the fault's effect, and a recovery before it is 0. */
export interface Recovery {
  /** First good answer of the run was done; nothing when no such run was seen. */
  recoveredMs?: number;
  /** How much earlier it may have been: the client looked only so often, and the clocks differ. */
  errorMs: number;
  /** How much later than its announcement the effect was seen: every moment may be so much longer after the effect itself. */
  confirmedAfterMs: number;
  /** First bad answer was done; negative when the client knew before the effect was confirmed, nothing when none was bad. */
  detectedMs?: number;
  /** From sending what was answered badly first to the first good answer of the run: the outage as this client met it. 0 when no answer was bad. */
  outageMs?: number;
  /**
   * How far the target's own outage may be from it, either way: it began after the last good request was sent and before a bad one was done, and ended after the last bad one
   * was sent. Where no answer was bad, how long an outage can have lasted that fell between two requests.
   */
  outageErrorMs?: number;
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
  options: Omit<RecoveryOptions, "objective">,
): { steady: boolean | undefined; recovery: Recovery | undefined } {
  const { faultAt, announcedAt = faultAt, clockError = 0, good, run = 5, lastingMs = recoveredForMs } = options;
  const looks = events
    .map(({ sample }) => ({ ...sample, good: good(sample), wasSent: sample.error?.kind !== "not-sent" }))
    .toSorted((a, b) => a.due - b.due);
  const before = looks.findLast((look) => look.done <= announcedAt);
  // What was under way when the fault came counts when it was answered badly: it is the first victim.
  const after = looks.filter((look) => look.due >= announcedAt || (look.done > announcedAt && !look.good));
  const steady = before?.good;
  if (!after.some((look) => look.due >= faultAt)) return { steady, recovery: undefined };

  const since = (moment: number) => Math.max(0, moment - faultAt) / 1e6;
  const of = {
    confirmedAfterMs: (faultAt - announcedAt) / 1e6,
    watchedMs: since(latest(after)),
  };
  // A client that was answered well until the effect reached it has not yet seen a recovery.
  const firstBad = after.findIndex((look) => !look.good);
  const detected = firstBad < 0 ? {} : { detectedMs: (earliest(after.filter((look) => !look.good)) - faultAt) / 1e6 };
  for (const { from, to } of runsOfGood(after, firstBad)) {
    const goods = after.slice(from, to);
    // Held up answers come out of order, and the first to come is the first that a client has.
    const recoveredAt = earliest(goods);
    const lasted = (goods.at(-1) as Look).done - Math.max(recoveredAt, faultAt);
    if (goods.length < run || lasted / 1e6 < lastingMs) continue;
    const bad = after.slice(0, from).filter((look) => !look.good);
    return {
      steady,
      recovery: {
        ...of,
        ...detected,
        recoveredMs: firstBad < 0 ? 0 : since(recoveredAt),
        errorMs: (clockError + (firstBad < 0 ? 0 : Math.max(0, recoveredAt - lastSent(bad, faultAt)))) / 1e6,
        ...(firstBad < 0
          ? unseenOutage(before ? [before, ...goods] : goods)
          : outage(looks, bad, recoveredAt, announcedAt - clockError)),
        bad: bad.length,
        relapses: after.slice(to).filter((look) => !look.good).length,
      },
    };
  }
  return {
    steady,
    recovery: { ...of, ...detected, errorMs: clockError / 1e6, bad: after.filter((look) => !look.good).length, relapses: 0 },
  };
}

/** A sample with what is thought of it. */
type Look = EventOf<"sample">["sample"] & { good: boolean; wasSent: boolean };

/** Stretches of good answers, in the order of their due times; where one was bad, those after it. `to` is the first that is no longer in it. */
function runsOfGood(looks: readonly Look[], firstBad: number): { from: number; to: number }[] {
  const goods = looks.map((look) => look.good);
  const runs: { from: number; to: number }[] = [];
  for (let from = goods.indexOf(true, Math.max(firstBad, 0)); from >= 0; ) {
    const bad = goods.indexOf(false, from);
    const to = bad < 0 ? goods.length : bad;
    runs.push({ from, to });
    from = goods.indexOf(true, to);
  }
  return runs;
}

function outage(looks: readonly Look[], bad: readonly Look[], endedAt: number, notBefore: number): Partial<Recovery> {
  const first = bad[0] as Look;
  const beganAt = Math.max(first.sent, notBefore);
  const lastGood = looks.findLast((look) => look.good && look.due < first.due);
  const beganAfter = Math.min(beganAt, Math.max(notBefore, lastGood?.sent ?? notBefore));
  const longest = endedAt - beganAfter;
  const shortest = Math.max(0, lastSent(bad, beganAt) - earliest(bad));
  const length = endedAt - beganAt;
  return { outageMs: length / 1e6, outageErrorMs: Math.max(longest - length, length - shortest) / 1e6 };
}

/** What may have happened between two requests that were both answered well. */
function unseenOutage(goods: readonly Look[]): Partial<Recovery> {
  const widest = goods.slice(1).reduce((most, look, at) => Math.max(most, look.done - (goods[at] as Look).sent), 0);
  return { outageMs: 0, outageErrorMs: widest / 1e6 };
}

/** When the last of them left, at least the moment given; what could not be sent says nothing of the target then. */
function lastSent(looks: readonly Look[], atLeast: number): number {
  return looks.reduce((last, look) => (look.wasSent ? Math.max(last, look.sent) : last), atLeast);
}

const earliest = (looks: readonly Look[]) => looks.reduce((first, look) => Math.min(first, look.done), Number.POSITIVE_INFINITY);
const latest = (looks: readonly Look[]) => looks.reduce((last, look) => Math.max(last, look.done), Number.NEGATIVE_INFINITY);

/** After a fault a client is answered well again, `run` times in a row, within the objective. Only a client that was served before can tell. */
export function recoversWithin(events: readonly EventOf<"sample">[], options: RecoveryOptions): Judgement {
  const { objective, run = 5, lastingMs = recoveredForMs } = options;
  const unitMs = msIn(objective);
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
