import { describe, expect, test } from "vitest";
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

test("the node's disk holds more or less than before", () => {
  const disk = (used: number) =>
    story(counted("before", { diskUsedBytes: 5e6 }), counted("after", { diskUsedBytes: used })).reason;
  expect(disk(7e6)).toContain("the node's disk holds 2 MB more");
  expect(disk(4e6)).toContain("the node's disk holds 1 MB less");
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

describe("logs", () => {
  const lines = (containers: Record<string, number>) =>
    Object.fromEntries(Object.entries(containers).map(([id, count]) => [id, { service: "redis", lines: count }]));
  const of = (before: Record<string, number>, after: Record<string, number>) =>
    story(counted("before", { logLines: lines(before) }), counted("after", { logLines: lines(after) }));

  test("that grew, or are new, lost nothing", () => {
    expect(of({ a: 10, b: 5 }, { a: 12, b: 5, c: 1 })).toMatchObject({
      reason: expect.stringContaining("0 of 15 lines of logs lost"),
      findings: [],
    });
  });

  test("of a container that is gone, or that went round, are lost", () => {
    expect(of({ a: 10, b: 5 }, { b: 3 })).toMatchObject({
      verdict: "pass",
      reason: expect.stringContaining("12 of 15 lines of logs lost"),
      findings: [{ rule: "resilience/log-lines-lost", place: "redis", what: expect.stringMatching(/^12 lines/) }],
    });
  });

  test("that nobody counted are not called kept", () => {
    expect(story(counted("before"), counted("after")).reason).toContain("logs were not counted");
  });
});

describe("gauges", () => {
  /** Connections of PostgreSQL once a second: 8 until the fault at 10 s, then `later`; of Redis and the broker nothing is told. */
  const connections = (later: readonly (number | undefined)[], before: readonly (number | undefined)[] = [7, 8]) => {
    const told = new AStory("redis-killed").hurt();
    told.fact(1_000, "side-effects", counted("before")).fact(30_000, "side-effects", counted("after"));
    told.fact(1_000, "gauges", { postgres: { from: "inside:rabbitmq", label: "gauge/postgres" } });
    const rows = [
      ...before.map((used, at) => [8_000 + 1_000 * at, used]),
      ...later.map((used, at) => [11_000 + 1_000 * at, used]),
    ];
    for (const [t, used] of rows as [number, number | undefined][])
      told.client(
        "gauge/postgres",
        () =>
          used === undefined
            ? { probe: "postgres", error: { kind: "timeout", message: "late" } }
            : { probe: "postgres", response: { results: [{ rows: [[String(used), "100"]], took: 1 }] } },
        { from: t, to: t + 1, everyMs: 1 },
      );
    return told.judge(id);
  };

  test("most before, most since, and at the end", () => {
    expect(connections([2, undefined, 20, 9])).toMatchObject({
      verdict: "pass",
      reason: expect.stringContaining("postgres: connections 8, at most 20, at the end 9 of 100"),
      findings: [],
    });
  });

  test("near the limit", () => {
    expect(connections([90, 8]).findings).toMatchObject([{ rule: "resilience/connections-near-limit", place: "postgres" }]);
    expect(connections([89, 8]).findings).toEqual([]);
  });

  test("held afterwards", () => {
    expect(connections([19]).findings).toMatchObject([{ rule: "resilience/connections-held", place: "postgres" }]);
    expect(connections([18]).findings).toEqual([]);
  });

  test("without an answer before or after, nothing is said of them", () => {
    expect(connections([undefined]).reason).toContain("postgres: connections not counted");
    expect(connections([9], [undefined]).reason).toContain("postgres: connections not counted");
    expect(connections([9]).reason).toContain("queues: messages not counted");
  });

  test("messages that nobody takes, but for the experiment's own", () => {
    const told = new AStory("redis-killed").hurt();
    told.fact(1_000, "side-effects", counted("before")).fact(30_000, "side-effects", counted("after"));
    told.fact(1_000, "gauges", { queues: { from: "inside:core", label: "gauge/queues" } });
    const list = (...queues: [string, number | undefined][]) =>
      JSON.stringify(queues.map(([name, messages]) => ({ name, ...(messages === undefined ? {} : { messages }) })));
    const at = (t: number, bodyText: string) =>
      told.client("gauge/queues", () => ({ probe: "http", response: { status: 200, bytes: bodyText.length, bodyText } }), {
        from: t,
        to: t + 1,
        everyMs: 1,
      });
    at(8_000, list(["prod-core", 1], ["prod-bot", 4]));
    at(9_000, list(["prod-core", 3], ["prod-bot", 0]));
    at(12_000, list(["prod-core", 30], ["sprocket-resilience-experiment", 500]));
    at(20_000, list(["prod-core", 2], ["prod-bot", 5], ["new", undefined], ["sprocket-resilience-experiment", 500]));
    expect(told.judge(id)).toMatchObject({
      reason: expect.stringContaining("queues: messages 5, at most 30, at the end 7"),
      findings: [{ rule: "resilience/messages-waiting", what: expect.stringContaining("prod-bot holds 5 messages") }],
    });
  });
});
