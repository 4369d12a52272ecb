import type { AccessMatrix } from "../check/access/matrix.ts";
import type { JudgedFinding, VerdictDocument } from "../check/verdict.ts";
import type { HistoryEvent } from "../history/events.ts";
import { type AccessRow, rowsByTier } from "./access.ts";
import { accessFaults, accessLegend, accessPlace, accessWords } from "./access-text.ts";
import { experimentLines } from "./experiments.ts";
import { sortFindings } from "./findings.ts";
import { bytes, duration, marks, originWords, plural, printable, shortHash, words } from "./format.ts";

/** Longest table of one kind; a summary is read on a phone. The rest is in report.html. */
const mostRows = 25;

/** `summary.md`: the first line names verdict and cause; short tables follow. What CI appends to GITHUB_STEP_SUMMARY. */
export function summary(verdict: VerdictDocument, _events: readonly HistoryEvent[] = []): string {
  return `${[
    headline(verdict),
    facts(verdict),
    notPassed(verdict),
    access(verdict.access),
    experimentTable(verdict),
    tierTable(verdict),
    objectiveTable(verdict),
    findingTable(verdict),
    substitutions(verdict),
  ]
    .filter((part) => part !== "")
    .join("\n\n")}\n`;
}

function headline(verdict: VerdictDocument): string {
  return `**${words[verdict.verdict]}** – ${cell(verdict.cause)}`;
}

function facts(verdict: VerdictDocument): string {
  const { counts, candidate } = verdict;
  const lines = [
    [
      `${marks.pass} ${counts.pass} pass`,
      `${marks.fail} ${counts.fail} fail`,
      `${marks.unknown} ${counts.unknown} unknown`,
      ...(counts.accepted > 0 ? [`${counts.accepted} unknown accepted`] : []),
      ...(counts.notApplicable > 0 ? [`${counts.notApplicable} not applicable`] : []),
      duration(verdict.durationMs),
    ].join(" · "),
    candidate
      ? `Candidate ${code(candidate.name)}, profile ${code(candidate.profile)}, hash ${code(shortHash(candidate.hash))}${candidate.variant ? `, variant ${code(candidate.variant)}` : ""}${candidate.mutation ? `, mutation ${code(candidate.mutation)}` : ""}; run ${code(verdict.runId)}, seed ${verdict.seed}, exit code ${verdict.exitCode}.`
      : "The history does not say what was judged.",
    ...(candidate?.origin ? [`Read from ${cell(originWords(candidate.origin))}.`] : []),
  ];
  const memory = [
    verdict.resources.replica ? `replica ${bytes(verdict.resources.replica.memoryBytes)}` : "",
    verdict.resources.harness ? `harness ${bytes(verdict.resources.harness.memoryBytes)}` : "",
  ].filter((part) => part !== "");
  if (memory.length > 0) lines.push(`Memory: ${memory.join(", ")}.`);
  return lines.join("  \n");
}

function notPassed(verdict: VerdictDocument): string {
  const checks = verdict.checks.filter((check) => check.verdict === "fail" || check.verdict === "unknown");
  const sorted = checks.toSorted((a, b) => Number(b.verdict === "fail") - Number(a.verdict === "fail"));
  return table(
    "Not passed",
    ["", "check", "reason", "expected", "observed"],
    sorted.map((check) => [
      check.accepted ? `${marks.unknown} accepted` : `${marks[check.verdict]} ${check.verdict}`,
      code(check.id),
      cell(
        check.accepted
          ? `${check.reason} (accepted by ${check.accepted.owner} until ${check.accepted.until}: ${check.accepted.reason})`
          : check.reason,
      ),
      cell(check.expected),
      cell(check.observed),
    ]),
  );
}

