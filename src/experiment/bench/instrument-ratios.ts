import { differences, type MeasuredLedger } from "./known-ledger.ts";
import { errorsOf, type MeasuredOutage, probeIntervalMs } from "./known-outage.ts";
import { closedLoop, leastWaits, type MeasuredStall, percentileOf, rankOf } from "./known-stall.ts";
import { factor, median, type Pair, type Ratios, round } from "./ratios.ts";

/** Beside the time between two probes, what a measured recovery may be off by, milliseconds. */
const allowedMs = 25;

/** The worst outage: how far its recovery, or the outage as the client met it, lies from the truth, as a share of 25 ms and one probe interval. */
export function outageRatio(outages: readonly MeasuredOutage[]): Ratios {
  if (outages.length === 0) return {};
  const worst = outages.reduce((most, outage) => Math.max(most, errorMs(outage)), 0);
  return {
    "instruments-recovery": { value: round(worst / (allowedMs + probeIntervalMs)), goal: 1, unit: "ratio", n: outages.length },
  };
}

/** Of one outage; one that was not seen, or whose end was not, is off by all of its length. */
export function errorMs(outage: MeasuredOutage): number {
  const errors = errorsOf(outage);
  return errors ? Math.max(errors.recoveryMs, errors.outageMs) : outage.askedMs;
}

/** The worst of three percentiles: how far ours lies from the target's own of the same run, as a factor, in the median of the runs. */
export function percentileRatio(runs: readonly Pair[]): Ratios {
  const factors = (["p50", "p95", "p99"] as const).map((p) =>
    median(runs.map(({ first, second }) => factor(first[p] / second[p]))),
  );
  if (factors.some((each) => each === undefined)) return {};
  return {
    "instruments-percentiles": { value: round(Math.max(...(factors as number[]))), goal: 1.02, unit: "factor", n: runs.length },
  };
}

/** How far our p99 lies from the one that the stall alone must give to clients that were due in it, as a factor. */
export function stallRatio(stall: MeasuredStall): { ratios: Ratios; oursMs: number; leastMs: number; closedMs: number } {
  const oursMs = percentileOf(stall.samples, 99);
  const leastMs = rankOf(leastWaits(stall, stall.samples), 99);
  const closedMs = percentileOf(closedLoop(stall.samples), 99);
  const measured = Number.isFinite(oursMs) && leastMs > 0;
  const value = { value: round(factor(oursMs / leastMs)), goal: 1.02, unit: "factor", n: stall.samples.length };
  return { ratios: measured ? { "instruments-stall": value } : {}, oursMs, leastMs, closedMs };
}

/** In how many writes and entries our accounts differ from the stores' own. */
export function ledgerRatio(ledgers: readonly MeasuredLedger[]): Ratios {
  const n = ledgers.reduce((sum, { truth }) => sum + truth.attempted, 0);
  if (n === 0) return {};
  const value = ledgers.reduce((sum, ledger) => sum + differences(ledger), 0);
  return { "instruments-ledger": { value, goal: 0, unit: "writes", n } };
}
