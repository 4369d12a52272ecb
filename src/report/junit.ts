import type { JudgedCheck, VerdictDocument } from "../check/verdict.ts";
import { printable } from "./format.ts";

/**
 * JUnit XML as CI servers read it: a suite a tier, a case a check. A failed check is a `failure`, an unknown one an `error` (it has not passed), one that
 * does not apply, or whose unknown the baseline accepts, is `skipped`.
 */
export function junit(verdict: VerdictDocument): string {
  const suites = [...new Set(verdict.checks.map((check) => check.tier))];
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>'];
  lines.push(
    `<testsuites name="sprocket-resilience ${escapeXml(verdict.runId)}" ${counts(verdict.checks)} time="${seconds(verdict.durationMs)}">`,
  );
  for (const suite of suites) {
    const checks = verdict.checks.filter((check) => check.tier === suite);
    const time = seconds(checks.reduce((sum, check) => sum + check.durationMs, 0));
    const stamp = verdict.startedAt.replace(/\.\d+Z$/, "Z");
    lines.push(`  <testsuite name="${suite}" ${counts(checks)} time="${time}" timestamp="${escapeXml(stamp)}">`);
    for (const check of checks) lines.push(...testCase(check));
    lines.push("  </testsuite>");
  }
  lines.push("</testsuites>");
  return `${lines.join("\n")}\n`;
}

function testCase(check: JudgedCheck): string[] {
  const open = `    <testcase classname="${escapeXml(`${check.tier}.${check.service}`)}" name="${escapeXml(check.id)}" time="${seconds(check.durationMs)}"`;
  const outcome = outcomeOf(check);
  return outcome === undefined ? [`${open}/>`] : [`${open}>`, `      ${outcome}`, "    </testcase>"];
}

function outcomeOf(check: JudgedCheck): string | undefined {
  const message = `message="${escapeXml(check.reason)}"`;
  const body = escapeXml([check.title, `expected: ${check.expected || "-"}`, `observed: ${check.observed || "-"}`].join("\n"));
  if (check.accepted) {
    const { owner, reason, until } = check.accepted;
    return `<skipped message="${escapeXml(`unknown, accepted by ${owner} until ${until} (${reason}): ${check.reason}`)}"/>`;
  }
  switch (check.verdict) {
    case "pass":
      return undefined;
    case "fail":
      return `<failure type="fail" ${message}>${body}</failure>`;
    case "unknown":
      return `<error type="unknown" ${message}>${body}</error>`;
    case "not-applicable":
      return `<skipped ${message}/>`;
  }
}

function counts(checks: readonly JudgedCheck[]): string {
  const of = (verdict: string) => checks.filter((check) => check.verdict === verdict && !check.accepted).length;
  const skipped = of("not-applicable") + checks.filter((check) => check.accepted).length;
  return `tests="${checks.length}" failures="${of("fail")}" errors="${of("unknown")}" skipped="${skipped}"`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  "\n": "&#10;",
  "\t": "&#9;",
  "\r": "&#13;",
};

function escapeXml(text: string): string {
  return printable(text).replace(/[&<>"'\n\t\r]/g, (met) => entities[met] ?? met);
}
