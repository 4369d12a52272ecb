import type { JudgedFinding } from "../check/verdict.ts";
import { plural } from "./format.ts";

/** Findings of one rule, in the order of the verdict. */
export interface RuleFindings {
  rule: string;
  findings: JudgedFinding[];
}

/** Findings as every report shows them: new ones first, then the others, accepted ones apart; each part by rule. */
export interface SortedFindings {
  fresh: JudgedFinding[];
  open: RuleFindings[];
  accepted: RuleFindings[];
}

/** Sorts what a verdict or a plan found. A new one that somebody has accepted already is no news. */
export function sortFindings(findings: readonly JudgedFinding[]): SortedFindings {
  const open = findings.filter((one) => !one.accepted);
  return {
    fresh: open.filter((one) => one.since === "new"),
    open: byRule(open.filter((one) => one.since !== "new")),
    accepted: byRule(findings.filter((one) => one.accepted)),
  };
}

/** In the order in which the rules first come. */
export function byRule(findings: readonly JudgedFinding[]): RuleFindings[] {
  return [...Map.groupBy(findings, (one) => one.rule)].map(([rule, all]) => ({ rule, findings: all }));
}

/** "12 findings, 2 of them new since run X; 3 accepted": how many, in words. */
export function countFindings(findings: readonly JudgedFinding[], comparedWith: string | undefined): string {
  const { fresh } = sortFindings(findings);
  const accepted = findings.filter((one) => one.accepted).length;
  const news =
    comparedWith === undefined ? "" : `, ${fresh.length === 0 ? "none" : `${fresh.length}`} new since run ${comparedWith}`;
  return `${plural(findings.length - accepted, "finding")}${news}${accepted > 0 ? `; ${accepted} accepted` : ""}`;
}
