import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readingOf } from "../../src/check/latency.ts";
import { type CapacityOptions, capacityWords, findCapacity } from "../../src/load/capacity.ts";
import { sampleOf } from "../check/a-history.ts";
import { good } from "../check/samples.ts";

const options = (more: Partial<CapacityOptions> = {}): CapacityOptions => ({
  limitMs: 500,
  percent: 95,
  read: readingOf(good),
  startPerSecond: 5,
  mostPerSecond: 5000,
  ...more,
});

const seconds = 5;
/** Samples at a steady rate for five seconds, each as slow as told. */
const run = (
  rate: number,
  tookMs: (at: number, n: number) => number,
  more: (at: number) => Partial<Parameters<typeof sampleOf>[0]> = () => ({}),
) => {
  const n = Math.max(20, Math.round(rate * seconds));
  return Array.from({ length: n }, (_, at) =>
    sampleOf({ dueMs: (at * 1000) / rate, tookMs: tookMs(at, n), status: 200, ...more(at) }),
  );
};

/** Time in an M/M/1 system is exponential with rate μ − λ; from μ on nobody is served in time. */
const mm1 = (perSecond: number, rate: number, chance: (at: number, n: number) => number) =>
  run(rate, (at, n) => (rate < perSecond ? (-Math.log(1 - chance(at, n)) * 1000) / (perSecond - rate) : 10_000));
/** Every quantile once: the percentile has no noise. */
const exact = (at: number, n: number) => (at + 0.5) / n;
/** p95 = ln 20 ÷ (μ − λ): 500 ms at λ = μ − 2 ln 20. */
const crossing = (perSecond: number) => perSecond - 2 * Math.log(20);

/** A small generator with a seed (mulberry32), so that a noisy server is noisy the same way twice. */
const noise = (seed: number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};

