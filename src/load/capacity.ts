import type { Sample } from "../history/sample.ts";

/** What the samples of one measurement say of a percentile. */
export interface Reading {
  n: number;
  /** Not answered well, those that were never sent included. */
  bad: number;
  /** Of all, counted from the due time; Infinity when the rank falls on a bad one, nothing without samples. */
  ms: number | undefined;
}

export interface CapacityOptions {
  /** What may not be crossed, and by which percentile: 500 ms and 95 are the owners' own. */
  limitMs: number;
  percent: number;
  /** The judges' own percentile (`readingOf` of src/check/latency.ts): what a good answer is, is theirs to say. */
  read: (samples: readonly Sample[], percent: number) => Reading;
  /** Where the search begins, requests a second. */
  startPerSecond: number;
  /** Where it ends: nothing above is asked. */
  mostPerSecond: number;
  /** How far apart the ends of the bracket may lie, as a share of the lower one. Default 0.1. */
  within?: number;
  /** Default 40. */
  maxMeasurements?: number;
  /** No measurement begins after this, ms. Default 180 s. */
  maxMs?: number;
  onStep?: (step: CapacityStep) => void;
  /** Milliseconds of a clock that only rises. */
  now?: () => number;
}

/** One measurement at one rate. */
export interface CapacityStep {
  ratePerSecond: number;
  n: number;
  bad: number;
  /** The percentile; `bad` when its rank falls on an answer that was not good. */
  ms: number | "bad";
  crossed: boolean;
  /** It crossed, and would have held had it been counted from when each request was sent instead of when it was due: the client was late, not the target. */
  clientLate?: true;
}

export type CapacityOutcome =
  /** The percentile crosses its limit between the two ends of the bracket. */
  | "found"
  /** Measurements or time ran out before the bracket was narrow, or before anything crossed. */
  | "stopped"
  /** It held at the highest rate that may be asked: the capacity is above. */
  | "above"
  /** It crossed at the first rate already. */
  | "below"
  /** At a rate beyond the bracket our own client was late, three times in a row: what the target does there is not known. */
  | "client-too-slow"
  /** A measurement brought fewer samples than the percentile can speak of. */
  | "too-few-samples";

export interface CapacityResult {
  outcome: CapacityOutcome;
  /** The highest rate at which the percentile held, and the lowest at which it did not: the capacity lies between. */
  heldPerSecond?: number;
  crossedPerSecond?: number;
  /**
   * What the target surely serves for ever. A queue needs time to grow: at a rate that is too high by a share of s, requests wait s × t after t seconds, so a measurement of T seconds
   * still holds at s = limit ÷ (percent of T).
   */
  sustainedPerSecond?: number;
  /** Of all measurements. */
  n: number;
  steps: CapacityStep[];
  tookMs: number;
}

/** Of a rate whose percentile lies nearer to the limit than this, in either direction, the majority of three measurements decides. */
const clearly = 2;
const mostVotes = 3;

class Stop extends Error {
  readonly outcome: CapacityOutcome;
  constructor(outcome: CapacityOutcome) {
    super(outcome);
    this.outcome = outcome;
  }
}

/**
 * The rate at which a percentile crosses its limit: doubled until it does, then halved by the geometric mean until the bracket is narrow.
 *
 * @param measure sends at that rate for some seconds, whatever the answers do (open model), and gives every sample, those not sent too; the target has to be at rest again when it resolves
 * @throws whatever `measure` throws
 */
