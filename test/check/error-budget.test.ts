import { describe, expect, test } from "vitest";
import { burnRateIn, errorBudgetOf, keepsBudget } from "../../src/check/error-budget.ts";
import type { Objective } from "../../src/history/events.ts";
import { sampleOf } from "./a-history.ts";
import { good, seenSample } from "./samples.ts";

/** 99.9 %: 43.2 minutes a month. */
const uptime: Objective = { id: "uptime-api", subject: "api", unit: "ratio", limit: 0.001, source: "runbook" };

/** One answer each interval; bad from one second to the next. */
const watch = (seconds: number, [badFrom, badTo]: [number, number], everyMs = 1000) =>
  Array.from({ length: (seconds * 1000) / everyMs }, (_, at) => {
    const dueMs = at * everyMs;
    const bad = dueMs >= badFrom * 1000 && dueMs < badTo * 1000;
    return seenSample(sampleOf({ dueMs, status: bad ? 502 : 200 }));
  });

describe("an error budget", () => {
  test("is spent by the time that answers were bad, of 43.2 minutes a month at 99.9 %", () => {
    const budget = errorBudgetOf(watch(120, [30, 51.6], 100), uptime, good);
    expect(budget).toMatchObject({ n: 1200, bad: 216, alerts: [] });
    expect(budget?.watchedS).toBeCloseTo(120);
    expect(budget?.badS).toBeCloseTo(21.6);
    // 18 % bad of 0.1 % allowed; 21.6 s of 2592.
    expect(budget?.burnRate).toBeCloseTo(180);
    expect(budget?.spent).toBeCloseTo(21.6 / 2592);
  });

  test("is the same whatever the rate of the series", () => {
    const [slow, fast] = [1000, 10].map((everyMs) => errorBudgetOf(watch(60, [10, 20], everyMs), uptime, good));
    expect(slow?.spent).toBeCloseTo(fast?.spent ?? 0);
    expect(slow?.burnRate).toBeCloseTo(fast?.burnRate ?? 0);
  });

  test("of a good watch is untouched", () => {
    expect(errorBudgetOf(watch(60, [0, 0]), uptime, good)).toEqual({
      n: 60,
      bad: 0,
      watchedS: 60,
      badS: 0,
      burnRate: 0,
      spent: 0,
      alerts: [],
    });
  });

  test("of nothing, or of one sample, is nothing", () => {
    expect(errorBudgetOf([], uptime, good)).toBeUndefined();
    expect(errorBudgetOf(watch(1, [0, 1]), uptime, good)).toBeUndefined();
  });

  test("of an objective that allows nothing is overspent by the first bad answer, and by no good one", () => {
    const never = { ...uptime, limit: 0 };
    expect(errorBudgetOf(watch(10, [0, 0]), never, good)?.spent).toBe(0);
    expect(errorBudgetOf(watch(10, [3, 4]), never, good)?.spent).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("alerts of several windows", () => {
  test("page when 14.4 × 0.1 % of an hour were bad, then 6 × 0.1 % of six, then a ticket at 0.1 % of three days", () => {
    const budget = errorBudgetOf(watch(300, [0, 300]), uptime, good);
    // More than 51.84 s, 129.6 s and 259.2 s.
    expect(budget?.alerts).toEqual([
      { call: "page", burnRate: 14.4, afterS: 52 },
      { call: "page", burnRate: 6, afterS: 130 },
      { call: "ticket", burnRate: 1, afterS: 260 },
    ]);
  });

  test("do not page of what is over: the short window has forgotten the first outage when the second makes the hour's measure full", () => {
    const events = watch(3000, [0, 50]).map((event, at) =>
      at >= 2000 && at < 2004 ? seenSample(sampleOf({ dueMs: at * 1000, status: 502 })) : event,
    );
    expect(errorBudgetOf(events, uptime, good)?.alerts).toEqual([]);
    // A fifth bad second lifts the five minutes above 14.4 × 0.1 % too.
    const longer = events.map((event, at) => (at === 2004 ? seenSample(sampleOf({ dueMs: at * 1000, status: 502 })) : event));
    expect(errorBudgetOf(longer, uptime, good)?.alerts).toEqual([{ call: "page", burnRate: 14.4, afterS: 2005 }]);
  });
});

describe("the burn rate of a window", () => {
  const events = watch(60, [20, 30]);
  test("is that of the samples due in it", () => {
    expect(burnRateIn(events, { fromNs: 20e9, toNs: 30e9 }, uptime, good)).toBeCloseTo(1000);
    expect(burnRateIn(events, { fromNs: 10e9, toNs: 30e9 }, uptime, good)).toBeCloseTo(500);
    expect(burnRateIn(events, { fromNs: 30e9, toNs: 60e9 }, uptime, good)).toBe(0);
  });
  test("without samples is nothing", () => {
    expect(burnRateIn(events, { fromNs: 60e9, toNs: 70e9 }, uptime, good)).toBeUndefined();
    expect(burnRateIn([], { fromNs: 0, toNs: 1e9 }, uptime, good)).toBeUndefined();
  });
});

describe("a month's budget", () => {
  test("is kept by a short outage, which is measured as the month's share of bad answers", () => {
    expect(keepsBudget(watch(120, [30, 60]), { objective: uptime, good })).toEqual({
      verdict: "pass",
      reason: "30 s of 2 min bad: 1.157 % of a month's budget, burn rate 250 (n = 120, 30 bad)",
      expected: "at most 43.2 min of bad answers, 100 % of a month's budget",
      observed: "30 s of 2 min bad: 1.157 % of a month's budget, burn rate 250 (n = 120, 30 bad)",
      measured: [{ objective: "uptime-api", value: 30 / 2_592_000, n: 120 }],
    });
  });
  test("is not kept by one that is longer than the share that it may have", () => {
    const judged = keepsBudget(watch(120, [30, 60]), { objective: uptime, good, share: 0.01 });
    expect(judged.verdict).toBe("fail");
    expect(judged.reason).toContain("1.157 % of a month's budget");
    expect(judged.reason).toContain("allowed 1 %");
    // 43.2 minutes and a second.
    expect(keepsBudget(watch(3000, [100, 2694]), { objective: uptime, good }).verdict).toBe("fail");
    expect(keepsBudget(watch(3000, [100, 2690]), { objective: uptime, good }).verdict).toBe("pass");
  });
  test("cannot be told of an outage that outlasts the watch, unless it is too much already", () => {
    expect(keepsBudget(watch(60, [30, 60]), { objective: uptime, good })).toMatchObject({
      verdict: "unknown",
      reason: expect.stringContaining("still answered badly when the watch ended: at least 30 s"),
    });
    expect(keepsBudget(watch(60, [30, 60]), { objective: uptime, good, share: 0.001 }).verdict).toBe("fail");
  });
  test("cannot be told of nothing", () => {
    expect(keepsBudget([], { objective: uptime, good })).toMatchObject({
      verdict: "unknown",
      reason: "no samples were recorded",
    });
    expect(keepsBudget(watch(1, [0, 0]), { objective: uptime, good }).verdict).toBe("unknown");
  });
});
