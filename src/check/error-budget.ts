import type { EventOf, Objective } from "../history/events.ts";
import type { Judgement } from "./check.ts";
import { fail, pass, round, unknown } from "./expect.ts";
import type { Good } from "./latency.ts";

/** The owners count uptime by the month, and a month as thirty days: 99.9 % are 43.2 minutes. Seconds. */
const monthS = 30 * 86_400;

/**
 * Pairs of windows whose burn rate calls a person (SRE workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts"): both must be above it, the long one so that it is worth it, the
 * short one (a twelfth) so that it is still going on. https://sre.google/workbook/alerting-on-slos/
 */
const alerts = [
  { call: "page", longS: 3600, shortS: 300, burnRate: 14.4 },
  { call: "page", longS: 6 * 3600, shortS: 1800, burnRate: 6 },
  { call: "ticket", longS: 3 * 86_400, shortS: 6 * 3600, burnRate: 1 },
] as const;

/** What one client's series at a steady rate says of the month's budget of an objective. */
export interface ErrorBudget {
  n: number;
  bad: number;
  /** Every sample stands for one interval of the series. */
  watchedS: number;
  badS: number;
  /** Share of bad answers ÷ share that the objective allows: 1 uses the budget up in exactly its period. */
  burnRate: number;
  /** Share of a month's budget that the watch has used: burn rate × watched time ÷ month. */
  spent: number;
  /** Seconds from the first bad answer until the windows of an alert were both above its burn rate. Outside of the watch everything counts as good. */
  alerts: { call: "page" | "ticket"; burnRate: number; afterS: number }[];
}

interface Slot {
  atS: number;
  bad: boolean;
}

/**
 * @param objective the share of bad answers that is allowed, unit `ratio`: 0.001 for an uptime of 99.9 %
 * @returns nothing of fewer than two samples, which last no time
 */
export function errorBudgetOf(events: readonly EventOf<"sample">[], objective: Objective, good: Good): ErrorBudget | undefined {
  const slots = slotsOf(events, good);
  const [first, last] = [slots[0], slots.at(-1)];
  if (!first || !last || last.atS === first.atS) return undefined;
  const n = slots.length;
  const bad = slots.filter((slot) => slot.bad).length;
  const slotS = (last.atS - first.atS) / (n - 1);
  const burn = burnOf(bad / n, objective);
  return {
    n,
    bad,
    watchedS: slotS * n,
    badS: slotS * bad,
    burnRate: burn,
    spent: (burn * slotS * n) / monthS,
    alerts: alertsOf(slots, slotS, objective),
  };
}

/** Burn rate of the samples that were due in a window of their clock, `toNs` not included; nothing when there were none. For the window of a fault. */
export function burnRateIn(
  events: readonly EventOf<"sample">[],
  window: { fromNs: number; toNs: number },
  objective: Objective,
  good: Good,
): number | undefined {
  const inside = events.filter(({ sample }) => sample.due >= window.fromNs && sample.due < window.toNs);
  if (inside.length === 0) return undefined;
  return burnOf(inside.filter(({ sample }) => !good(sample)).length / inside.length, objective);
}

/**
 * What the watch saw uses no more of the month's budget than `share` (all of it unless told), so that the month keeps its objective with this in it once. An outage that goes on when the watch ends has
 * used at least what was seen: too much fails, anything else is unknown.
 */
export function keepsBudget(
  events: readonly EventOf<"sample">[],
  { objective, good, share = 1 }: { objective: Objective; good: Good; share?: number },
): Judgement {
  const expected = `at most ${duration(objective.limit * share * monthS)} of bad answers, ${percent(share)} of a month's budget`;
  const budget = errorBudgetOf(events, objective, good);
  if (!budget)
    return unknown(events.length === 0 ? "no samples were recorded" : "one sample lasts no time", {
      expected,
      observed: `n = ${events.length}`,
    });
  const { n, bad, badS, watchedS, burnRate, spent } = budget;
  const page = budget.alerts.find(({ call }) => call === "page");
  const observed =
    `${duration(badS)} of ${duration(watchedS)} bad: ${percent(spent)} of a month's budget, burn rate ${round(burnRate)}` +
    `${page ? `, pages after ${duration(page.afterS)}` : ""} (n = ${n}, ${bad} bad)`;
  const measured = [{ objective: objective.id, value: badS / monthS, n }];
  if (spent > share) return fail(`${observed}, allowed ${percent(share)}`, { expected, observed, measured });
  if (slotsOf(events, good).at(-1)?.bad)
    return unknown(`still answered badly when the watch ended: at least ${observed}`, { expected, observed });
  return pass(observed, { expected, observed, measured });
}

function slotsOf(events: readonly EventOf<"sample">[], good: Good): Slot[] {
  return events.map(({ sample }) => ({ atS: sample.due / 1e9, bad: !good(sample) })).sort((a, b) => a.atS - b.atS);
}

function burnOf(badShare: number, objective: Objective): number {
  return badShare === 0 ? 0 : badShare / objective.limit;
}

function alertsOf(slots: readonly Slot[], slotS: number, objective: Objective): ErrorBudget["alerts"] {
  const bad = slots.filter((slot) => slot.bad);
  const [first] = bad;
  if (!first) return [];
  return alerts.flatMap(({ call, longS, shortS, burnRate }) => {
    const [long, short] = [longS, shortS].map((windowS) =>
      badWithin(bad, windowS - slotS).map((count) => (count * slotS) / windowS),
    );
    // Only a bad answer can lift a window above a rate.
    const raised = bad.find((_, at) => [long, short].every((shares) => burnOf(shares?.[at] ?? 0, objective) > burnRate));
    return raised ? [{ call, burnRate, afterS: raised.atS + slotS - first.atS }] : [];
  });
}

/** Of each bad answer: how many there are from `windowS` before it up to it. */
function badWithin(bad: readonly Slot[], windowS: number): number[] {
  let from = 0;
  return bad.map(({ atS }, at) => {
    while ((bad[from] as Slot).atS < atS - windowS) from += 1;
    return at - from + 1;
  });
}

function percent(share: number): string {
  return `${round(share * 100)} %`;
}

function duration(seconds: number): string {
  return seconds < 120 ? `${round(seconds)} s` : `${round(seconds / 60)} min`;
}
