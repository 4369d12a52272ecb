import { describe, expect, test } from "vitest";
import { backWithin, phasesOf, returnsToSpeed, returnToSpeedOf } from "../../src/check/phases.ts";
import type { Objective } from "../../src/history/events.ts";
import { sampleOf } from "./a-history.ts";
import { good, seenSample } from "./samples.ts";

const p95: Objective = { id: "api-p95", subject: "api", unit: "ms", limit: 500, source: "runbook" };

type Answer = { tookMs: number; status?: number };
/** One answer each 10 ms, by what the schedule says of its due time. */
const client = (seconds: number, answer: (dueMs: number) => Answer) =>
  Array.from({ length: seconds * 100 }, (_, at) => seenSample(sampleOf({ dueMs: at * 10, status: 200, ...answer(at * 10) })));

/** Quick for 10 s, dead for 5 s, slow for 2.1 s, then quick. */
const times = { effectNs: 10e9, removedNs: 14e9, recoveredNs: 15e9 };
const story = client(30, (due) => {
  if (due < 10_000) return { tookMs: 20 };
  if (due < 15_000) return { tookMs: 3, status: 502 };
  return { tookMs: due < 17_100 ? 800 : 25 };
});
const healthy = client(30, () => ({ tookMs: 20 }));

describe("phases of a fault", () => {
  test("are told apart, each with n, bad answers and percentiles", () => {
    expect(phasesOf(story, times, good)).toEqual({
      // The two that were under way when the effect was seen belong to what follows.
      before: { n: 999, bad: 0, p50: 20, p95: 20, p99: 20, maxMs: 20 },
      during: { n: 501, bad: 500, p50: "bad", p95: "bad", p99: "bad", maxMs: 20 },
      after: { n: 1500, bad: 0, p50: 25, p95: 800, p99: 800, maxMs: 800 },
      applied: { n: 401, bad: 400, p50: "bad", p95: "bad", p99: "bad", maxMs: 20 },
      healing: { n: 100, bad: 100, p50: "bad", p95: "bad", p99: "bad" },
    });
  });
  test("without a removal have no parts, and without a recovery nothing after it", () => {
    const phases = phasesOf(story, { effectNs: 10e9 }, good);
    expect(phases).not.toHaveProperty("applied");
    expect(phases.after).toEqual({ n: 0, bad: 0 });
    expect(phases.during.n).toBe(2001);
  });
  test("of nothing hold nothing", () => {
    const nothing = { n: 0, bad: 0 };
    expect(phasesOf([], times, good)).toEqual({
      before: nothing,
      during: nothing,
      after: nothing,
      applied: nothing,
      healing: nothing,
    });
  });
  test("give no percentile of fewer samples than it can speak of", () => {
    expect(phasesOf(healthy.slice(0, 30), { effectNs: 190e6 }, good)).toMatchObject({
      before: { n: 18, p50: 20, maxMs: 20 },
      during: { n: 12, p50: 20, maxMs: 20 },
    });
    expect(phasesOf(healthy.slice(0, 30), { effectNs: 190e6 }, good).before).not.toHaveProperty("p95");
  });
});

describe("a percentile is back", () => {
  test("when it is within its objective after the recovery, as before the fault", () => {
    expect(backWithin(healthy, 95, { times, objective: p95, good })).toMatchObject({
      verdict: "pass",
      reason: "after the recovery, p95 is 20 ms (n = 1500, 0 bad)",
      measured: [{ objective: "api-p95", value: 20, n: 1500 }],
    });
  });
  test("fails when it stays beyond it", () => {
    expect(backWithin(story, 95, { times, objective: p95, good })).toMatchObject({
      verdict: "fail",
      reason: "after the recovery, p95 is 800 ms, promised at most 500 (n = 1500, 0 bad)",
      observed: "before: p95 20 ms (n = 999, 0 bad); after: p95 800 ms (n = 1500, 0 bad)",
    });
  });
  test("is unknown when it was beyond it before, or when nothing was seen before, after, or at all", () => {
    const slowBefore = client(30, (due) => ({ tookMs: due < 10_000 ? 900 : 20 }));
    expect(backWithin(slowBefore, 95, { times, objective: p95, good })).toMatchObject({
      verdict: "unknown",
      reason: "before the fault, p95 is 900 ms, promised at most 500 (n = 911, 0 bad)",
    });
    expect(backWithin(story.slice(1000), 95, { times, objective: p95, good }).verdict).toBe("unknown");
    expect(backWithin(story.slice(0, 1400), 95, { times, objective: p95, good }).verdict).toBe("unknown");
    expect(backWithin(story, 95, { times: { effectNs: 10e9 }, objective: p95, good })).toMatchObject({
      verdict: "unknown",
      reason: "no recovery was seen, so nothing came after it",
    });
    expect(backWithin([], 95, { times, objective: p95, good }).verdict).toBe("unknown");
  });
});