export async function findCapacity(
  measure: (ratePerSecond: number) => Promise<readonly Sample[]>,
  options: CapacityOptions,
): Promise<CapacityResult> {
  const { limitMs, percent, read, startPerSecond, mostPerSecond, within = 0.1, maxMeasurements = 40, maxMs = 180_000 } = options;
  const now = options.now ?? (() => performance.now());
  const began = now();
  const steps: CapacityStep[] = [];
  const bracket: { held?: number; crossed?: number } = {};
  let seconds = Number.POSITIVE_INFINITY;

  const once = async (ratePerSecond: number): Promise<CapacityStep> => {
    if (steps.length >= maxMeasurements || now() - began >= maxMs) throw new Stop("stopped");
    const samples = await measure(ratePerSecond);
    const { n, bad, ms } = read(samples, percent);
    if (ms === undefined || n < Math.ceil(100 / (100 - percent))) throw new Stop("too-few-samples");
    const crossed = ms > limitMs;
    const sinceSent = crossed
      ? read(
          samples.map((sample) => ({ ...sample, due: sample.sent })),
          percent,
        ).ms
      : undefined;
    const step: CapacityStep = {
      ratePerSecond,
      n,
      bad,
      ms: Number.isFinite(ms) ? ms : "bad",
      crossed,
      ...(sinceSent !== undefined && sinceSent <= limitMs ? { clientLate: true } : {}),
    };
    steps.push(step);
    options.onStep?.(step);
    seconds = Math.min(seconds, n / ratePerSecond);
    return step;
  };
  const crosses = async (ratePerSecond: number): Promise<boolean> => {
    const votes = { held: 0, crossed: 0 };
    for (let asked = 1; asked <= mostVotes; asked += 1) {
      const { ms, crossed, clientLate } = await once(ratePerSecond);
      // What a late client saw says nothing.
      if (clientLate) continue;
      if (asked === 1 && (ms === "bad" || ms > limitMs * clearly || ms < limitMs / clearly)) return crossed;
      votes[crossed ? "crossed" : "held"] += 1;
      if (Math.max(votes.held, votes.crossed) > mostVotes / 2) break;
    }
    if (votes.held + votes.crossed === 0) throw new Stop("client-too-slow");
    return votes.crossed >= votes.held;
  };
  /** Whether the rate holds; the bracket has it as its new end. */
  const holds = async (ratePerSecond: number): Promise<boolean> => {
    const crossed = await crosses(ratePerSecond);
    bracket[crossed ? "crossed" : "held"] = ratePerSecond;
    return !crossed;
  };
  const search = async (): Promise<CapacityOutcome> => {
    let low = startPerSecond;
    if (!(await holds(low))) return "below";
    let high = low;
    do {
      low = high;
      if (low >= mostPerSecond) return "above";
      high = Math.min(low * 2, mostPerSecond);
    } while (await holds(high));
    while (high > low * (1 + within)) {
      // Three digits, for the reader.
      const middle = Number(Math.sqrt(low * high).toPrecision(3));
      if (middle <= low || middle >= high) break;
      if (await holds(middle)) low = middle;
      else high = middle;
    }
    return "found";
  };

  const outcome = await search().catch((error: unknown) => {
    if (error instanceof Stop) return error.outcome;
    throw error;
  });
  const { held, crossed } = bracket;
  return {
    outcome,
    ...(held === undefined
      ? {}
      : { heldPerSecond: held, sustainedPerSecond: held / (1 + limitMs / 1000 / ((percent / 100) * seconds)) }),
    ...(crossed === undefined ? {} : { crossedPerSecond: crossed }),
    n: steps.reduce((sum, step) => sum + step.n, 0),
    steps,
    tookMs: now() - began,
  };
}

/** The result in one line, for a report. */
export function capacityWords(
  result: CapacityResult,
  { limitMs, percent }: Pick<CapacityOptions, "limitMs" | "percent">,
): string {
  const { outcome, heldPerSecond, crossedPerSecond, n, steps } = result;
  const rate = (perSecond: number | undefined) => (perSecond === undefined ? "no rate" : `${Number(perSecond.toPrecision(3))}/s`);
  const what = `p${percent} of ${limitMs} ms`;
  const sizes = `n = ${n} in ${steps.length} measurements`;
  const held = `held at ${rate(heldPerSecond)}`;
  const ways: Record<CapacityOutcome, string> = {
    found: `${what} ${held} and crossed at ${rate(crossedPerSecond)}; for ever at least ${rate(result.sustainedPerSecond)}`,
    stopped: `${what} ${held} and crossed at ${rate(crossedPerSecond)} when measurements or time ran out`,
    above: `${what} ${held}, the most that may be asked, and never crossed`,
    below: `${what} crossed at ${rate(crossedPerSecond)} already, the first that was asked`,
    "client-too-slow": `${what} ${held}; beyond, at ${rate(steps.at(-1)?.ratePerSecond)}, our own client was late`,
    "too-few-samples": `${what} ${held}; then a measurement brought too few samples`,
  };
  return `${ways[outcome]} (${sizes})`;
}
