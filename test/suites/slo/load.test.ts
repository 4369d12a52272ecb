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
  const { graphql } = saw(`slo/${observation}`);
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
  test("too few or no samples are unknown", () => {
    expect(judged(`slo/api-p99${suffix}`, load(99, 20)).verdict).toBe("unknown");
    expect(judged(`slo/error-rate${suffix}`, load(50, 20)).verdict).toBe("unknown");
    for (const check of ["api-p95", "api-p99", "error-rate"]) expect(judged(`slo/${check}${suffix}`, []).verdict).toBe("unknown");
  });
});
