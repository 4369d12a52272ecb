import type { EventOf, Objective } from "../history/events.ts";
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

export function latenciesOf(events: readonly EventOf<"sample">[], good: Good): Latencies {
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
  const least = Math.ceil(100 / (100 - percent));
  if (n < least)
    return unknown(`${n} samples are too few for a ${name}, which takes ${least}`, { expected, observed: `n = ${n}` });
  const sizes = `n = ${n}, ${bad} bad`;
  if (!Number.isFinite(ms))
    return fail(`${name} falls among the ${bad} of ${n} that were not answered well`, {
      expected,
      observed: `${name} without an answer (${sizes})`,
    });
  const value = objective.unit === "s" ? ms / 1000 : ms;
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