describe("return to speed", () => {
  const options = { times, good, speed: { limitMs: 500 } };
  test("is when the first window of twenty is at speed, one slow one in it allowed", () => {
    // The last slow answer was due at 17.09 s, 2.09 s after the recovery.
    expect(returnToSpeedOf(story, options)).toEqual({
      limitMs: 500,
      afterMs: 2090,
      relapses: 0,
      n: 1500,
      watchedMs: 14_990,
    });
    expect(returnsToSpeed(story, { ...options, withinMs: 3000 })).toMatchObject({
      verdict: "pass",
      reason: "at speed 2.09 s after the recovery (limit 500 ms, n = 1500, watched 14.99 s)",
    });
  });
  test("is at once when nothing was slow", () => {
    expect(returnToSpeedOf(healthy, options)).toMatchObject({ afterMs: 0, relapses: 0 });
  });
  test("fails when it takes longer than it may, and when it never comes", () => {
    expect(returnsToSpeed(story, { ...options, withinMs: 2000 }).verdict).toBe("fail");
    const slow = client(30, (due) => ({ tookMs: due < 10_000 ? 20 : 800 }));
    expect(returnsToSpeed(slow, { ...options, withinMs: 10_000 })).toMatchObject({
      verdict: "fail",
      reason: "never at speed again (limit 500 ms, n = 1500, watched 14.99 s)",
    });
    expect(returnsToSpeed(slow, { ...options, withinMs: 20_000 })).toMatchObject({ verdict: "unknown" });
  });
  test("can be held against what it was before", () => {
    const twice = { ...options, speed: { timesBefore: 2 } };
    expect(returnToSpeedOf(story, twice)).toMatchObject({ limitMs: 40, afterMs: 2090 });
    // 25 ms are not within 1.2 times 20 ms.
    expect(returnToSpeedOf(story, { ...options, speed: { timesBefore: 1.2 } })).toMatchObject({ limitMs: 24 });
    expect(returnToSpeedOf(story, { ...options, speed: { timesBefore: 1.2 } })).not.toHaveProperty("afterMs");
    expect(returnsToSpeed(story.slice(1000), { ...twice, withinMs: 3000 })).toMatchObject({
      verdict: "unknown",
      reason: "too few good answers before the fault to say what its p95 was",
    });
  });
  test("counts windows that were slow again", () => {
    const again = client(30, (due) => ({ tookMs: due >= 20_000 && due < 20_500 ? 900 : 20 }));
    expect(returnToSpeedOf(again, options)).toMatchObject({ afterMs: 0, relapses: 3 });
  });
  test("is not reached by failing fast", () => {
    const failing = client(30, (due) => (due < 15_000 ? { tookMs: 20 } : { tookMs: 1, status: 500 }));
    expect(returnToSpeedOf(failing, options)).not.toHaveProperty("afterMs");
  });
  test("cannot be told of nothing, nor without a recovery", () => {
    expect(returnToSpeedOf([], options)).toEqual({ limitMs: 500, n: 0, watchedMs: 0, relapses: 0 });
    expect(returnsToSpeed([], { ...options, withinMs: 1000 }).verdict).toBe("unknown");
    expect(returnsToSpeed(story, { ...options, times: { effectNs: 10e9 }, withinMs: 1000 })).toMatchObject({
      verdict: "unknown",
      reason: "no recovery was seen, so no speed came back",
    });
  });
});
