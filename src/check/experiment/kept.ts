import type { LedgerSample } from "../../history/sample.ts";
import type { Judgement, Seen } from "../check.ts";
import { onAgentClock } from "../clock.ts";
import { round, unknown } from "../expect.ts";
import { accountOf, ledgerKept } from "../ledger.ts";
import { ledgerOf } from "../ledger-fact.ts";
import { hurtOf, type Story } from "./story.ts";

/** How the runner records the writing: the schedule, on the clock of the node's agent, which writes from inside it. */
interface Schedule {
  firstDue: number;
  everyMs: number;
}

/** What was acknowledged while it lasted is there afterwards, but for what the owners' own settings do not promise. */
export function ledgerSurvives(seen: Seen, story: Story, acknowledgement: string): Judgement {
  const moments = hurtOf(story);
  const use = story.definition.ledger;
  if (!use) return unknown("no ledger was kept");
  const { writes, read } = ledgerOf(seen, "ledger");
  const { firstDue, everyMs } = seen.fact<Schedule>("ledger/ledger");
  const effect = onAgentClock(seen.history, "node", moments.effect);
  /** Milliseconds between a write's due time and the fault's effect; negative after it. */
  const before = (seq: number) => (effect.atNs - firstDue) / 1e6 - seq * everyMs;
  const within = typeof use.mayLose === "number" ? undefined : use.mayLose.acknowledgedWithinMs;
  // A write may have been acknowledged a little later than it was due, and the clocks differ.
  const slackMs = everyMs + effect.errorNs / 1e6;
  const excused = (seq: number) => within !== undefined && before(seq) >= -slackMs && before(seq) <= within + slackMs;
  const judged = ledgerKept(demanded(writes, excused), read, { mayLose: typeof use.mayLose === "number" ? use.mayLose : 0 });
  const promise =
    within === undefined
      ? `at most ${use.mayLose} acknowledged writes are lost`
      : `nothing is lost but what was acknowledged in the ${round(within / 1000)} s before the fault's effect`;
  const expected = `${promise} (${use.source}); an acknowledgement means: ${acknowledgement}`;
  if (!read || judged.verdict === "unknown") return { ...judged, expected };
  const { lost, ...account } = accountOf(writes, read);
  const observed = `${account.attempted} attempted, ${account.acknowledged} acknowledged, ${lost.length} lost, ${account.unexpected.length + account.foreign} unexpected, ${account.duplicated.length} duplicated, ${account.recovered.length} recovered`;
  return {
    ...judged,
    reason: `${judged.verdict === "pass" ? observed : judged.reason}${span(lost, before)}`,
    expected,
    observed,
  };
}

/** A write that may be lost counts as one that was never acknowledged: it may be there or not. */
function demanded(writes: readonly LedgerSample[], excused: (seq: number) => boolean): LedgerSample[] {
  return writes.map((write) => {
    if (!excused(write.seq)) return write;
    const { acked: _, ...unanswered } = write;
    return unanswered;
  });
}

/** When the lost writes were due, against the effect. */
function span(lost: readonly number[], before: (seq: number) => number): string {
  const [first, last] = [lost[0], lost.at(-1)];
  if (first === undefined || last === undefined) return "";
  const told = (ms: number) => `${round(Math.abs(ms) / 1000)} s ${ms >= 0 ? "before" : "after"}`;
  return `; what is lost was written from ${told(before(first))} to ${told(before(last))} the fault's effect`;
}
