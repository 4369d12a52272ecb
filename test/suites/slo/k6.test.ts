import { expect, test } from "vitest";
import type { K6Exit, K6Run, K6Summary } from "../../../src/history/k6.ts";
import "../../../suites/slo/k6.ts";
import { judged, saw } from "../judged.ts";

const { fact } = saw("slo/k6");
const finished: K6Exit = { code: 0, meaning: "finished" };
const crossed: K6Exit = { code: 99, meaning: "a threshold was crossed" };
const threshold = (metric: string, met: "held" | "crossed" | "no-samples") => ({ metric, expression: "p(95)<500", met });
const ran = (script: string, exit: K6Exit, thresholds: K6Summary["thresholds"], more: Partial<K6Summary> = {}) =>
  fact(script, {
    exit,
    summary: {
      requests: 117,
      failed: 0,
      checks: { passed: 117, failed: 0 },
      dropped: 0,
      latencyMs: { p50: 3, p95: 9, p99: 12 },
      thresholds,
      ...more,
    },
  } satisfies K6Run);

test("every threshold that saw samples and held: pass, with the numbers", () => {
  expect(judged("slo/k6-steady", [ran("steady", finished, [threshold("http_req_duration", "held")])])).toMatchObject({
    verdict: "pass",
    reason: "1 thresholds held, 117 requests, p50 3, p95 9, p99 12 ms (n = 117)",
  });
});

test("one that was crossed: fail, by its name", () => {
  const run = ran("web", crossed, [threshold("http_req_duration{page:home}", "crossed"), threshold("checks", "held")]);
  expect(judged("slo/k6-web", [run])).toMatchObject({
    verdict: "fail",
    reason: expect.stringContaining("crossed: http_req_duration{page:home}"),
  });
});

test("one that saw nothing, a k6 that failed, and no run at all: unknown", () => {
  const blind = ran("scrim", finished, [threshold("http_req_duration{step:join}", "no-samples")]);
  expect(judged("slo/k6-scrim", [blind])).toMatchObject({
    verdict: "unknown",
    reason: expect.stringContaining("nothing was seen for: http_req_duration{step:join}"),
  });
  const failed = ran("scrim", { code: 107, meaning: "k6 failed" }, [threshold("checks", "held")]);
  expect(judged("slo/k6-scrim", [failed]).verdict).toBe("unknown");
  expect(judged("slo/k6-scrim", []).verdict).toBe("unknown");
});

const stairs = (...met: ("held" | "crossed")[]) =>
  met.map((one, at) => threshold(`http_req_duration{rate:${438 * 2 ** at}}`, one));

test("a knee above ten times the normal traffic is none to complain of", () => {
  const knee = ran("ramp", crossed, stairs("held", "held", "held", "held", "crossed"));
  expect(judged("slo/k6-ramp", [knee])).toMatchObject({
    verdict: "pass",
    reason: expect.stringContaining("crossed at 7008 a minute"),
  });
  const never = ran("ramp", finished, stairs("held", "held", "held", "held", "held"));
  expect(judged("slo/k6-ramp", [never])).toMatchObject({ verdict: "pass", reason: expect.stringContaining("never crossed") });
});

test("a knee below it fails, and so do stairs on which requests fail", () => {
  const low = ran("ramp", crossed, stairs("held", "held", "held", "crossed", "crossed"));
  expect(judged("slo/k6-ramp", [low])).toMatchObject({
    verdict: "fail",
    reason: expect.stringContaining("met 1752"),
  });
  const broken = ran("ramp", crossed, [...stairs("held", "held", "held", "held", "held"), threshold("checks", "crossed")]);
  expect(judged("slo/k6-ramp", [broken])).toMatchObject({ verdict: "fail", reason: expect.stringContaining("crossed: checks") });
});
