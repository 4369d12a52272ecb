import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { latenciesOf, percentile } from "../../src/check/latency.ts";
import type { AgentClient } from "../../src/engine/agent-client.ts";
import { agentRun } from "../../src/experiment/bench/latency.ts";
import type { EventOf } from "../../src/history/events.ts";
import type { Sample } from "../../src/history/sample.ts";
import { buildAgent, buildTimeout, startAgent } from "../engine/agent-binary.ts";

const count = 600;
const ratePerSecond = 100;
let binary: ReturnType<typeof buildAgent>;
let client: AgentClient;
let server: ChildProcess;
let origin: string;

beforeAll(async () => {
  binary = buildAgent();
  client = startAgent(binary.path).client;
  server = spawn(process.execPath, [fileURLToPath(new URL("../../load/known-server.mjs", import.meta.url)), String(count)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [port] = await once(server.stdout as NonNullable<typeof server.stdout>, "data");
  origin = `http://127.0.0.1:${String(port).trim()}`;
}, buildTimeout);

afterAll(async () => {
  await client?.close();
  server?.kill();
  binary?.remove();
});

/** One series, every sample of it. */
async function load(path: string, pooled: boolean): Promise<Sample<"http">[]> {
  const samples: Sample<"http">[] = [];
  const series = client.series({}, { kind: "http", url: `${origin}${path}` }, { ratePerSecond, count, pooled }, (batch) =>
    samples.push(...batch),
  );
  await series.done;
  return samples;
}

/** Nearest rank, as the product has it. */
const rank = (values: readonly number[], percent: number) =>
  values.toSorted((a, b) => a - b)[Math.ceil((percent / 100) * values.length) - 1] as number;

it("measures the percentiles of a server that knows its own, within 2 % and what scheduling adds at that moment", async () => {
  // The same rate on an answer that takes no time, side by side: whatever it takes is the machine's, not the server's.
  const [work, now] = await Promise.all([load("/work", true), load("/now", true)]);
  const seen = (await (await fetch(`${origin}/records`)).json()) as { delays: number[]; work: number[] };
  expect(work).toHaveLength(count);
  expect(seen.work).toHaveLength(count);

  const ofDue = latenciesOf(
    work.map((sample) => ({ sample }) as EventOf<"sample">),
    (sample) => sample.error === undefined,
  );
  const scheduling = latenciesOf(
    now.map((sample) => ({ sample }) as EventOf<"sample">),
    (sample) => sample.error === undefined,
  );
  const ofRequest = agentRun(work).latencyMs;
  if (!ofRequest) throw new Error("a request failed");
  expect(ofDue.bad + scheduling.bad).toBe(0);
  for (const [percent, byRequest] of [
    [50, ofRequest.p50],
    [95, ofRequest.p95],
    [99, ofRequest.p99],
  ] as const) {
    const truth = rank(seen.work, percent);
    const byDue = percentile(ofDue, percent) as number;
    // The server did wait as long as its list says, so that the truth itself is known.
    expect(truth).toBeGreaterThanOrEqual(rank(seen.delays, percent));
    // What a client sees holds all of the wait that was asked for: never less. The server's own record may end after the client had its answer, so only the
    // upper bound goes by it: more than the server says by no more than the machine's own share.
    const asked = rank(seen.delays, percent);
    const allowed = truth * 0.02 + (percentile(scheduling, Math.max(percent, 95)) as number);
    for (const measured of [byDue, byRequest]) {
      expect(measured).toBeGreaterThanOrEqual(asked * 0.98);
      expect(measured).toBeLessThanOrEqual(truth + allowed);
    }
  }
});
