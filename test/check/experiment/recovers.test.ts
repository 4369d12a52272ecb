import { expect, test } from "vitest";
import { loadSuites } from "../../../suites/index.ts";
import { AStory, pong } from "./a-story.ts";

await loadSuites();
const id = "resilience/redis-killed-recovers";
const label = "inside:rabbitmq/redis";
const watched = { from: 5_000, to: 20_000, everyMs: 10 };
const redis = () => new AStory("redis-killed");

test("is counted from the confirmed effect to the first good answer of a run that lasts", () => {
  const story = redis()
    .hurt()
    .client(label, pong, watched, (t) => t >= 10_020 && t < 12_500);
  const judged = story.judge(id);
  expect(judged).toMatchObject({ verdict: "pass" });
  // Good again at 12.5 s, done 2 ms later; the effect was confirmed at 10.1 s.
  expect(judged.reason).toContain("served again after 2.402 s");
  expect(judged.objectives.find(({ id }) => id === "service-restart")).toMatchObject({ value: 2.402, verdict: "pass" });
});

test("says how long the clients were blind to what the orchestrator claimed", () => {
  const story = redis()
    .hurt()
    .said(11_100, { service: "redis", action: "running" })
    .client(label, pong, watched, (t) => t >= 10_020 && t < 12_500);
  expect(story.judge(id).reason).toContain("the orchestrator called it running after 1 s, 1.402 s too early");
});

test("a few good answers that do not last are none", () => {
  const story = redis()
    .hurt()
    .client(label, pong, watched, (t) => t >= 10_020 && t < 12_500 && !(t >= 11_000 && t < 11_500));
  expect(story.judge(id).reason).toContain("served again after 2.402 s");
});

test("that never comes fails when Swarm wants no task any more, and names that", () => {
  const story = redis()
    .hurt()
    .client(label, pong, watched, (t) => t >= 10_020)
    .fact(20_000, "tasks", [{ id: "1", state: "failed", desired: "shutdown", exitCode: 137 }]);
  expect(story.judge(id)).toMatchObject({
    verdict: "fail",
    reason: expect.stringContaining("Swarm does not restart it: its last task is failed with exit code 137"),
  });
});

test("that had not come when the watch ended is unknown", () => {
  const story = redis()
    .hurt()
    .client(label, pong, watched, (t) => t >= 10_020);
  expect(story.judge(id)).toMatchObject({ verdict: "unknown", reason: expect.stringContaining("when the watch ended") });
});

test("that comes too late fails", () => {
  const story = redis()
    .hurt()
    .client(label, pong, { from: 5_000, to: 330_000, everyMs: 500 }, (t) => t >= 10_020 && t < 320_000);
  expect(story.judge(id)).toMatchObject({ verdict: "fail", reason: expect.stringContaining("promised at most 300 s") });
});

test("of a client that was not served before the fault is unknown", () => {
  const story = redis()
    .hurt()
    .client(label, pong, watched, (t) => t < 12_500);
  expect(story.judge(id)).toMatchObject({ verdict: "unknown", reason: expect.stringContaining("no good answer just before") });
});

test("without a fault that bit, without samples, or after an abort before it, is unknown", () => {
  expect(redis().client(label, pong, watched).judge(id)).toMatchObject({
    verdict: "unknown",
    reason: expect.stringContaining("no fault was seen to bite"),
  });
  expect(redis().hurt().judge(id)).toMatchObject({ verdict: "unknown", reason: expect.stringContaining("no sample") });
  const aborted = redis().client(label, pong, watched).fact(9_000, "aborted", { guard: "not-steady", why: "nobody was served" });
  expect(aborted.judge(id)).toMatchObject({ verdict: "unknown", reason: expect.stringContaining("nobody was served") });
});

test("a victim that noticed nothing recovered at once", () => {
  expect(redis().hurt().client(label, pong, watched).judge(id)).toMatchObject({
    verdict: "pass",
    reason: expect.stringContaining("noticed nothing"),
  });
});

test("that was not waited for, since a guardrail ended it, is unknown and names the guardrail", () => {
  const stopped = redis()
    .hurt()
    .client(label, pong, watched, (t) => t >= 10_020)
    .fact(12_000, "aborted", { guard: "stopped", why: "somebody said so" });
  expect(stopped.judge(id)).toMatchObject({ verdict: "unknown", reason: expect.stringContaining("(stopped): somebody said so") });
});
