import { describe, expect, test } from "vitest";
import "../../../suites/slo/load.ts";
import { judged, moments, saw } from "../judged.ts";

const answer = { data: { databaseTime: "2026-11-22T01:00:00.000Z", cached: { hit: true } } };
const broken = {
  data: { databaseTime: null, cached: null },
  errors: [{ message: "no", extensions: { code: "DEPENDENCY_UNAVAILABLE" } }],
};

describe.each([
  ["normal", ""],
  ["ten-times", "-10x"],
])("load at the %s rate", (observation, suffix) => {
  const { graphql, fact } = saw(`slo/${observation}`);
  const load = (count: number, tookMs: number, slow = 0, errors = 0) =>
    moments(0, count, 1).map((index) =>
      graphql("load", index < errors ? broken : answer, index * 100, index >= count - slow ? 2000 : tookMs),
    );

  test("p95 and p99 pass within their objectives, with their n", () => {
    expect(judged(`slo/api-p95${suffix}`, load(175, 20, 8))).toMatchObject({
      verdict: "pass",
      observed: "p95 20 ms (n = 175, 0 bad)",
    });
    expect(judged(`slo/api-p99${suffix}`, load(175, 20, 1)).verdict).toBe("pass");
  });
  test("p95 and p99 fail beyond them, each by its own", () => {
    expect(judged(`slo/api-p95${suffix}`, load(175, 20, 12)).reason).toBe(
      "p95 is 2000 ms, promised at most 500 (n = 175, 0 bad)",
    );
    expect(judged(`slo/api-p99${suffix}`, load(175, 20, 3)).reason).toBe(
      "p99 is 2000 ms, promised at most 1000 (n = 175, 0 bad)",
    );
  });
  test("an error in the body of a 200 is an error", () => {
    expect(judged(`slo/error-rate${suffix}`, load(175, 20)).verdict).toBe("pass");
    expect(judged(`slo/error-rate${suffix}`, load(175, 20, 0, 3)).reason).toContain(
      "of 175 answers are bad, promised at most 1 %",
    );
  });
  test("a failure names the processor limit that held the API back, and only that", () => {
    const account = (name: string, more: object) =>
      fact(`processor ${name}`, { task: "t1", limit: 0.02, periods: 40, throttled: 30, throttledMs: 9, ...more });
    const slow = load(175, 20, 12);
    const reason = (...facts: ReturnType<typeof fact>[]) => judged(`slo/api-p95${suffix}`, [...facts, ...slow]).reason;
    const plain = "p95 is 2000 ms, promised at most 500 (n = 175, 0 bad)";
    const held = "core may use 0.02 of a processor, and was held back in 290 of the 300 periods in which it wanted to run";
    expect(reason(account("before", {}), account("after", { periods: 340, throttled: 320 }))).toBe(`${plain}; ${held}`);
    // A task that was made anew in between began to count at nothing.
    expect(reason(account("before", {}), account("after", { task: "t2", periods: 300, throttled: 290 }))).toBe(
      `${plain}; ${held}`,
    );
    // Nobody was held back, or hardly; no limit; nothing recorded.
    expect(reason(account("before", {}), account("after", { periods: 340, throttled: 31 }))).toBe(plain);
    expect(reason(account("before", {}), account("after", { limit: undefined, periods: 0, throttled: 0 }))).toBe(plain);
    expect(reason(fact("processor before", null), fact("processor after", null))).toBe(plain);
    // A pass stays a pass, and says nothing of it.
    const quick = [account("before", {}), account("after", { periods: 340, throttled: 330 }), ...load(175, 20)];
    expect(judged(`slo/api-p95${suffix}`, quick)).toMatchObject({ verdict: "pass", reason: "p95 is 20 ms (n = 175, 0 bad)" });
    expect(judged(`slo/error-rate${suffix}`, [...quick.slice(0, 2), ...load(175, 20, 0, 3)]).reason).toContain(held.slice(0, 33));
  });
  test("too few or no samples are unknown", () => {
    expect(judged(`slo/api-p99${suffix}`, load(99, 20)).verdict).toBe("unknown");
    expect(judged(`slo/error-rate${suffix}`, load(50, 20)).verdict).toBe("unknown");
    for (const check of ["api-p95", "api-p99", "error-rate"]) expect(judged(`slo/${check}${suffix}`, []).verdict).toBe("unknown");
  });
});
