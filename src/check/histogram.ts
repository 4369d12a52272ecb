import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, type Histogram } from "hdr-histogram-js";
import type { EventOf } from "../history/events.ts";
import { type Good, type LatencySummary, summarise } from "./latency.ts";

/**
 * How far a percentile of the histogram may lie from the exact one: never below it, and above it by at most this share. Two significant digits make classes that are
 * at most 1/128 of their values wide.
 */
export const relativeError = 0.01;
/** A day in ns, far beyond any probe's own deadline; the classes up to here are fixed, so that equal contents have equal encodings. */
const longestNs = 86_400e9;

/** What a history keeps of a histogram: HdrHistogram's own compressed form (V2, base64, values in ns), readable by every HdrHistogram tool, and what it cannot hold. */
export interface EncodedHistogram {
  n: number;
  bad: number;
  /** Of the good ones, ms: the encoding knows only the class it lies in. Absent without a good one. */
  maxMs?: number;
  hdr: string;
}

/**
 * Latencies of any number of samples in some 20 kB, counted from the due time, that can be put together across phases, clients and machines: percentiles of percentiles mean
 * nothing, those of merged histograms are right within `relativeError`. For reports; verdicts go by the exact rank (`latency.ts`). A bad sample has no latency and sorts behind every good one.
 */
export class LatencyHistogram {
  readonly #good: Histogram;
  readonly bad: number;
  /** Of the good ones, exact; -Infinity without any. */
  readonly #maxMs: number;

  private constructor(good: Histogram, bad: number, maxMs: number) {
    this.#good = good;
    this.bad = bad;
    this.#maxMs = maxMs;
  }

  static of(events: readonly EventOf<"sample">[], good: Good): LatencyHistogram {
    const histogram = emptyHistogram();
    let bad = 0;
    let max = Number.NEGATIVE_INFINITY;
    for (const { sample } of events) {
      if (!good(sample)) bad += 1;
      else {
        const ns = sample.done - sample.due;
        histogram.recordValue(ns);
        max = Math.max(max, ns);
      }
    }
    return new LatencyHistogram(histogram, bad, max / 1e6);
  }

  /** @throws Error when the text is no HdrHistogram, or holds another number of values than it says */
  static decode({ n, bad, maxMs = Number.NEGATIVE_INFINITY, hdr }: EncodedHistogram): LatencyHistogram {
    const histogram = emptyHistogram();
    histogram.add(decodeFromCompressedBase64(hdr));
    if (histogram.totalCount !== n - bad)
      throw new Error(`the histogram says ${n} samples, ${bad} bad, and holds ${histogram.totalCount}`);
    return new LatencyHistogram(histogram, bad, maxMs);
  }

  /** All of them in one; none of them is changed. */
  static merge(histograms: readonly LatencyHistogram[]): LatencyHistogram {
    const together = emptyHistogram();
    for (const one of histograms) together.add(one.#good);
    return new LatencyHistogram(
      together,
      histograms.reduce((sum, one) => sum + one.bad, 0),
      Math.max(...histograms.map((one) => one.#maxMs)),
    );
  }

  /** Samples, bad ones included. */
  get n(): number {
    return this.#good.totalCount + this.bad;
  }

  /** Nearest rank over all samples, ms. Nothing when there are no samples, Infinity when the rank falls on a bad one. */
  percentile(percent: number): number | undefined {
    if (this.n === 0) return undefined;
    const rank = Math.max(1, Math.ceil((percent / 100) * this.n));
    const good = this.#good.totalCount;
    if (rank > good) return Number.POSITIVE_INFINITY;
    // Half a rank before it, so that the library's own rounding up lands on it whatever the division leaves.
    const ns = this.#good.getValueAtPercentile(((rank - 0.5) / good) * 100);
    return Math.min(ns / 1e6, this.#maxMs);
  }

  summary(): LatencySummary {
    return summarise(this.n, this.bad, this.#max().maxMs, (percent) => this.percentile(percent));
  }

  encode(): EncodedHistogram {
    return { n: this.n, bad: this.bad, ...this.#max(), hdr: encodeIntoCompressedBase64(this.#good) };
  }

  #max(): { maxMs?: number } {
    return Number.isFinite(this.#maxMs) ? { maxMs: this.#maxMs } : {};
  }
}

function emptyHistogram(): Histogram {
  return build({
    bitBucketSize: 32,
    lowestDiscernibleValue: 1,
    highestTrackableValue: longestNs,
    numberOfSignificantValueDigits: 2,
  });
}
