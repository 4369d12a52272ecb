import { describe, expect, test } from "vitest";
import { recoversWithin, recoveryOf } from "../../src/check/recovery.ts";
import type { Objective } from "../../src/history/events.ts";
import type { SampleError } from "../../src/history/sample.ts";
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

describe("what a client met", () => {
  /** Looks each 10 ms from 0 to 3 s; the target was down in between. A good answer takes 2 ms, a bad one 1 ms. */
  const looks = (downFrom: number, downTo: number, of: (dueMs: number) => { done?: number; error?: SampleError } = () => ({})) =>
    Array.from({ length: 300 }, (_, i) => i * 10).map((dueMs) => {
      const down = dueMs >= downFrom && dueMs < downTo;
      const broken = down ? of(dueMs) : {};
      const answered = broken.error ? {} : { status: down ? 503 : 200 };
      return seenSample({ ...sampleOf({ dueMs, tookMs: down ? 1 : 2, ...answered }), ...broken });
    });
  const met = (events: ReturnType<typeof looks>, more: { faultAt?: number; announcedAt?: number; clockError?: number } = {}) =>
    recoveryOf(events, { good, faultAt: 495e6, ...more });

  test("is told from the first bad answer to the first good one of the run, and how far the target's own outage may be from it", () => {
    // Bad from 500 to 1190, good at 1200 (done 1202). It began after 490 and before 501, and ended after 1190 and before 1202.
    expect(met(looks(500, 1200))).toEqual({
      steady: true,
      recovery: {
        recoveredMs: 707,
        errorMs: 12,
        confirmedAfterMs: 0,
        detectedMs: 6,
        outageMs: 702,
        outageErrorMs: 13,
        bad: 70,
        relapses: 0,
        watchedMs: 2497,
      },
    });
  });

  test("may have begun before the effect was confirmed, but not before the fault was announced", () => {
    const events = looks(500, 1200);
    expect(met(events, { faultAt: 800e6 })).toMatchObject({ steady: false });
    expect(met(events, { faultAt: 800e6, announcedAt: 495e6 })).toMatchObject({
      steady: true,
      recovery: { recoveredMs: 402, errorMs: 12, confirmedAfterMs: 305, detectedMs: -299, outageMs: 702, bad: 70 },
    });
    // Announced at 497: it did not begin at 490.
    expect(met(events, { announcedAt: 497e6, faultAt: 497e6 }).recovery).toMatchObject({ outageMs: 702, outageErrorMs: 13 });
  });

  test("is an outage that was over before its effect was confirmed, once good answers have lasted since then", () => {
    const events = looks(500, 600);
    expect(met(events, { announcedAt: 495e6, faultAt: 800e6 }).recovery).toMatchObject({
      recoveredMs: 0,
      errorMs: 0,
      detectedMs: -299,
      outageMs: 102,
      bad: 10,
    });
    expect(met(events.slice(0, 175), { announcedAt: 495e6, faultAt: 800e6 }).recovery?.recoveredMs).toBeUndefined();
  });

  test("counts a request that was under way when the fault came, since it was its first victim", () => {
    const events = looks(500, 600);
    const victim = sampleOf({ dueMs: 480, tookMs: 19, status: 502 });
    events[48] = seenSample(victim);
    expect(met(events, { faultAt: 493e6 })).toMatchObject({
      steady: true,
      recovery: { detectedMs: 6, outageMs: 109, outageErrorMs: expect.closeTo(18, 6), bad: 11 },
    });
  });

  test("of answers that never came is as long as their time-out shows", () => {
    const unanswered = (dueMs: number) => ({ done: (dueMs + 400) * 1e6, error: { kind: "timeout" as const, message: "" } });
    const { recovery } = met(looks(500, 1200, unanswered));
    // The first request of all may have been taken until it was given up: the outage began between 490 and 900.
    expect(recovery).toMatchObject({ recoveredMs: 707, errorMs: 12, detectedMs: 405, outageMs: 702, outageErrorMs: 412 });
  });

  test("ends with the first answer that came of those that were held up, whichever was asked for first", () => {
    const events = looks(500, 1200);
    events[120] = seenSample(sampleOf({ dueMs: 1200, tookMs: 1100, status: 200 }));
    expect(met(events).recovery).toMatchObject({ recoveredMs: 717, errorMs: 22, outageMs: 712 });
  });

  test("is not proved by what could not be sent", () => {
    const notSent = (dueMs: number) =>
      dueMs < 900 ? {} : { done: dueMs * 1e6, error: { kind: "not-sent" as const, message: "" } };
    const { recovery } = met(looks(500, 1200, notSent));
    expect(recovery).toMatchObject({ recoveredMs: 707, errorMs: 312, outageMs: 702, outageErrorMs: 313, bad: 70 });
  });

  test("without a bad answer is no outage, or one that was shorter than the time between two looks", () => {
    const { recovery } = met(looks(0, 0));
    expect(recovery).toMatchObject({ recoveredMs: 0, errorMs: 0, outageMs: 0, outageErrorMs: 12, bad: 0 });
    expect(recovery?.detectedMs).toBeUndefined();
  });

  test("has no end when it did not end, but was detected", () => {
    const { recovery } = met(looks(500, 3000));
    expect(recovery).toEqual({ errorMs: 0, confirmedAfterMs: 0, detectedMs: 6, bad: 250, relapses: 0, watchedMs: 2496 });
  });

  test("is nothing without looks", () => {
    expect(met([])).toEqual({ steady: undefined, recovery: undefined });
    expect(met(looks(500, 1200).slice(0, 60), { announcedAt: 495e6, faultAt: 800e6 }).recovery).toBeUndefined();
  });
});
