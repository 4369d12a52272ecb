import type { LedgerUse } from "../../history/experiment.ts";
import type { Judgement, Seen } from "../check.ts";
import { round, unknown } from "../expect.ts";
import { accountOf, isReadBack, ledgerKept } from "../ledger.ts";
import { ledgerOf } from "../ledger-fact.ts";
import { type AckTimes, ackTimes, lossOf, lossWords } from "./loss.ts";
import { hurtOf, type Story } from "./story.ts";

/** What was acknowledged while it lasted is there afterwards, but for what the owners' own settings do not promise; what is lost is told in count and time. */
export function ledgerSurvives(seen: Seen, story: Story, acknowledgement: string): Judgement {
  const moments = hurtOf(story);
  const use = story.definition.ledger;
  if (!use) return unknown("no ledger was kept");
  const { writes, read } = ledgerOf(seen, "ledger");
  const times = ackTimes(seen, moments);
  const mayLose = typeof use.mayLose === "number" ? use.mayLose : 0;
  const expected = `${promiseOf(use)} (${use.source}); an acknowledgement means: ${acknowledgement}`;
  const [surely, perhaps] = excusesOf(use, times).map((mayBeLost) => ledgerKept(writes, read, { mayLose, mayBeLost })) as [
    Judgement,
    Judgement,
  ];
  if (!read || !isReadBack(read) || perhaps.verdict === "unknown") return { ...perhaps, expected };
  const { lost, acknowledged } = accountOf(writes, read);
  const loss = lossOf(lost, times);
  const when = lost.length === 0 ? "" : `; ${lossWords(loss)}`;
  const measured = use.objective && [{ objective: use.objective, value: round(loss.periodMs / 1000), n: acknowledged }];
  const told = (judged: Judgement): Judgement => ({
    ...judged,
    reason: `${judged.verdict === "pass" ? judged.observed : judged.reason}${when}`,
    expected,
    ...(measured ? { measured } : {}),
  });
  return surely.verdict === "pass" || perhaps.verdict === "fail"
    ? told(perhaps)
    : told({ ...perhaps, verdict: "unknown", reason: `cannot be told: ${surely.reason}, so near the edge of what may be lost` });
}

function promiseOf({ mayLose }: LedgerUse): string {
  if (typeof mayLose !== "number")
    return `nothing is lost but what was acknowledged in the ${round(mayLose.acknowledgedWithinMs / 1000)} s before the fault's effect`;
  return mayLose === 0 ? "no acknowledged write is lost" : `at most ${mayLose} acknowledged writes are lost`;
}

/**
 * Which writes may be lost: those that surely lie in the window, and those that may. The fault bit between its announcement and its effect, so that the window's
 * beginning is only known so well; its end is the effect.
 */
function excusesOf({ mayLose }: LedgerUse, { age, errorMs, lateMs }: AckTimes): ((seq: number) => boolean)[] {
  if (typeof mayLose === "number") return [() => false, () => false];
  const upTo = (oldestMs: number) => (seq: number) => age(seq) >= -errorMs && age(seq) <= oldestMs;
  return [upTo(mayLose.acknowledgedWithinMs - errorMs), upTo(mayLose.acknowledgedWithinMs + lateMs + errorMs)];
}
