import type { BaselineEntry, Finding } from "../history/events.ts";
import type { Acceptance, JudgedCheck } from "./verdict.ts";

/** An entry is valid to the end of its last day, by the wall clock at the run's start: the date is an event too. */
function valid(entry: BaselineEntry, at: string): boolean {
  return at !== "" && at.slice(0, 10) <= entry.until;
}

function acceptance({ owner, reason, until }: BaselineEntry): Acceptance {
  return { owner, reason, until };
}

/** Who accepted the unknown of this check for the day of the run. */
export function acceptanceOf(check: string, baseline: readonly BaselineEntry[], at: string): Acceptance | undefined {
  const entry = baseline.find((one) => one.check === check && valid(one, at));
  return entry && acceptance(entry);
}

/** Who accepted this finding: an entry names its rule, or its rule and place as `rule@place`. */
export function findingAcceptanceOf(finding: Finding, baseline: readonly BaselineEntry[], at: string): Acceptance | undefined {
  const entry = baseline.find(
    (one) => (one.finding === finding.rule || one.finding === `${finding.rule}@${finding.place}`) && valid(one, at),
  );
  return entry && acceptance(entry);
}

/** Entries that accept nothing any more, or never did: each is a finding, or a baseline rots unseen. */
export function staleBaseline(baseline: readonly BaselineEntry[], at: string, checks: readonly JudgedCheck[]): Finding[] {
  return baseline.flatMap((entry) => {
    const subject = entry.check ?? entry.finding ?? "nothing";
    if (!valid(entry, at)) {
      return [
        {
          rule: "baseline/expired",
          place: subject,
          what: `the acceptance by ${entry.owner} ended on ${entry.until}`,
          cure: "Renew it with a reason, or mend what it accepted.",
        },
      ];
    }
    const check = entry.check === undefined ? undefined : checks.find((one) => one.id === entry.check);
    if (entry.check === undefined || check?.verdict === "unknown") return [];
    const what = check
      ? `it accepts an unknown, and the check's verdict is ${check.verdict}`
      : "it accepts a check that was not planned";
    return [{ rule: "baseline/idle", place: subject, what, cure: "Take the entry out of the baseline." }];
  });
}