describe("the search for a capacity", () => {
  it("brackets the rate at which the percentile of a queue crosses its limit, within the tenth that was asked", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 20, max: 4000 }), async (perSecond) => {
        const result = await findCapacity(async (rate) => mm1(perSecond, rate, exact), options());
        expect(result.outcome).toBe("found");
        const { heldPerSecond: held = Number.NaN, crossedPerSecond: crossed = Number.NaN } = result;
        expect(held).toBeLessThanOrEqual(crossing(perSecond) * 1.01);
        expect(crossed).toBeGreaterThanOrEqual(crossing(perSecond) * 0.99);
        expect(crossed / held).toBeLessThanOrEqual(1.1);
        expect(result.n).toBe(result.steps.reduce((sum, { n }) => sum + n, 0));
      }),
      { numRuns: 50 },
    );
  });

  it("finds it in noise: of a hundred noisy queues all within 15 %", async () => {
    for (let seed = 1; seed <= 100; seed += 1) {
      const random = noise(seed);
      const result = await findCapacity(async (rate) => mm1(120, rate, random), options());
      expect(result.outcome, `seed ${seed}`).toBe("found");
      for (const end of [result.heldPerSecond, result.crossedPerSecond]) {
        expect(end, `seed ${seed}`).toBeGreaterThan(crossing(120) * 0.85);
        expect(end, `seed ${seed}`).toBeLessThan(crossing(120) * 1.15);
      }
    }
  });

  it("asks again where it is close, and lets the majority decide", async () => {
    const asked: number[] = [];
    const answers = [400, 600, 450, 2000];
    const result = await findCapacity(
      async (rate) => {
        asked.push(rate);
        return run(rate, () => answers[asked.length - 1] ?? 2000);
      },
      options({ within: 10 }),
    );
    expect(asked).toEqual([5, 5, 5, 10]);
    expect(result.steps.map(({ crossed }) => crossed)).toEqual([false, true, false, true]);
    expect(result).toMatchObject({ outcome: "found", heldPerSecond: 5, crossedPerSecond: 10 });
  });

  it("takes answers that fail for slow ones, however quick they are", async () => {
    const result = await findCapacity(
      async (rate) =>
        run(
          rate,
          () => 2,
          (at) => (rate > 100 && at % 10 === 0 ? { status: 503 } : {}),
        ),
      options(),
    );
    expect(result.outcome).toBe("found");
    expect(result.heldPerSecond).toBeLessThanOrEqual(100);
    expect(result.crossedPerSecond).toBeGreaterThan(100);
    expect(result.steps.some(({ ms }) => ms === "bad")).toBe(true);
  });

  it("says when it never crossed, and asks for no more than the most", async () => {
    const result = await findCapacity(async (rate) => run(rate, () => 3), options({ mostPerSecond: 100 }));
    expect(result).toMatchObject({ outcome: "above", heldPerSecond: 100 });
    expect(result).not.toHaveProperty("crossedPerSecond");
    expect(result.steps.map(({ ratePerSecond }) => ratePerSecond)).toEqual([5, 10, 20, 40, 80, 100]);
    expect(capacityWords(result, options())).toBe(
      "p95 of 500 ms held at 100/s, the most that may be asked, and never crossed (n = 1275 in 6 measurements)",
    );
  });

  it("says when the first rate is too much already", async () => {
    const result = await findCapacity(async (rate) => run(rate, () => 3000), options());
    expect(result).toMatchObject({ outcome: "below", crossedPerSecond: 5 });
    expect(result).not.toHaveProperty("heldPerSecond");
    expect(result).not.toHaveProperty("sustainedPerSecond");
  });

  it("stops after so many measurements, and after so much time, and says what it knows by then", async () => {
    const wild = noise(7);
    const never = async (rate: number) => run(rate, () => 450 + wild() * 100);
    expect((await findCapacity(never, options({ within: 1e-9, maxMeasurements: 9 }))).steps.length).toBeLessThanOrEqual(9);
    let clock = 0;
    const result = await findCapacity(
      async (rate) => {
        clock += 5000;
        return mm1(1000, rate, exact);
      },
      options({ maxMs: 50_000, now: () => clock }),
    );
    expect(result).toMatchObject({ outcome: "stopped", heldPerSecond: 905, crossedPerSecond: 1280, tookMs: 50_000 });
    expect(result.steps).toHaveLength(10);
  });

  it("does not take its own client's lateness for the target's", async () => {
    const result = await findCapacity(
      async (rate) =>
        run(rate, () => (rate > 200 ? 700 : 5)).map((sample) => ({ ...sample, sent: sample.due + (rate > 200 ? 690e6 : 0) })),
      options(),
    );
    expect(result).toMatchObject({ outcome: "client-too-slow", heldPerSecond: 160 });
    expect(result.steps.slice(-3).map(({ ratePerSecond, clientLate }) => [ratePerSecond, clientLate])).toEqual(
      Array.from({ length: 3 }, () => [320, true]),
    );
    expect(capacityWords(result, options())).toContain("beyond, at 320/s, our own client was late");
  });

  it("asks again where the client was late by chance", async () => {
    let stalls = 0;
    const result = await findCapacity(async (rate) => {
      const samples = mm1(100, rate, exact);
      if (rate !== 40 || stalls++ > 0) return samples;
      return samples.map((sample) => ({ ...sample, sent: sample.due + 900e6, done: sample.done + 900e6 }));
    }, options());
    expect(result.outcome).toBe("found");
    expect(result.heldPerSecond).toBeGreaterThan(40);
    expect(result.steps.filter(({ clientLate }) => clientLate)).toHaveLength(1);
  });

  it("knows nothing of no samples, nor of too few", async () => {
    expect(await findCapacity(async () => [], options())).toMatchObject({ outcome: "too-few-samples", n: 0, steps: [] });
    expect((await findCapacity(async (rate) => run(rate, () => 1).slice(0, 19), options())).outcome).toBe("too-few-samples");
  });

  it("passes on what the measurement throws", async () => {
    await expect(findCapacity(async () => Promise.reject(new Error("aborted")), options())).rejects.toThrow("aborted");
  });

  it("says how much a queue that had no time to grow may have flattered", async () => {
    // No randomness at all: a request waits for those before it, so 500 ms at the 95th of 100 are reached only when the rate is 10.5 % too high.
    const queue = async (rate: number) => run(rate, (at) => 5 + Math.max(0, ((rate - 200) / 200) * at * (1000 / rate)));
    const result = await findCapacity(queue, options({ within: 0.02 }));
    const { heldPerSecond: held = Number.NaN, sustainedPerSecond: sustained = Number.NaN } = result;
    expect(held).toBeGreaterThan(205);
    expect(held).toBeLessThanOrEqual(200 * (1 + 0.5 / (0.95 * seconds)));
    expect(sustained).toBeLessThanOrEqual(200);
    expect(sustained).toBeGreaterThan(190);
  });
});
