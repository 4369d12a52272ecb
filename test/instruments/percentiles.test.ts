import { afterAll, beforeAll, expect, it } from "vitest";
import { percentileOf, rankOf } from "../../src/experiment/bench/known-stall.ts";
import { agentRun } from "../../src/experiment/bench/latency.ts";
import type { Sample } from "../../src/history/sample.ts";
import { exponentialDelays, type KnownService } from "../../src/load/known-target.ts";
import { buildTimeout } from "../engine/agent-binary.ts";
import { startInstruments } from "./instruments.ts";

const count = 600;
let instruments: ReturnType<typeof startInstruments>;
beforeAll(() => {
  instruments = startInstruments();
}, buildTimeout);
afterAll(() => instruments?.end());

/** One series, every sample of it. */
async function load(service: KnownService, path: string): Promise<Sample<"http">[]> {
  const samples: Sample<"http">[] = [];
  const shape = { ratePerSecond: 100, count, pooled: true };
  await instruments.agent.series({}, { kind: "http", url: service.url(path) }, shape, (batch) => samples.push(...batch)).done;
  return samples;
}

it("measures the percentiles of a server that knows its own: never less, and no more than what the machine adds at that moment", async () => {
  const delays = exponentialDelays(count);
  const service = await instruments.target.http({ delaysMs: delays });
  // The same rate on an answer that takes no time, side by side: whatever it takes is the machine's, not the server's.
  const [work, now] = await Promise.all([load(service, "/work"), load(service, "/now")]);
  const truth = await service.seen("/work");
  expect(truth).toHaveLength(count);
  expect(await service.seen("/now")).toHaveLength(count);
  const machine = Math.max(...now.map((sample) => sample.done - sample.due)) / 1e6;

  const byRequest = agentRun(work).latencyMs;
  if (!byRequest) throw new Error("a request failed");
  for (const [percent, fromSending] of [
    [50, byRequest.p50],
    [95, byRequest.p95],
    [99, byRequest.p99],
  ] as const) {
    const own = rankOf(truth, percent);
    // The server did wait as long as its list says, so that the truth itself is known.
    expect(own).toBeGreaterThanOrEqual(rankOf(delays, percent));
    for (const measured of [percentileOf(work, percent), fromSending]) {
      expect(measured).toBeGreaterThanOrEqual(own);
      expect(measured).toBeLessThanOrEqual(own * 1.02 + machine);
    }
  }
});
