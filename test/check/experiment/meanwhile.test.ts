import { expect, test } from "vitest";
import type { Sample } from "../../../src/history/sample.ts";
import { loadSuites } from "../../../suites/index.ts";
import { AStory } from "./a-story.ts";

await loadSuites();
const id = "resilience/postgres-gone-holds";
const times = { from: 5_000, to: 40_000, everyMs: 500 };
const answer = (good: boolean): Partial<Sample> => ({
  probe: "http",
  response: { status: 200, bytes: 1, bodyText: good ? '{"data":{"databaseTime":"now"}}' : '{"errors":[{"message":"no"}]}' },
});
const silence = (good: boolean): Partial<Sample> =>
  good ? answer(true) : { probe: "http", error: { kind: "timeout", message: "none" } };
const away = (t: number) => t >= 10_100 && t < 30_000;
const story = () => new AStory("postgres-gone").hurt(30_000);

test("bad answers that come in time are no breach, silence is", () => {
  expect(story().client("public/database", answer, times, away).judge(id)).toMatchObject({ verdict: "pass" });
  expect(story().client("public/database", silence, times, away).judge(id)).toMatchObject({
    verdict: "fail",
    reason: expect.stringContaining("later or none at all"),
  });
});

test("only what was due while the fault was there counts", () => {
  expect(
    story()
      .client("public/database", silence, times, (t) => t < 9_000 || t > 31_000)
      .judge(id),
  ).toMatchObject({ verdict: "pass" });
});

test("without a sample of that time it is unknown", () => {
  expect(
    story()
      .client("public/database", answer, { ...times, to: 9_000 })
      .judge(id),
  ).toMatchObject({ verdict: "unknown" });
  expect(story().judge(id)).toMatchObject({ verdict: "unknown" });
});

test("a crash is not over when it was seen, whatever was recorded a moment later: what counts is until the recovery", () => {
  const crash = new AStory("broker-killed").hurt(10_100.2).fact(25_000, "phase", { phase: "after" });
  const scrim = { probe: "http", response: { status: 200, bytes: 1, bodyText: '{"data":{"scrim":null}}' } } as Partial<Sample>;
  const asked = (good: boolean) => (good ? scrim : silence(false));
  expect(
    crash.client("public/scrim", asked, { ...times, everyMs: 250 }, () => false).judge("resilience/broker-killed-holds"),
  ).toMatchObject({ verdict: "pass", reason: expect.stringContaining("within 7000 ms") });
  const silent = new AStory("broker-killed").hurt(10_100.2).fact(25_000, "phase", { phase: "after" });
  silent.client("public/scrim", asked, { ...times, everyMs: 250 }, (t) => t > 24_000);
  expect(silent.judge("resilience/broker-killed-holds")).toMatchObject({ verdict: "fail" });
});
