import { type PlannedService, tiers } from "../history/events.ts";
import type { Verdict } from "./check.ts";
import type { JudgedCheck } from "./verdict.ts";

/**
 * One sentence that names the root of a verdict. Tier by tier, since a later tier stands on the earlier; inside one a dead service before a check that
 * failed, and of several dead services the one that the others need.
 */
export function causeOf(verdict: Verdict, checks: readonly JudgedCheck[], services: readonly PlannedService[]): string {
  if (verdict === "pass") return passed(checks);
  const suspects = checks.filter((check) => check.verdict === verdict && check.accepted === undefined);
  const root = verdict === "fail" ? failedRoot(suspects, services) : unknownRoot(suspects);
  if (!root) return "no check of the candidate passed or failed: nothing was judged";
  const sentence = root.id === `up/${root.service}` ? `${root.service} ${upWords(root)}` : `${root.id}: ${root.reason}`;
  const sequel = sequelOf(suspects, checks, verdict);
  return `${trimEnd(sentence)}${sequel}`;
}

function passed(checks: readonly JudgedCheck[]): string {
  const count = checks.filter((check) => check.verdict === "pass").length;
  const accepted = checks.filter((check) => check.accepted !== undefined).length;
  return accepted === 0 ? `all ${count} checks passed` : `${count} checks passed, ${accepted} unknown accepted by the baseline`;
}

function upWords(check: JudgedCheck): string {
  return check.tier === "run" ? `(a party) is not there: ${check.reason}` : check.reason;
}

function failedRoot(failed: readonly JudgedCheck[], services: readonly PlannedService[]): JudgedCheck | undefined {
  for (const tier of [...tiers, "run"] as const) {
    const mine = failed.filter((check) => check.tier === tier);
    const dead = mine.filter((check) => check.id === `up/${check.service}`);
    const root = rootOf(dead, services) ?? mine[0];
    if (root) return root;
  }
  return undefined;
}

/** Of the dead services one that needs no other dead one; when all do (a circle), the first. */
function rootOf(dead: readonly JudgedCheck[], services: readonly PlannedService[]): JudgedCheck | undefined {
  const names = new Set(dead.map((check) => check.service));
  const needsOf = (name: string) => services.find((service) => service.name === name)?.needs ?? [];
  const roots = dead.filter((check) => !needsOf(check.service).some((need) => names.has(need)));
  const dependents = (check: JudgedCheck) => services.filter((service) => service.needs.includes(check.service)).length;
  return (roots.length > 0 ? roots : dead).toSorted((a, b) => dependents(b) - dependents(a))[0];
}

/** A run that stopped early explains every unknown; then a party that is not there does; then the first check. */
function unknownRoot(unknowns: readonly JudgedCheck[]): JudgedCheck | undefined {
  return (
    unknowns.find((check) => check.id === "run/completed") ??
    unknowns.find((check) => check.tier === "run" && check.id.startsWith("up/")) ??
    unknowns[0]
  );
}

function sequelOf(suspects: readonly JudgedCheck[], checks: readonly JudgedCheck[], verdict: Verdict): string {
  const parts: string[] = [];
  const others = suspects.length - 1;
  if (others > 0) parts.push(`${others} more ${verdict === "fail" ? "failed" : "unknown"}`);
  if (verdict === "fail") {
    const unknowns = checks.filter((check) => check.verdict === "unknown" && check.accepted === undefined);
    if (unknowns.length > 0) parts.push(`${unknowns.length} unknown`);
    const completed = checks.find((check) => check.id === "run/completed");
    if (completed?.verdict === "unknown") parts.push(completed.reason);
  }
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

function trimEnd(sentence: string): string {
  return sentence.replace(/[.\s]+$/, "");
}
