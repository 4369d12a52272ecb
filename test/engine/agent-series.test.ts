import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AgentClient } from "../../src/engine/agent-client.ts";
import type { Sample } from "../../src/history/sample.ts";
import { buildAgent, buildTimeout, startAgent, until } from "./agent-binary.ts";

const here = {};
let binary: ReturnType<typeof buildAgent>;
let client: AgentClient;
let server: http.Server;
let url: string;
let connections = 0;
/** Answers wait until this time (ms since the epoch). */
let stalledUntil = 0;

beforeAll(async () => {
  binary = buildAgent();
  client = startAgent(binary.path).client;
  server = http.createServer((_, response) => {
    const rest = stalledUntil - Date.now();
    if (rest > 0) setTimeout(() => response.end("ok"), rest);
    else response.end("ok");
  });
  server.on("connection", () => {
    connections++;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}, buildTimeout);

afterAll(async () => {
  await client?.close();
  server?.closeAllConnections();
  server?.close();
  binary?.remove();
});

const byDue = (samples: Sample<"http">[]) => samples.toSorted((a, b) => a.due - b.due);
/** From the due point, in ms. */
const latencies = (samples: Sample<"http">[]) =>
  samples.map((sample) => (sample.done - sample.due) / 1e6).toSorted((a, b) => a - b);
const quantile = (sorted: number[], q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] as number;

describe("series", () => {
  it("keeps its schedule, every due point a sample", async () => {
    const samples: Sample<"http">[] = [];
    const batches: number[] = [];
    const result = await client.series(here, { kind: "http", url }, { ratePerSecond: 200, count: 300 }, (batch) => {
      batches.push(batch.length);
      samples.push(...batch);
    }).done;
    expect(result).toMatchObject({ planned: 300, sent: 300, notSent: 0 });
    expect(samples).toHaveLength(300);
    const sorted = byDue(samples);
    for (const [i, sample] of sorted.entries()) expect(Math.abs(sample.due - result.started - i * 5e6)).toBeLessThanOrEqual(1);
    const lateness = sorted.map((sample) => (sample.sent - sample.due) / 1e6).toSorted((a, b) => a - b);
    expect(lateness[0]).toBeGreaterThanOrEqual(0);
    // The machine is shared with other tests: the low quarter shows the pacer, the tail shows them.
    expect(quantile(lateness, 0.25)).toBeLessThan(0.2);
    expect(sorted.every((sample) => sample.response?.status === 200 && sample.response.bytes === 2)).toBe(true);
    expect(sorted.every((sample) => sample.response?.headers === undefined)).toBe(true);
    expect(batches.length).toBeLessThan(60); // 1.5 s in batches of 50 ms
    expect(samples.every((sample) => /^127\.0\.0\.1:\d+$/.test(sample.source ?? ""))).toBe(true);
  });

  it("hands samples over together as late as it was told to, and none is lost at the end", async () => {
    const batches: number[] = [];
    const shape = { ratePerSecond: 100, count: 90, batchMs: 400 };
    await client.series(here, { kind: "http", url }, shape, (batch) => batches.push(batch.length)).done;
    expect(batches.reduce((sum, size) => sum + size, 0)).toBe(90);
    expect(batches.length).toBeLessThanOrEqual(4); // 0.9 s, and the rest at the end
  });

  it("opens a connection each, or keeps them", async () => {
    connections = 0;
    await client.series(here, { kind: "http", url }, { ratePerSecond: 100, count: 50 }, () => {}).done;
    expect(connections).toBe(50);
    connections = 0;
    const samples: Sample<"http">[] = [];
    await client.series(here, { kind: "http", url }, { ratePerSecond: 100, count: 50, pooled: true }, (batch) =>
      samples.push(...batch),
    ).done;
    expect(connections).toBeLessThan(10);
    expect(samples.filter((sample) => sample.reused)).toHaveLength(50 - connections);
    for (const sample of samples) expect(sample.phases.connect === undefined).toBe(sample.reused === true);
  });

  it("counts latency from the due point, so that a stall of a second is seen by all that were due in it", async () => {
    const samples: Sample<"http">[] = [];
    const running = client.series(here, { kind: "http", url }, { ratePerSecond: 100, count: 400 }, (batch) =>
      samples.push(...batch),
    );
    await until(() => samples.length >= 100);
    stalledUntil = Date.now() + 1000;
    const result = await running.done;
    expect(result).toMatchObject({ planned: 400, sent: 400 });
    expect(samples).toHaveLength(400);
    const sorted = latencies(samples);
    expect(quantile(sorted, 0.99)).toBeGreaterThan(900);
    // A hundred were due while nothing answered: a quarter of all, waiting half a second in the mean. Only lower bounds: a busy machine adds.
    expect(sorted.filter((latency) => latency > 50).length).toBeGreaterThan(80);
    expect(sorted.filter((latency) => latency > 500).length).toBeGreaterThan(40);
    expect(quantile(sorted, 0.25)).toBeLessThan(500);
  });

  it("says so when it could not send, and still sends in time after that", async () => {
    const samples: Sample<"http">[] = [];
    stalledUntil = Date.now() + 500;
    const result = await client.series(
      here,
      { kind: "http", url },
      { ratePerSecond: 100, count: 100, maxInFlight: 10 },
      (batch) => samples.push(...batch),
    ).done;
    expect(samples).toHaveLength(100);
    const notSent = samples.filter((sample) => sample.error?.kind === "not-sent");
    expect(notSent).toHaveLength(result.notSent);
    expect(result.notSent).toBeGreaterThan(20);
    expect(result.sent + result.notSent).toBe(100);
    expect(notSent.every((sample) => sample.source === undefined && sample.response === undefined)).toBe(true);
  });

  it("runs for a time, or until stopped, and waits for what is under way", async () => {
    const timed = await client.series(here, { kind: "http", url }, { ratePerSecond: 50, durationMs: 400 }, () => {}).done;
    expect(timed.planned).toBe(20);
    const samples: Sample<"http">[] = [];
    const endless = client.series(here, { kind: "http", url }, { ratePerSecond: 50 }, (batch) => samples.push(...batch));
    await until(() => samples.length >= 10);
    await endless.stop();
    const result = await endless.done;
    expect(samples).toHaveLength(result.sent);
    await endless.stop(); // a second time does nothing
  });

  it("records the outage of its target and its return", async () => {
    const samples: Sample<"tcp">[] = [];
    let listener = net.createServer((socket) => socket.on("error", () => {}).end());
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    const { port } = listener.address() as AddressInfo;
    const running = client.series(here, { kind: "tcp", host: "127.0.0.1", port }, { ratePerSecond: 100 }, (batch) =>
      samples.push(...batch),
    );
    await until(() => samples.some((sample) => !sample.error));
    await new Promise((resolve) => listener.close(resolve));
    await until(() => samples.some((sample) => sample.error));
    listener = net.createServer((socket) => socket.on("error", () => {}).end());
    await new Promise<void>((resolve) => listener.listen(port, "127.0.0.1", resolve));
    const before = samples.filter((sample) => !sample.error).length;
    await until(() => samples.filter((sample) => !sample.error).length > before + 10);
    await running.stop();
    await running.done;
    listener.close();
    expect(new Set(samples.map((sample) => sample.error?.kind))).toEqual(new Set([undefined, "connect-refused"]));
  });

  it("refuses a rate that is none", async () => {
    await expect(client.series(here, { kind: "http", url }, { ratePerSecond: 0 }, () => {}).done).rejects.toMatchObject({
      code: "E_AGENT_REFUSED",
    });
  });
});
