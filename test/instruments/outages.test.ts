import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorsOf, type MeasuredOutage, measureOutages } from "../../src/experiment/bench/known-outage.ts";
import { closedLoop, leastWaits, measureStall, percentileOf, rankOf } from "../../src/experiment/bench/known-stall.ts";
import type { OutageKind } from "../../src/load/known-target.ts";
import { buildTimeout } from "../engine/agent-binary.ts";
import { startInstruments } from "./instruments.ts";

let instruments: ReturnType<typeof startInstruments>;
beforeAll(() => {
  instruments = startInstruments();
}, buildTimeout);
afterAll(() => instruments?.end());

/**
 * What must hold however busy the machine is: the truth lies within what the measure says of itself, since it goes by the samples' own recorded times. How near the
 * measure comes to the truth is a matter for `bench`.
 */
function tellsTheTruth({ kind, truth, clockErrorNs, steady, recovery, askedMs }: MeasuredOutage): void {
  expect(truth.ended.to - truth.began.from).toBeGreaterThanOrEqual(askedMs * 1e6);
  const shortest = (truth.ended.from - truth.began.to - 2 * clockErrorNs) / 1e6;
  const longest = (truth.ended.to - truth.began.from + 2 * clockErrorNs) / 1e6;
  const { recoveredMs, errorMs, detectedMs, outageMs, outageErrorMs, bad } = recovery;
  expect(steady).toBe(true);
  expect(outageMs).toBeDefined();
  // The target's own outage lies within the error of the one that the client met.
  expect((outageMs as number) - (outageErrorMs as number)).toBeLessThanOrEqual(longest);
  expect((outageMs as number) + (outageErrorMs as number)).toBeGreaterThanOrEqual(shortest);
  // Only when the machine held the agent up for the whole of it may an outage have passed unseen; then it was within that error.
  if (bad === 0) return;
  // The true end lies between the moment that was told, and so much earlier as was told with it.
  expect(recoveredMs as number).toBeGreaterThanOrEqual(shortest);
  expect((recoveredMs as number) - errorMs).toBeLessThanOrEqual(longest);
  // Only what hangs is noticed late: when its client gives it up, which may be after the end.
  if (kind !== "hang") expect(detectedMs as number).toBeLessThanOrEqual(recoveredMs as number);
}

describe.concurrent("an outage of a known length", () => {
  const kinds: OutageKind[] = ["refuse", "hang", "unavailable", "reset"];
  it.each(kinds)("of kind %s is where its measure says that it is", async (kind) => {
    const { agent, target } = instruments;
    const measured = await measureOutages(agent, target, { kind, lastsMs: [50, 200, 1000, 3000] });
    expect(measured).toHaveLength(4);
    for (const outage of measured) tellsTheTruth(outage);
    // Three seconds no machine sleeps through, so that something was measured.
    const longest = measured.at(-1) as MeasuredOutage;
    expect(longest.recovery.bad).toBeGreaterThan(100);
    expect(longest.recovery.relapses).toBe(0);
    expect(errorsOf(longest)).toBeDefined();
  });
});

describe.concurrent("a service that lies about its health", () => {
  const watched = async (hurt: "/work" | "/health") => {
    const { agent, target } = instruments;
    const seen = await measureOutages(agent, target, {
      kind: "unavailable",
      lastsMs: [500],
      hurt,
      probed: ["/work", "/health"],
    });
    return seen as [work: MeasuredOutage, health: MeasuredOutage];
  };

  it("is not believed by a recovery that asks for work", async () => {
    const [work, health] = await watched("/work");
    // Who asks for its health is never told of anything.
    expect(health.recovery).toMatchObject({ recoveredMs: 0, outageMs: 0, bad: 0 });
    expect(work.recovery.bad).toBeGreaterThan(0);
    tellsTheTruth(work);
  });

  it("nor when it works and says that it is ill", async () => {
    const [work, health] = await watched("/health");
    expect(work.recovery).toMatchObject({ recoveredMs: 0, outageMs: 0, bad: 0 });
    expect(health.recovery.bad).toBeGreaterThan(0);
    tellsTheTruth(health);
  });
});

describe.concurrent("a stall", () => {
  it("of a second is in our p99, where a client that waits for answers would not have seen it", async () => {
    const { agent, target } = instruments;
    const stall = await measureStall(agent, target, { ratePerSecond: 100, count: 350, afterMs: 500, lastsMs: 1000 });
    expect(stall.samples).toHaveLength(350);
    expect(stall.samples.every((sample) => sample.response?.status === 200)).toBe(true);

    // What was due while the target stood still waited for its end, whenever it was really sent: a hundred of three hundred and fifty, so that the p99 is near the whole second.
    const least = leastWaits(stall, stall.samples);
    expect(least.filter((ms) => ms > 0).length).toBeGreaterThan(95);
    expect(rankOf(least, 99)).toBeGreaterThan(900);
    for (const [at, sample] of stall.samples.entries())
      expect((sample.done - sample.due) / 1e6).toBeGreaterThanOrEqual(least[at] as number);
    expect(percentileOf(stall.samples, 99)).toBeGreaterThanOrEqual(rankOf(least, 99));

    // A closed loop has one request in all of it, however long it was.
    expect(leastWaits(stall, closedLoop(stall.samples)).filter((ms) => ms > 0).length).toBeLessThanOrEqual(1);
  });
});
