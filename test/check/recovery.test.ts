import { describe, expect, test } from "vitest";
import { recoversWithin } from "../../src/check/recovery.ts";
import type { Objective } from "../../src/history/events.ts";
import { sampleOf } from "./a-history.ts";
import { good, seenSample } from "./samples.ts";

const objective: Objective = { id: "vault-recovery", subject: "vault", unit: "s", limit: 60, source: "runbook" };
const faultAt = 10_000e6;

/** One sample each 500 ms: `g` good, `b` bad. The fault comes 10 s in. */
const watch = (letters: string) =>
  [...letters].map((letter, i) => seenSample(sampleOf({ dueMs: i * 500, tookMs: 20, status: letter === "g" ? 200 : 503 })));
const before = "g".repeat(20);
const judge = (letters: string, more: { limit?: number; clockError?: number } = {}) =>
  recoversWithin(watch(letters), {
    faultAt,
    good,
    objective: { ...objective, limit: more.limit ?? 60 },
    clockError: more.clockError ?? 0,
  });

describe("a recovery", () => {
  test("is the first good answer of a run that lasts, with the error of looking only so often", () => {
    // bad at 10.0, 10.5, 11.0; good from 11.5 on, done at 11.52
    expect(judge(`${before}bbb${"g".repeat(10)}`)).toMatchObject({
      verdict: "pass",
      observed: "recovered after 1.52 s (at most 0.52 s earlier, 3 bad, n = 33)",
      measured: [{ objective: "vault-recovery", value: 1.52, n: 33 }],
    });
  });
  test("is not yet the good answer before the effect, nor one that does not last", () => {
    expect(judge(`${before}gggggggbgggbb${"g".repeat(10)}`).observed).toMatch(/recovered after 6.52 s/);
  });
  test("takes as long a run as was asked for", () => {
    const events = watch(`${before}bgggggb${"g".repeat(10)}`);
    expect(recoversWithin(events, { faultAt, good, objective, lastingMs: 2000 }).observed).toMatch(/recovered after 0.52 s/);
    expect(recoversWithin(events, { faultAt, good, objective, lastingMs: 2001 }).observed).toMatch(/recovered after 3.52 s/);
    expect(recoversWithin(events, { faultAt, good, objective, run: 6 }).observed).toMatch(/recovered after 3.52 s/);
  });
  test("that comes too late fails", () => {
    expect(judge(`${before}${"b".repeat(20)}${"g".repeat(10)}`, { limit: 5 })).toMatchObject({
      verdict: "fail",
      reason: expect.stringMatching(/after 10 s|after 10.02 s/),
    });
  });
  test("that never comes fails with the limit", () => {
    expect(judge(`${before}${"b".repeat(130)}`)).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("never recovered: the limit is 60 s"),
    });
  });
  test("that had not come when the watch ended early is unknown", () => {
    expect(judge(`${before}${"b".repeat(10)}`)).toMatchObject({
      verdict: "unknown",
      reason: expect.stringContaining("when the watch ended"),
    });
  });
  test("within the error of the limit cannot be told", () => {
    expect(judge(`${before}bbb${"g".repeat(10)}`, { limit: 1.2 })).toMatchObject({
      verdict: "unknown",
      reason: expect.stringMatching(/^cannot be told/),
    });
    expect(judge(`${before}${"b".repeat(20)}${"g".repeat(10)}`, { limit: 5, clockError: 6e9 }).verdict).toBe("unknown");
  });
  test("of what was never good before the fault is unknown", () => {
    expect(judge(`${"b".repeat(20)}bbb${"g".repeat(10)}`)).toMatchObject({
      verdict: "unknown",
      reason: expect.stringContaining("no good answer just before"),
    });
  });
  test("without a sample before, after, or at all is unknown", () => {
    expect(judge(before).reason).toBe("no sample was taken after the fault");
    expect(judge("")).toMatchObject({ verdict: "unknown" });
    expect(recoversWithin(watch("g".repeat(30)), { faultAt: -1, good, objective }).verdict).toBe("unknown");
  });
  test("that nobody noticed passes at once, and says so", () => {
    expect(judge(`${before}${"g".repeat(10)}`)).toMatchObject({
      verdict: "pass",
      observed: expect.stringContaining("no bad answer seen"),
    });
  });
  test("that did not hold says how often it broke again", () => {
    expect(judge(`${before}bb${"g".repeat(10)}bb`).observed).toContain("then 2 bad again");
  });
});
