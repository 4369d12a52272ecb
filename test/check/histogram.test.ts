import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LatencyHistogram, relativeError } from "../../src/check/histogram.ts";
import { latenciesOf, percentile } from "../../src/check/latency.ts";
import { sampleOf } from "./a-history.ts";
import { good, seenSample } from "./samples.ts";

/** Latencies in ns of good answers, null for a bad one. */
const load = (tooks: readonly (number | null)[]) =>
  tooks.map((ns, at) =>
    seenSample(
      ns === null
        ? sampleOf({ dueMs: at, error: { kind: "reset", message: "no" } })
        : { ...sampleOf({ dueMs: at, status: 200 }), done: at * 1e6 + ns },
    ),
  );
const histogram = (tooks: readonly (number | null)[]) => LatencyHistogram.of(load(tooks), good);

// Every order of magnitude from a nanosecond to an hour as often as any other.
const tookNs = fc.tuple(fc.double({ min: 0, max: 12.5, noNaN: true }), fc.nat(9)).map(([e, d]) => Math.floor(10 ** e) + d);
const tooks = fc.array(fc.oneof({ weight: 9, arbitrary: tookNs }, { weight: 1, arbitrary: fc.constant(null) }), {
  maxLength: 200,
});
const percents = fc.oneof(fc.constantFrom(50, 95, 99, 99.9, 100), fc.double({ min: 0.001, max: 100, noNaN: true }));

describe("a latency histogram", () => {
  test("gives every percentile, and never better than the exact one, nor worse by more than its stated error", () => {
    fc.assert(
      fc.property(tooks, percents, (all, percent) => {
        const exact = percentile(latenciesOf(load(all), good), percent);
        const said = histogram(all).percentile(percent);
        if (exact === undefined || !Number.isFinite(exact)) expect(said).toBe(exact);
        else {
          expect(said).toBeGreaterThanOrEqual(exact);
          expect(said).toBeLessThanOrEqual(exact * (1 + relativeError));
        }
      }),
      { numRuns: 500 },
    );
  });

  test("merged is the histogram of all samples, in whatever order and grouping", () => {
    fc.assert(
      fc.property(tooks, tooks, tooks, (a, b, c) => {
        const [x, y, z] = [histogram(a), histogram(b), histogram(c)];
        const whole = histogram([...a, ...b, ...c]).encode();
        expect(LatencyHistogram.merge([x, y, z]).encode()).toEqual(whole);
        expect(LatencyHistogram.merge([z, x, y]).encode()).toEqual(whole);
        expect(LatencyHistogram.merge([x, LatencyHistogram.merge([y, z])]).encode()).toEqual(whole);
        expect(x.encode()).toEqual(histogram(a).encode());
      }),
    );
  });

  test("survives being written down and read", () => {
    fc.assert(
      fc.property(tooks, percents, (all, percent) => {
        const before = histogram(all);
        const after = LatencyHistogram.decode(JSON.parse(JSON.stringify(before.encode())));
        expect(after.encode()).toEqual(before.encode());
        expect(after.percentile(percent)).toBe(before.percentile(percent));
      }),
    );
  });

  test("counts from the due time", () => {
    const late = { ...sampleOf({ dueMs: 0, tookMs: 900, status: 200 }), sent: 880e6 };
    expect(LatencyHistogram.of([seenSample(late)], good).percentile(50)).toBe(900);
  });

  test("sorts bad samples behind every good one, so that failing fast makes nothing look quick", () => {
    const mixed = histogram([...Array.from({ length: 90 }, () => 2e6), ...Array.from({ length: 10 }, () => null)]);
    expect(mixed.summary()).toEqual({ n: 100, bad: 10, p50: 2, p95: "bad", p99: "bad", maxMs: 2 });
    expect(histogram([null, null]).summary()).toEqual({ n: 2, bad: 2, p50: "bad" });
  });

  test("gives no percentile of fewer samples than it can speak of", () => {
    const of = (n: number) => Object.keys(histogram(Array.from({ length: n }, () => 3e6)).summary());
    expect(of(1)).toEqual(["n", "bad", "maxMs"]);
    expect(of(19)).toEqual(["n", "bad", "p50", "maxMs"]);
    expect(of(20)).toEqual(["n", "bad", "p50", "p95", "maxMs"]);
    expect(of(100)).toEqual(["n", "bad", "p50", "p95", "p99", "maxMs"]);
  });

  test("of nothing says nothing, and changes nothing it is merged with", () => {
    const empty = histogram([]);
    expect(empty.percentile(50)).toBeUndefined();
    expect(empty.summary()).toEqual({ n: 0, bad: 0 });
    expect(LatencyHistogram.merge([]).encode()).toEqual(empty.encode());
    const some = histogram([5e6, null]);
    expect(LatencyHistogram.merge([some, empty]).encode()).toEqual(some.encode());
  });

  test("refuses what is no histogram, and one whose counts do not fit", () => {
    const { hdr } = histogram([5e6]).encode();
    expect(() => LatencyHistogram.decode({ n: 1, bad: 0, hdr: "bm8gaGlzdG9ncmFt" })).toThrow();
    expect(() => LatencyHistogram.decode({ n: 3, bad: 1, hdr })).toThrow("says 3 samples, 1 bad, and holds 1");
  });
});
