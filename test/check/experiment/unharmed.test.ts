import { expect, test } from "vitest";
import { loadSuites } from "../../../suites/index.ts";
import { AStory, page, session } from "./a-story.ts";

await loadSuites();
const id = "resilience/redis-killed-spares-others";
const seconds = { from: 5_000, to: 45_000, everyMs: 1_000 };
const story = (bad: (t: number) => boolean = () => false) =>
  new AStory("redis-killed").hurt().client("public/web", page, seconds, bad).client("inside:rabbitmq/broker", session, seconds);

test("nobody else noticed anything", () => {
  expect(story().judge(id)).toMatchObject({ verdict: "pass" });
});

test("bad answers of a bystander after the fault was announced fail; before it they do not count", () => {
  expect(story((t) => t >= 12_000 && t < 14_000).judge(id)).toMatchObject({
    verdict: "fail",
    reason: expect.stringContaining("public/web"),
  });
  expect(story((t) => t < 8_000).judge(id)).toMatchObject({ verdict: "pass" });
});

test("a guardrail that ended it for their sake is their failure", () => {
  const aborted = story().fact(15_000, "aborted", { guard: "blast-radius", why: "a task of core ended" });
  expect(aborted.judge(id)).toMatchObject({ verdict: "fail", reason: expect.stringContaining("a task of core ended") });
});

test("a bystander of whom nothing was seen is unknown", () => {
  const half = new AStory("redis-killed").hurt().client("public/web", page, seconds);
  expect(half.judge(id)).toMatchObject({ verdict: "unknown", reason: expect.stringContaining("inside:rabbitmq/broker") });
});

test("what passed until a guardrail ended it is unknown", () => {
  expect(story().fact(15_000, "aborted", { guard: "stopped", why: "somebody said so" }).judge(id)).toMatchObject({
    verdict: "unknown",
    reason: expect.stringMatching(/\(stopped\): somebody said so; until then: /),
  });
});
