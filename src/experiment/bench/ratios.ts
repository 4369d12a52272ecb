import type { EventOf } from "../../history/events.ts";
import type { BenchDocument } from "../../report/documents.ts";
import { limitMs, type ReplicaStart } from "./start.ts";

type Ratio = BenchDocument["ratios"][string];
export type Ratios = Record<string, Ratio>;

/** Every ratio that `bench` knows, in the order in which it prints them. */
export const ratioNames = [
  "replica-start/limit",
  "replica-start/one-by-one",
  "harness-cpu-share",
  "harness-memory",
  "replica-memory",
  "latency-p50/k6",
  "latency-p95/k6",
  "latency-p99/k6",
  "instruments-recovery",
  "instruments-percentiles",
  "instruments-stall",
  "instruments-ledger",
  "instruments-p50/wrk",
  "instruments-p95/wrk",
  "instruments-p99/wrk",
] as const;
export type RatioName = (typeof ratioNames)[number];

export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) return undefined;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/**
 * @param together starts with a tier's services created all at once · @param oneByOne those with one after another
 */
export function startRatios(together: readonly ReplicaStart[], oneByOne: readonly ReplicaStart[], cores: number): Ratios {
  const ratios: Ratios = {};
  const toLimit = median(together.map((start) => start.wholeMs / limitMs(start, cores)));
  if (toLimit !== undefined)
    ratios["replica-start/limit"] = { value: round(toLimit), goal: 1.3, unit: "ratio", n: together.length };
  const pairs = Math.min(together.length, oneByOne.length);
  const toOneByOne = median(
    together.slice(0, pairs).map((start, pair) => start.wholeMs / (oneByOne[pair] as ReplicaStart).wholeMs),
  );
  if (toOneByOne !== undefined)
    ratios["replica-start/one-by-one"] = { value: round(toOneByOne), goal: 1, unit: "ratio", n: pairs };
  return ratios;
}

const mebibyte = 1024 * 1024;

/** @param resources of one gate, taken when its checks were done and before anything was taken down */
export function resourceRatios(resources: readonly EventOf<"resources">[]): Ratios {
  const replica = resources.findLast((event) => event.subject === "replica");
  const harness = resources.findLast((event) => event.subject === "harness");
  if (!replica || !harness) return {};
  const share = harness.cpuSeconds / (harness.cpuSeconds + replica.cpuSeconds);
  return {
    "harness-cpu-share": { value: round(share), goal: 0.1, unit: "share", n: 1 },
    "harness-memory": { value: round(harness.memoryBytes / mebibyte), goal: 300, unit: "MiB", n: 1 },
    "replica-memory": { value: round(replica.memoryBytes / mebibyte), goal: 3072, unit: "MiB", n: 1 },
  };
}

/** Percentiles of one run of load, milliseconds. */
export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

/** Two runs of load that followed one another; the ratio is `first` over `second`, whichever of them ran first. */
export interface Pair {
  first: Percentiles;
  second: Percentiles;
}

/**
 * How far our percentiles lie from another tool's, as a factor of at least 1 (1.04 is 4 % off, in either direction), of the median of the pairs' ratios. The goal is 1.05, or
 * how far k6 lies from itself in its own pairs, if that is more: the median of their factors.
 */
export function latencyRatios(
  ours: readonly Pair[],
  k6: readonly Pair[],
  name: (p: keyof Percentiles) => RatioName = (p) => `latency-${p}/k6`,
): Ratios {
  const ratios: Ratios = {};
  for (const p of ["p50", "p95", "p99"] as const) {
    const middle = median(ours.map(({ first, second }) => first[p] / second[p]));
    if (middle === undefined) continue;
    ratios[name(p)] = {
      value: round(factor(middle)),
      goal: round(Math.max(1.05, noise(k6, p) ?? 1)),
      unit: "factor",
      n: ours.length,
    };
  }
  return ratios;
}

/** How far two runs of the same tool lie from one another, in the median. */
export function noise(pairs: readonly Pair[], p: keyof Percentiles): number | undefined {
  return median(pairs.map(({ first, second }) => factor(first[p] / second[p])));
}

export function factor(ratio: number): number {
  return Math.max(ratio, 1 / ratio);
}

export function round(value: number): number {
  return Number(value.toPrecision(4));
}
