import type { EventOf, Objective } from "../history/events.ts";
import { msIn } from "../history/objective-time.ts";
import type { Sample } from "../history/sample.ts";
import type { Judgement } from "./check.ts";
import { fail, pass, round, unknown } from "./expect.ts";
import { withinLimit } from "./objectives.ts";

/** Says of one sample whether it is what its client wanted. */
export type Good = (sample: Sample) => boolean;

/**
 * Latencies of an open-model load, counted from the due time, so that a server that stalls is charged for the requests it kept waiting. A sample that is
 * not good has no latency: it sorts behind every good one, or failing fast would make a server look quick.
 */
export interface Latencies {
  /** Samples, bad ones and those never sent included. */
  n: number;
  bad: number;
  /** Of the good ones, milliseconds, rising. */
  goodMs: number[];
}

export function latenciesOf(events: readonly { sample: Sample }[], good: Good): Latencies {
  const goodMs: number[] = [];
  for (const { sample } of events) if (good(sample)) goodMs.push((sample.done - sample.due) / 1e6);
  goodMs.sort((a, b) => a - b);
  return { n: events.length, bad: events.length - goodMs.length, goodMs };
}

/** Nearest rank over all samples: exact, no interpolation. Nothing when there are no samples, Infinity when the rank falls on a bad one. */
export function percentile(latencies: Latencies, percent: number): number | undefined {
  if (latencies.n === 0) return undefined;
  const rank = Math.max(1, Math.ceil((percent / 100) * latencies.n));
  return latencies.goodMs[rank - 1] ?? Number.POSITIVE_INFINITY;
}

/** The percentile of some samples as a search for a capacity asks for it; what a good answer is, is told. */
export function readingOf(
  good: Good,
): (samples: readonly Sample[], percent: number) => { n: number; bad: number; ms: number | undefined } {
  return (samples, percent) => {
    const latencies = latenciesOf(
      samples.map((sample) => ({ sample })),
      good,
    );
    return { n: latencies.n, bad: latencies.bad, ms: percentile(latencies, percent) };
  };
}

/** Samples that a percentile takes to speak of anything but the slowest one: 20 for p95, 100 for p99. */
export function leastFor(percent: number): number {
  return Math.ceil(100 / (100 - percent));
}

/** Latencies for a report, ms. A percentile is absent of fewer samples than it can speak of, and `bad` when its rank falls on an answer that was not good. */
export interface LatencySummary {
  n: number;
  bad: number;
  p50?: number | "bad";
  p95?: number | "bad";
  p99?: number | "bad";
  /** Of the good ones. */
  maxMs?: number;
}

export function summaryOf(latencies: Latencies): LatencySummary {
  return summarise(latencies.n, latencies.bad, latencies.goodMs.at(-1), (percent) => percentile(latencies, percent));
}

/** @param rank a percentile in ms; Infinity when it falls on a bad one */
export function summarise(
  n: number,
  bad: number,
  maxMs: number | undefined,
  rank: (percent: number) => number | undefined,
): LatencySummary {
  const told = (percent: number): number | "bad" | undefined => {
    const ms = n < leastFor(percent) ? undefined : rank(percent);
    return ms === Number.POSITIVE_INFINITY ? "bad" : ms;
  };
  const [p50, p95, p99] = [told(50), told(95), told(99)];
  return {
    n,
    bad,
    ...(p50 === undefined ? {} : { p50 }),
    ...(p95 === undefined ? {} : { p95 }),
    ...(p99 === undefined ? {} : { p99 }),
    ...(maxMs === undefined ? {} : { maxMs }),
  };
}

/**
 * A percentile of the load stays within its objective (in ms or s). Fewer samples than the percentile can speak of (20 for p95, 100 for p99) are unknown.
 */
export function percentileWithin(
  events: readonly EventOf<"sample">[],
  percent: number,
  objective: Objective,
  good: Good,
): Judgement {
  const name = `p${percent}`;
  const expected = `${name} at most ${objective.limit} ${objective.unit}`;
  const latencies = latenciesOf(events, good);
  const { n, bad } = latencies;
  const ms = percentile(latencies, percent);
  if (ms === undefined) return unknown("no samples were recorded", { expected });
  const least = leastFor(percent);
  if (n < least)
    return unknown(`${n} samples are too few for a ${name}, which takes ${least}`, { expected, observed: `n = ${n}` });
  const sizes = `n = ${n}, ${bad} bad`;
  if (!Number.isFinite(ms))
    return fail(`${name} falls among the ${bad} of ${n} that were not answered well`, {
      expected,
      observed: `${name} without an answer (${sizes})`,
    });
  const value = ms / msIn(objective);
  const observed = `${name} ${round(value)} ${objective.unit} (${sizes})`;
  const measured = [{ objective: objective.id, value: round(value), n }];
  return withinLimit(objective, round(value))
    ? pass(`${name} is ${round(value)} ${objective.unit} (${sizes})`, { expected, observed, measured })
    : fail(`${name} is ${round(value)} ${objective.unit}, promised at most ${objective.limit} (${sizes})`, {
        expected,
        observed,
        measured,
      });
}

/** The share of bad answers stays within its objective (unit `ratio`: 0.01 is one in a hundred). Fewer samples than could show it are unknown. */
export function errorRateWithin(events: readonly EventOf<"sample">[], objective: Objective, good: Good): Judgement {
  const { n, bad } = latenciesOf(events, good);
  const expected = `at most ${percent(objective.limit)} bad answers`;
  if (n === 0) return unknown("no samples were recorded", { expected });
  const value = bad / n;
  const observed = `${percent(value)} bad (${bad} of ${n})`;
  const measured = [{ objective: objective.id, value, n }];
  if (!withinLimit(objective, value))
    return fail(`${percent(value)} of ${n} answers are bad, promised at most ${percent(objective.limit)}`, {
      expected,
      observed,
      measured,
    });
  if (objective.limit > 0 && n < 1 / objective.limit)
    return unknown(`${n} samples are too few to show ${percent(objective.limit)}`, { expected, observed });
  return pass(`${percent(value)} of ${n} answers are bad`, { expected, observed, measured });
}

function percent(ratio: number): string {
  return `${round(ratio * 100)} %`;
}
