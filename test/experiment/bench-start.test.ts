import { describe, expect, it } from "vitest";
import { limitMs, startsOf } from "../../src/experiment/bench/start.ts";
import type { EventBody, HistoryEvent } from "../../src/history/events.ts";

/** Bodies with the time of each, milliseconds. */
const timed = (bodies: [t: number, body: EventBody][]): HistoryEvent[] =>
  bodies.map(([t, body], seq) => ({ seq, t, at: "2026-11-22T01:00:00.000Z", ...body }) as HistoryEvent);

const phase = (state: "started" | "ended"): EventBody => ({ type: "phase", phase: "engine", state });
const party = (name: string, state: "starting" | "ready"): EventBody => ({ type: "party", party: name, state });
const service = (name: string, tier: "layer1" | "layer2", state: "created" | "ready"): EventBody => ({
  type: "service",
  service: name,
  tier,
  state,
});

const start: [number, EventBody][] = [
  [1000, phase("started")],
  [1200, party("dns", "starting")],
  [2200, party("dns", "ready")],
  [2200, party("postgres", "starting")],
  [2200, party("s3", "starting")],
  [2700, party("s3", "ready")],
  [5200, party("postgres", "ready")],
  [6700, phase("ended")],
  [7000, { type: "tier", tier: "layer1", state: "creating" }],
  [7100, service("traefik", "layer1", "created")],
  [7200, service("vault", "layer1", "created")],
  [9100, service("traefik", "layer1", "ready")],
  [12_200, service("vault", "layer1", "ready")],
  [12_200, service("late", "layer1", "created")],
  [12_240, service("late", "layer1", "ready")],
  [12_250, { type: "tier", tier: "layer1", state: "ready" }],
  [12_300, { type: "tier", tier: "layer2", state: "creating" }],
  [12_400, service("redis", "layer2", "created")],
  [13_400, service("redis", "layer2", "ready")],
  [13_500, { type: "tier", tier: "layer2", state: "ready" }],
  [13_900, { type: "resources", subject: "replica", memoryBytes: 1, cpuSeconds: 30, of: {} }],
];

describe("start of a replica", () => {
  it("is long from the engine's start to the last tier, and its chain leaves out what lies between the links", () => {
    const [seen] = startsOf(timed(start));
    expect(seen).toEqual({
      wholeMs: 12_500,
      chainMs: 1000 + 3000 + 1500 + 5000 + 1000,
      links: [
        { name: "dns", ms: 1000 },
        { name: "postgres", ms: 3000 },
        { name: "swarm", ms: 1500 },
        { name: "layer1/vault", ms: 5000 },
        { name: "layer2/redis", ms: 1000 },
      ],
      cpuSeconds: 30,
    });
  });

  it("has the larger of chain and processor time over cores as its limit", () => {
    const [seen] = startsOf(timed(start));
    if (!seen) throw new Error("no start");
    expect(limitMs(seen, 2)).toBe(15_000);
    expect(limitMs(seen, 4)).toBe(11_500);
  });

  it("is told apart from the next one in the same history", () => {
    const second = start.map(([t, body]) => [t * 2 + 20_000, body] as [number, EventBody]);
    expect(startsOf(timed([...start, ...second])).map(({ wholeMs }) => wholeMs)).toEqual([12_500, 25_000]);
  });

  it("does not count when a tier was red or never came", () => {
    const red = start.map(
      ([t, body]) =>
        [t, body.type === "tier" && body.state === "ready" ? { ...body, state: "red" } : body] as [number, EventBody],
    );
    expect(startsOf(timed(red))).toEqual([]);
    expect(startsOf(timed(start.slice(0, 17)))).toEqual([]);
    expect(startsOf([])).toEqual([]);
  });
});
