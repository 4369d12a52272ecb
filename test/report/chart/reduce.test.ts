import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Answer, reduce, spansOf } from "../../../src/report/chart/reduce.ts";

/** Every 10 ms for a minute; bad from 20 s to 22 s; one good one in a thousand is slow. */
const dense: Answer[] = Array.from({ length: 6000 }, (_, i) => ({
  atMs: i * 10,
  tookMs: i % 1000 === 500 ? 400 : 1 + (i % 3),
  good: i < 2000 || i >= 2200,
}));
const minute = { fromMs: 0, toMs: 60_000 };

describe("a dense series", () => {
  const { columns, badShare } = reduce(dense, minute, 600);

  test("becomes as many columns as the chart has", () => {
    expect(columns).toHaveLength(600);
    expect(badShare).toHaveLength(600);
  });
  test("keeps quickest, median and slowest of each", () => {
    expect(columns[0]).toEqual({ n: 10, bad: 0, good: { min: 1, median: 2, max: 3 } });
    expect(columns[50]?.good?.max).toBe(400);
  });
  test("has its gap where it was, and as wide", () => {
    expect(spansOf(badShare)).toEqual([
      { from: 0, to: 200, value: 0 },
      { from: 200, to: 220, value: 1 },
      { from: 220, to: 600, value: 0 },
    ]);
    expect(columns[210]).toEqual({ n: 10, bad: 10, badTook: { min: 1, max: 3 } });
  });
  test("shows a column with some bad ones as so much of it", () => {
    const flapping = dense.map((one, i) => ({ ...one, good: i % 4 !== 0 }));
    const shares = reduce(flapping, minute, 60).badShare;
    expect(new Set(shares)).toEqual(new Set([0.25]));
  });
});

describe("a sparse series", () => {
  const everySecond = (bad: (i: number) => boolean, i = 60): Answer[] =>
    Array.from({ length: i }, (_, at) => ({ atMs: at * 1000, tookMs: 5, good: !bad(at) }));

  test("stands for the time until the next answer is due", () => {
    const { badShare } = reduce(
      everySecond((i) => i >= 10 && i < 13),
      minute,
      600,
    );
    expect(spansOf(badShare)).toEqual([
      { from: 0, to: 100, value: 0 },
      { from: 100, to: 130, value: 1 },
      { from: 130, to: 600, value: 0 },
    ]);
  });
  test("says nothing of a time in which nobody looked", () => {
    const silent = everySecond(() => false).filter(({ atMs }) => atMs < 10_000 || atMs >= 30_000);
    // The last answer is of 9 s; the next one is long overdue 2.5 s later.
    expect(spansOf(reduce(silent, minute, 600).badShare)).toEqual([
      { from: 0, to: 116, value: 0 },
      { from: 300, to: 600, value: 0 },
    ]);
  });
  test("of one answer, or of none, is no chart full of them", () => {
    expect(spansOf(reduce([{ atMs: 30_000, tookMs: 1, good: false }], minute, 600).badShare)).toEqual([
      { from: 300, to: 301, value: 1 },
    ]);
    expect(spansOf(reduce([], minute, 600).badShare)).toEqual([]);
  });
});

test("no bad answer is lost, whatever the series", () => {
  const answer = fc.record({ atMs: fc.integer({ min: 0, max: 59_999 }), tookMs: fc.nat(3000), good: fc.boolean() });
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 300 }), fc.integer({ min: 1, max: 700 }), (unsorted, count) => {
      const answers = unsorted.toSorted((a, b) => a.atMs - b.atMs);
      const { columns, badShare } = reduce(answers, minute, count);
      expect(columns.reduce((sum, one) => sum + (one?.n ?? 0), 0)).toBe(answers.length);
      expect(columns.reduce((sum, one) => sum + (one?.bad ?? 0), 0)).toBe(answers.filter(({ good }) => !good).length);
      for (const [at, column] of columns.entries()) if (column?.bad) expect(badShare[at]).toBeGreaterThan(0);
    }),
  );
});