function access(matrix: AccessMatrix | undefined): string {
  if (!matrix) return "";
  const { whole, modes } = accessWords(matrix);
  const row = ({ route, places }: AccessRow) => [code(route.id), ...places.map((place) => accessPlace(place, matrix).trimEnd())];
  return [
    table(
      "Four ways in",
      ["route", ...modes.map(([name]) => name)],
      rowsByTier(matrix).flatMap(({ rows }) => rows.map(row)),
    ),
    cell(whole),
    [...modes, ...accessFaults(matrix)].map(([name, words]) => `- **${cell(name)}** ${cell(words)}`).join("\n"),
    accessLegend(matrix).join(" "),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function experimentTable(verdict: VerdictDocument): string {
  return table(
    "Experiments",
    ["", "experiment", "objective", "served again", "lost", "p95 before", "during", "after", "why"],
    experimentLines(verdict).map(({ verdict: met, accepted, name, objective, recovery, loss, p95, reason }) => [
      accepted ? `${marks.unknown} accepted` : `${marks[met]} ${met}`,
      code(name),
      cell(objective),
      cell(recovery),
      cell(loss),
      ...p95,
      cell(reason),
    ]),
  );
}

function tierTable(verdict: VerdictDocument): string {
  return table(
    "Tiers",
    ["tier", "state", "up after", "services"],
    verdict.tiers.map((tier) => [
      tier.tier,
      tier.state,
      tier.durationMs === undefined ? "–" : duration(tier.durationMs),
      verdict.services
        .filter((service) => service.tier === tier.tier)
        .filter((service) => service.state !== "not-reproduced")
        .map((service) =>
          service.state === "ready"
            ? `${service.name}${service.readyMs === undefined ? "" : ` ${duration(service.readyMs)}`}`
            : `**${service.name}: ${service.state}**`,
        )
        .join(", "),
    ]),
  );
}

function objectiveTable(verdict: VerdictDocument): string {
  return table(
    "Objectives",
    ["", "objective", "measured", "promised", "n", "source"],
    verdict.objectives.map((one) => [
      `${marks[one.verdict]} ${one.verdict}`,
      code(one.id),
      one.value === undefined ? "–" : `${Number(one.value.toPrecision(4))} ${one.unit}`,
      `≤ ${one.limit} ${one.unit}`,
      one.n === undefined ? "–" : String(one.n),
      cell(one.source),
    ]),
  );
}

/** More findings of one rule than this are one row: the rest is in report.html. */
const mostOfOneRule = 3;

function findingTable(verdict: VerdictDocument): string {
  const { fresh, open, accepted } = sortFindings(verdict.findings);
  const row = (one: JudgedFinding) => [one.since ?? "", code(one.rule), cell(one.place), cell(one.what)];
  const rows = [
    ...fresh.map(row),
    ...open.flatMap(({ rule, findings }) => {
      const [first] = findings;
      if (!first || findings.length <= mostOfOneRule) return findings.map(row);
      return [["", code(rule), `${findings.length} places`, cell(`${first.what} …and ${findings.length - 1} more`)]];
    }),
  ];
  const told = verdict.comparedWith === undefined ? "" : ` (new: since run ${verdict.comparedWith})`;
  return [
    table(`Findings${told}`, ["", "rule", "place", "what"], rows),
    table(
      "Findings accepted",
      ["rule", "place", "by"],
      accepted.map(({ rule, findings }) => {
        const [first] = findings;
        const by = [
          ...new Set(findings.map((one) => `${one.accepted?.owner} until ${one.accepted?.until}: ${one.accepted?.reason}`)),
        ];
        return [
          code(rule),
          cell(findings.length === 1 ? (first?.place ?? "") : `${findings.length} places`),
          cell(by.join("; ")),
        ];
      }),
    ),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function substitutions(verdict: VerdictDocument): string {
  if (verdict.substitutions.length === 0) return "";
  const standIns =
    verdict.standIns.length > 0
      ? ` Stand-ins, small servers of ours in place of the real part: ${verdict.standIns.map(code).join(", ")}.`
      : "";
  return `${plural(verdict.substitutions.length, "substitution")} between the candidate and what ran; each is in report.html.${standIns}`;
}

function table(title: string, head: readonly string[], rows: readonly string[][]): string {
  if (rows.length === 0) return "";
  const shown = rows.slice(0, mostRows).map((row) => `| ${row.join(" | ")} |`);
  const more = rows.length > mostRows ? `\n\n…and ${rows.length - mostRows} more in report.html.` : "";
  return [`### ${title}`, "", `| ${head.join(" | ")} |`, `|${" --- |".repeat(head.length)}`, ...shown].join("\n") + more;
}

/** Text in a table: one line, nothing that markdown or HTML would take for its own. */
function cell(text: string): string {
  const short = printable(text).replace(/\s+/g, " ").trim();
  return (short.length > 400 ? `${short.slice(0, 397)}...` : short).replace(/[\\|<>`*_[\]]/g, (met) =>
    met === "<" ? "&lt;" : met === ">" ? "&gt;" : `\\${met}`,
  );
}

function code(text: string): string {
  return `\`${printable(text).replace(/[`|\n]/g, "'")}\``;
}
