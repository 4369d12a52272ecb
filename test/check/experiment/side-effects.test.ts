import { expect, test } from "vitest";
import type { SideEffects } from "../../../src/history/experiment.ts";
import { loadSuites } from "../../../suites/index.ts";
import { AStory } from "./a-story.ts";

await loadSuites();
const id = "resilience/redis-killed-side-effects";
const counted = (when: SideEffects["when"], more: Partial<SideEffects> = {}): SideEffects => ({
  when,
  tasks: { redis: when === "before" ? 1 : 2, core: 1 },
  layerBytes: { redis: 1000 },
  descriptors: { core: 40 },
  ...more,
});
const story = (...facts: SideEffects[]) => {
  const told = new AStory("redis-killed").hurt();
  for (const one of facts) told.fact(one.when === "before" ? 1_000 : 30_000, "side-effects", one);
  return told.judge(id);
};

test("small ones pass, with their numbers", () => {
  const after = counted("after", { layerBytes: { redis: 51_000 }, descriptors: { core: 60 } });
  expect(story(counted("before"), after)).toMatchObject({
    verdict: "pass",
    observed: expect.stringContaining("0.05 MB (1 restart)"),
  });
});

test("a restart that leaves more than a megabyte fails", () => {
  expect(story(counted("before"), counted("after", { layerBytes: { redis: 2_000_000 } }))).toMatchObject({
    verdict: "fail",
    reason: expect.stringContaining("redis: layers for each restart are at most 1 MB (met 1.999 MB"),
  });
});

test("without both counts it is unknown", () => {
  expect(story(counted("before")).verdict).toBe("unknown");
  expect(story().verdict).toBe("unknown");
});

test("descriptors that a service still holds are a finding, and no more", () => {
  const held = story(counted("before"), counted("after", { descriptors: { core: 141 } }));
  expect(held).toMatchObject({ verdict: "pass", findings: [{ rule: "resilience/descriptors-held", place: "core" }] });
  expect(story(counted("before"), counted("after", { descriptors: { core: 140 } })).findings).toEqual([]);
});
