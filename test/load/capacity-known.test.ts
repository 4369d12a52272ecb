import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readingOf } from "../../src/check/latency.ts";
import type { AgentClient } from "../../src/engine/agent-client.ts";
import type { Sample } from "../../src/history/sample.ts";
import { capacityWords, findCapacity } from "../../src/load/capacity.ts";
import { good } from "../check/samples.ts";
import { buildAgent, buildTimeout, startAgent } from "../engine/agent-binary.ts";

/** Serves exactly 100 requests a second, one after another. */
const perSecond = 100;
const seconds = 2;
let binary: ReturnType<typeof buildAgent>;
let client: AgentClient;
let server: ChildProcess;
let url: string;

beforeAll(async () => {
  binary = buildAgent();
  client = startAgent(binary.path).client;
  server = spawn(process.execPath, [fileURLToPath(new URL("../../load/known-server.mjs", import.meta.url)), "1"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, QUEUE_MS: String(1000 / perSecond) },
  });
  const [port] = await once(server.stdout as NonNullable<typeof server.stdout>, "data");
  url = `http://127.0.0.1:${String(port).trim()}/queue`;
}, buildTimeout);

afterAll(async () => {
  await client?.close();
  server?.kill();
  binary?.remove();
});

it("finds the capacity of a server that knows its own, by our own agent", { timeout: 120_000 }, async () => {
  const measure = async (ratePerSecond: number): Promise<Sample[]> => {
    const samples: Sample[] = [];
    const running = client.series(
      {},
      { kind: "http", url },
      { ratePerSecond, durationMs: seconds * 1000, maxInFlight: 1000, pooled: true },
      (batch) => samples.push(...batch),
    );
    await running.done;
    return samples;
  };
  const options = { limitMs: 500, percent: 95, read: readingOf(good), startPerSecond: 20, mostPerSecond: 400 };
  const result = await findCapacity(measure, options);
  const told = capacityWords(result, options);
  expect(result.outcome, told).toBe("found");
  const { heldPerSecond: held = 0, crossedPerSecond: crossed = 0, sustainedPerSecond: sustained = 0 } = result;
  // A queue that has two seconds to grow reaches 500 ms at the 95th of 100 when the rate is 26 % too high.
  const reached = perSecond * (1 + options.limitMs / 1000 / (0.95 * seconds));
  expect(held, told).toBeLessThanOrEqual(reached);
  expect(crossed, told).toBeGreaterThanOrEqual(perSecond);
  expect(crossed / held, told).toBeLessThanOrEqual(1.1);
  // What the machine takes can only make the server look slower: a quarter of its capacity, on a machine with others at work.
  expect(held, told).toBeGreaterThan(perSecond * 0.75);
  expect(sustained, told).toBeLessThanOrEqual(perSecond);
});
