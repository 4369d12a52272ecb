import { describe, expect, it } from "vitest";
import type { Recovery } from "../../src/check/recovery.ts";
import { ledgerRatio, outageRatio, percentileRatio, stallRatio } from "../../src/experiment/bench/instrument-ratios.ts";
import type { MeasuredLedger } from "../../src/experiment/bench/known-ledger.ts";
import type { MeasuredOutage } from "../../src/experiment/bench/known-outage.ts";
import { closedLoop, leastWaits, type MeasuredStall } from "../../src/experiment/bench/known-stall.ts";
import { latencyRatios } from "../../src/experiment/bench/ratios.ts";
import type { Sample } from "../../src/history/sample.ts";

const ms = 1e6;

describe("outages", () => {
  /** One of a second, from 5 s to 6 s of the agent's clock. */
  const outage = (recovery: Partial<Recovery>): MeasuredOutage => ({
    kind: "refuse",
    probed: "/",
    askedMs: 1000,
    truth: { began: { from: 5000 * ms, to: 5000 * ms }, ended: { from: 6000 * ms, to: 6000 * ms } },
    clockErrorNs: 0,
    steady: true,
    recovery: { errorMs: 10, confirmedAfterMs: 0, bad: 1, relapses: 0, watchedMs: 3000, ...recovery },
  });

  it("are as wrong as the worst of them, whichever way, as a share of 25 ms and one interval", () => {
    const value = (...outages: MeasuredOutage[]) => outageRatio(outages)["instruments-recovery"];
    expect(value(outage({ recoveredMs: 1007, outageMs: 1000 }))).toEqual({ value: 0.2, goal: 1, unit: "ratio", n: 1 });
    expect(value(outage({ recoveredMs: 1000, outageMs: 965 }), outage({ recoveredMs: 1001, outageMs: 1000 }))).toMatchObject({
      value: 1,
      n: 2,
    });
    expect(value(outage({ recoveredMs: 930, outageMs: 1000 }))?.value).toBe(2);
  });

  it("that were not seen to end are wrong by all of their length, and none is no ratio", () => {
    expect(outageRatio([outage({})])["instruments-recovery"]?.value).toBeCloseTo(1000 / 35, 2);
    expect(outageRatio([])).toEqual({});
  });
});

describe("percentiles beside the target's own", () => {
  const three = (p50: number, p95: number, p99: number) => ({ p50, p95, p99 });

  it("are as far off as the worst of the three, in the median of the runs", () => {
    const own = three(100, 200, 300);
    const pairs = [three(101, 202, 297), three(101, 202, 297), three(200, 200, 300)].map((first) => ({ first, second: own }));
    expect(percentileRatio(pairs)["instruments-percentiles"]).toEqual({ value: 1.01, goal: 1.02, unit: "factor", n: 3 });
    const under = [{ first: three(100, 200, 250), second: own }];
    expect(percentileRatio(under)["instruments-percentiles"]?.value).toBe(1.2);
  });

  it("are absent without a run", () => expect(percentileRatio([])).toEqual({}));
});

describe("a stall", () => {
  /** Due each 10 ms for 10 s, answered in 1 ms; but from 2 s to 3 s nothing was answered. */
  const samples = Array.from({ length: 1000 }, (_, at): Sample<"http"> => {
    const due = at * 10 * ms;
    const done = due >= 2000 * ms && due < 3000 * ms ? 3001 * ms : due + ms;
    return { probe: "http", due, sent: due, done, phases: {}, response: { status: 200, bytes: 2 } };
  });
  const moment = (at: number) => ({ from: at * ms, to: at * ms });
  const stall: MeasuredStall = { samples, began: moment(2000), ended: moment(3000), clockErrorNs: 0 };

  it("is in our p99 as those who were due in it must have met it, and not in that of a closed loop", () => {
    // The tenth longest wait is the rank of the p99.
    expect(leastWaits(stall, samples).filter((wait) => wait > 0)).toHaveLength(100);
    expect(closedLoop(samples)).toHaveLength(900);
    expect(stallRatio(stall)).toEqual({
      ratios: { "instruments-stall": { value: 1.001, goal: 1.02, unit: "factor", n: 1000 } },
      oursMs: 901,
      leastMs: 900,
      closedMs: 1,
    });
  });

  it("that our p99 hid would be told", () => {
    const hidden = samples.map((sample, at) => (at === 200 ? sample : { ...sample, done: sample.due + ms }));
    expect(stallRatio({ ...stall, samples: hidden })).toMatchObject({
      ratios: { "instruments-stall": { value: 900 } },
      oursMs: 1,
      leastMs: 900,
    });
  });

  it("without samples is no ratio", () => expect(stallRatio({ ...stall, samples: [] }).ratios).toEqual({}));
});

describe("ledgers", () => {
  const truth = { attempted: 10, acknowledged: 9, lost: [3], duplicated: [], recovered: [5], unexpected: [], foreign: 1 };
  const ledger = (account: Partial<MeasuredLedger["account"]>): MeasuredLedger => ({ truth, account: { ...truth, ...account } });

  it("differ by each number that only one of both has", () => {
    expect(ledgerRatio([ledger({}), ledger({})])["instruments-ledger"]).toEqual({ value: 0, goal: 0, unit: "writes", n: 20 });
    expect(ledgerRatio([ledger({ lost: [4] })])["instruments-ledger"]?.value).toBe(2);
    expect(ledgerRatio([ledger({ recovered: [] }), ledger({ foreign: 0, acknowledged: 8 })])["instruments-ledger"]?.value).toBe(
      3,
    );
  });

  it("without a write are no ratio", () => {
    expect(ledgerRatio([])).toEqual({});
    expect(ledgerRatio([{ truth: { ...truth, attempted: 0 }, account: { ...truth, attempted: 0 } }])).toEqual({});
  });
});

it("another tool's ratios have names of their own, and k6's distance from itself as their least goal", () => {
  const of = (value: number) => ({ p50: value, p95: value, p99: value });
  const ratios = latencyRatios(
    [{ first: of(11), second: of(10) }],
    [{ first: of(12), second: of(10) }],
    (p) => `instruments-${p}/wrk`,
  );
  expect(ratios["instruments-p95/wrk"]).toEqual({ value: 1.1, goal: 1.2, unit: "factor", n: 1 });
  expect(Object.keys(ratios)).toHaveLength(3);
});
