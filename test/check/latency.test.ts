import { describe, expect, test } from "vitest";
import { errorRateWithin, latenciesOf, percentile, percentileWithin } from "../../src/check/latency.ts";
import type { Objective } from "../../src/history/events.ts";
import { sampleOf } from "./a-history.ts";
import { good, seenSample } from "./samples.ts";

const p95: Objective = { id: "api-p95", subject: "api", unit: "ms", limit: 500, source: "runbook" };
const errors: Objective = { id: "api-errors", subject: "api", unit: "ratio", limit: 0.01, source: "runbook" };
const load = (tooks: number[], bad = 0) => [
  ...tooks.map((tookMs, i) => seenSample(sampleOf({ dueMs: i * 10, tookMs, status: 200 }))),
  ...Array.from({ length: bad }, (_, i) =>
    seenSample(sampleOf({ dueMs: i * 10, tookMs: 1, error: { kind: "connect-refused", message: "no" } })),
  ),
];
const range = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

describe("a percentile", () => {
  test("is exact, by nearest rank", () => {
    const latencies = latenciesOf(load(range(100)), good);
    expect([50, 95, 99, 100].map((p) => percentile(latencies, p))).toEqual([50, 95, 99, 100]);
    expect(percentile(latenciesOf(load([7]), good), 99)).toBe(7);
  });
  test("counts from the due time, not from when the client got round to sending", () => {
    const late = sampleOf({ dueMs: 0, tookMs: 900, status: 200, sent: 880e6 });
    expect(percentile(latenciesOf([seenSample(late)], good), 50)).toBe(900);
  });
  test("passes within its objective, and states n", () => {
    expect(percentileWithin(load(range(100)), 95, p95, good)).toMatchObject({
      verdict: "pass",
      observed: "p95 95 ms (n = 100, 0 bad)",
      measured: [{ objective: "api-p95", value: 95, n: 100 }],
    });
  });
  test("fails beyond it", () => {
    expect(percentileWithin(load(range(100).map((n) => n * 6)), 95, p95, good)).toMatchObject({
      verdict: "fail",
      reason: "p95 is 570 ms, promised at most 500 (n = 100, 0 bad)",
    });
  });
  test("is not made better by failing fast", () => {
    expect(percentileWithin(load(range(90), 10), 95, p95, good)).toMatchObject({
      verdict: "fail",
      reason: "p95 falls among the 10 of 100 that were not answered well",
    });
    expect(percentile(latenciesOf(load(range(99), 1), good), 50)).toBe(50);
  });
  test("of no samples is unknown, and of too few", () => {
    expect(percentileWithin([], 95, p95, good)).toMatchObject({ verdict: "unknown", reason: "no samples were recorded" });
    expect(percentileWithin(load(range(19)), 95, p95, good).verdict).toBe("unknown");
    expect(percentileWithin(load(range(99)), 99, p95, good).verdict).toBe("unknown");
  });
  test("in seconds is held against seconds", () => {
    expect(percentileWithin(load(range(20).map((n) => n * 1000)), 95, { ...p95, unit: "s", limit: 19 }, good)).toMatchObject({
      verdict: "pass",
      measured: [{ value: 19 }],
    });
  });
});

describe("the share of errors", () => {
  test("passes within its objective", () => {
    expect(errorRateWithin(load(range(199), 1), errors, good)).toMatchObject({
      verdict: "pass",
      measured: [{ value: 0.005, n: 200 }],
    });
  });
  test("fails beyond it", () => {
    expect(errorRateWithin(load(range(97), 3), errors, good)).toMatchObject({ verdict: "fail", observed: "3 % bad (3 of 100)" });
  });
  test("of no samples is unknown, and of too few to show it", () => {
    expect(errorRateWithin([], errors, good).verdict).toBe("unknown");
    expect(errorRateWithin(load(range(50)), errors, good).verdict).toBe("unknown");
  });
});
