import { expect, it } from "vitest";
import { agentRun } from "../../src/experiment/bench/latency.ts";
import type { Sample } from "../../src/history/sample.ts";

/** A request that was due at 0, was late by 5 ms, connected for 20 ms and took `ms` from there. */
const sample = (ms: number, more: Partial<Sample<"http">> = {}): Sample<"http"> => ({
  probe: "http",
  due: 0,
  sent: 5e6,
  done: 25e6 + ms * 1e6,
  phases: { connect: 20e6, write: 0.25 * ms * 1e6, firstByte: 0.5 * ms * 1e6, body: 0.25 * ms * 1e6 },
  response: { status: 200, bytes: 2 },
  ...more,
});

it("counts as k6 does: writing, waiting and reading, neither lateness nor connecting", () => {
  const run = agentRun(Array.from({ length: 200 }, (_, at) => sample(at + 1)));
  expect(run).toEqual({ by: "agent", n: 200, failed: 0, notSent: 0, latencyMs: { p50: 100, p95: 190, p99: 198 } });
});

it("has no latency when anything failed, or when there was nothing", () => {
  const failed = agentRun([sample(1), sample(1, { response: { status: 502, bytes: 0 } })]);
  expect(failed).toEqual({ by: "agent", n: 2, failed: 1, notSent: 0 });
  const late = { ...sample(1), error: { kind: "not-sent" as const, message: "too much in flight" } };
  expect(agentRun([late])).toEqual({ by: "agent", n: 1, failed: 1, notSent: 1 });
  expect(agentRun([]).latencyMs).toBeUndefined();
});
