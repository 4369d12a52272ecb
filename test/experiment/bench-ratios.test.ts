import { describe, expect, it } from "vitest";
import { latencyRatios, median, noise, resourceRatios, startRatios } from "../../src/experiment/bench/ratios.ts";
import type { ReplicaStart } from "../../src/experiment/bench/start.ts";
import type { EventOf } from "../../src/history/events.ts";
import { benchDocumentSchema } from "../../src/report/documents.ts";

const start = (wholeMs: number, chainMs: number, cpuSeconds = 0): ReplicaStart => ({ wholeMs, chainMs, links: [], cpuSeconds });
const resources = (subject: "replica" | "harness", mebibytes: number, cpuSeconds: number) =>
  ({ type: "resources", subject, memoryBytes: mebibytes * 1024 * 1024, cpuSeconds, of: {} }) as unknown as EventOf<"resources">;
const same = (value: number) => ({ p50: value, p95: value, p99: value });
const pairs = (...ratios: number[]) => ratios.map((ratio) => ({ first: same(ratio * 8), second: same(8) }));

describe("median", () => {
  it("is the middle, or the mean of the two in the middle, and nothing of nothing", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeUndefined();
  });
});

describe("ratios of starts", () => {
  it("are to the limit, and pair by pair to starting one by one", () => {
    const ratios = startRatios(
      [start(30, 25), start(40, 20, 0.08), start(50, 50)],
      [start(60, 1), start(50, 1), start(100, 1)],
      2,
    );
    expect(ratios["replica-start/limit"]).toEqual({ value: 1, goal: 1.3, unit: "ratio", n: 3 });
    expect(ratios["replica-start/one-by-one"]).toEqual({ value: 0.5, goal: 1, unit: "ratio", n: 3 });
  });

  it("are absent, never zero, when nothing came up", () => {
    expect(startRatios([], [], 2)).toEqual({});
    expect(Object.keys(startRatios([start(1, 1)], [], 2))).toEqual(["replica-start/limit"]);
  });
});

describe("resources of a gate", () => {
  it("are the newest of each subject, the share of both", () => {
    const ratios = resourceRatios([resources("replica", 1, 1), resources("replica", 800, 90), resources("harness", 200, 10)]);
    expect(ratios["harness-cpu-share"]).toEqual({ value: 0.1, goal: 0.1, unit: "share", n: 1 });
    expect(ratios["harness-memory"]?.value).toBe(200);
    expect(ratios["replica-memory"]?.value).toBe(800);
  });

  it("are absent when one subject was not measured", () => {
    expect(resourceRatios([resources("harness", 200, 10)])).toEqual({});
  });
});

describe("latency beside k6", () => {
  it("is a factor of at least one in either direction, of the median pair", () => {
    expect(latencyRatios(pairs(1.04, 1.02, 5), [])["latency-p50/k6"]).toEqual({ value: 1.04, goal: 1.05, unit: "factor", n: 3 });
    expect(latencyRatios(pairs(0.8, 0.8, 1), [])["latency-p99/k6"]).toMatchObject({ value: 1.25, goal: 1.05 });
  });

  it("may be as far off as k6 is from itself", () => {
    const off = latencyRatios(pairs(1.1), pairs(0.5, 1.2, 1));
    expect(off["latency-p95/k6"]).toMatchObject({ value: 1.1, goal: 1.2 });
    expect(noise(pairs(1, 1), "p50")).toBe(1);
  });

  it("is absent without pairs", () => {
    expect(latencyRatios([], pairs(1))).toEqual({});
  });
});

it("all fit the document's schema", () => {
  const ratios = {
    ...startRatios([start(30, 25)], [start(60, 1)], 2),
    ...resourceRatios([resources("replica", 800, 90), resources("harness", 200, 10)]),
    ...latencyRatios(pairs(1), pairs(1)),
  };
  expect(benchDocumentSchema.parse({ schema: 1, ratios }).ratios).toEqual(ratios);
});
