import type { Judgement, Seen } from "../check.ts";
import { pass, round, unknown } from "../expect.ts";
import { accountOf, ledgerKept } from "../ledger.ts";
import { ledgerOf } from "../ledger-fact.ts";
import { hurtOf, type Story } from "./story.ts";

/** What was acknowledged while it lasted is there afterwards, but for what the owners' own settings do not promise. */
export function ledgerSurvives(seen: Seen, story: Story, acknowledgement: string): Judgement {
  hurtOf(story);
  const use = story.definition.ledger;
  if (!use) return unknown("no ledger was kept");
  const { writes, read } = ledgerOf(seen, "ledger");
  const { everyMs } = seen.fact<{ everyMs: number }>("ledger/ledger");
  const may = use.mayLose === "any" ? Number.POSITIVE_INFINITY : use.mayLose;
  const judged = ledgerKept(writes, read, { mayLose: may });
  const expected =
    use.mayLose === "any"
      ? `what is lost is told: ${use.source}`
      : `at most ${use.mayLose} acknowledged writes are lost (${use.source}); an acknowledgement means: ${acknowledgement}`;
  if (!read || judged.verdict === "unknown") return { ...judged, expected };
  const { lost } = accountOf(writes, read);
  const span = lost.length === 0 ? 0 : ((lost.at(-1) as number) - (lost[0] as number) + 1) * everyMs;
  const words = lost.length === 0 ? "" : `; what is lost was written within ${round(span / 1000)} s`;
  const told = { ...judged, expected, reason: `${judged.reason}${words}` };
  return use.mayLose === "any" && judged.verdict === "pass" ? { ...told, ...pass(told.reason, { expected }) } : told;
}
