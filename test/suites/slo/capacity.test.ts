import { expect, test } from "vitest";
import "../../../suites/slo/capacity.ts";
import { judged, moments, saw } from "../judged.ts";

const { graphql, fact } = saw("slo/capacity");
const answer = { data: { databaseTime: "now", cached: { hit: true } } };
/** One measurement: forty answers that each took so long. */
const step = (label: string, ratePerSecond: number, tookMs: number) => [
  fact("step", { label, ratePerSecond }),
  ...moments(0, 40, 1).map((at) => graphql(label, answer, at * 10, tookMs)),
];
const found = fact("outcome", "found");

test("says between which rates p95 crosses its limit", () => {
  const judgement = judged("slo/capacity", [
    ...step("step-1", 60, 20),
    ...step("step-2", 120, 900),
    ...step("step-3", 85, 30),
    found,
  ]);
  expect(judgement).toMatchObject({
    verdict: "pass",
    observed: expect.stringContaining("holds at 85/s and crosses 500 ms by 120/s"),
  });
});

test("of a rate that was measured several times the majority decides", () => {
  const twice = [
    ...step("step-1", 60, 20),
    ...step("step-2", 120, 900),
    ...step("step-3", 120, 30),
    ...step("step-4", 120, 40),
    found,
  ];
  expect(judged("slo/capacity", twice).observed).toContain("holds at 120/s and was not seen to cross it above");
});

test("below ten times the normal traffic it fails, and without a measurement it is unknown", () => {
  expect(judged("slo/capacity", [...step("step-1", 60, 900), ...step("step-2", 30, 20), found])).toMatchObject({
    verdict: "fail",
    reason: expect.stringContaining("holds at 30/s and crosses 500 ms by 60/s"),
  });
  expect(judged("slo/capacity", [found]).verdict).toBe("unknown");
});
