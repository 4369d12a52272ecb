import { styleText } from "node:util";
import type { JudgedCheck, VerdictDocument } from "../check/verdict.ts";
import type { HistoryEvent } from "../history/events.ts";
import { accessBlock } from "./access-text.ts";
import { experimentName } from "./experiments.ts";
import { experimentBlock } from "./experiments-text.ts";
import { countFindings, sortFindings } from "./findings.ts";
import { bytes, colours, duration, marks, printable, words } from "./format.ts";

export type Style = Parameters<typeof styleText>[0];
export type Paint = (style: Style, text: string) => string;

/** Colours only where they are wanted: a terminal, and no NO_COLOR (https://no-color.org: any non-empty value). */
export function painter(options: { isTTY: boolean; env?: NodeJS.ProcessEnv }): Paint {
  const wanted = options.isTTY && !(options.env?.NO_COLOR ?? "");
  return (style, text) => (wanted ? styleText(style, text, { validateStream: false }) : text);
}

/** The last block of a run on the terminal: verdict and cause first, then what did not pass and why, then who gets in, then what was hurt, then the numbers, then where everything lies. */
export function terminal(
  verdict: VerdictDocument,
  _events: readonly HistoryEvent[],
  options: { folder: string; paint?: Paint },
): string {
  const paint = options.paint ?? ((_style, text) => text);
  const blocks = [
    `${paint(["bold", colours[verdict.verdict]], words[verdict.verdict])}  ${printable(verdict.cause)}`,
    ...verdict.checks.filter((check) => check.verdict === "fail").map((check) => notPassed(check, verdict, paint)),
    ...unknowns(verdict, paint),
    ...(verdict.access ? [accessBlock(verdict.access, paint)] : []),
    ...(verdict.experiments ? [experimentBlock(verdict, paint)] : []),
    numbers(verdict, paint, options.folder),
  ];
  return `\n${blocks.join("\n\n")}\n`;
}

function notPassed(check: JudgedCheck, verdict: VerdictDocument, paint: Paint): string {
  const lines = [
    `${paint(colours[check.verdict], `${marks[check.verdict]} ${check.id}`)}  ${printable(check.title)}`,
    `    ${printable(check.reason)}`,
  ];
  if (check.expected) lines.push(`    ${paint("gray", "expected")}  ${printable(check.expected)}`);
  if (check.observed) lines.push(`    ${paint("gray", "observed")}  ${printable(check.observed)}`);
  const trouble =
    check.id === `up/${check.service}` ? verdict.services.find((service) => service.name === check.service)?.trouble : undefined;
  for (const line of trouble?.log.slice(-5) ?? []) lines.push(`    ${paint("gray", "log")}  ${printable(line)}`);
  if (check.cure) lines.push(`    ${paint("gray", "cure")}  ${printable(check.cure)}`);
  return lines.join("\n");
}

/** Unknowns with one reason are one block: a dead service must not fill the screen with what it took along. */
function unknowns(verdict: VerdictDocument, paint: Paint): string[] {
  const byReason = new Map<string, JudgedCheck[]>();
  for (const check of verdict.checks) {
    if (check.verdict !== "unknown") continue;
    const reason = check.accepted
      ? `${check.reason} (accepted by ${check.accepted.owner} until ${check.accepted.until})`
      : check.reason;
    byReason.set(reason, [...(byReason.get(reason) ?? []), check]);
  }
  return [...byReason].map(([reason, checks]) => {
    const [only] = checks;
    if (checks.length === 1 && only && !only.accepted) return notPassed(only, verdict, paint);
    return `${paint(colours.unknown, `${marks.unknown} ${checks.map((check) => check.id).join(", ")}`)}\n    ${printable(reason)}`;
  });
}

/** New findings that are listed; the report has all. */
const mostNew = 10;

function numbers(verdict: VerdictDocument, paint: Paint, folder: string): string {
  const { counts, resources } = verdict;
  const row = (name: string, text: string) => `${paint("gray", name.padEnd(9))} ${text}`;
  const lines = [
    row(
      "checks",
      [
        `${counts.pass} pass`,
        `${counts.fail} fail`,
        `${counts.unknown} unknown`,
        ...(counts.accepted ? [`${counts.accepted} unknown accepted`] : []),
        ...(counts.notApplicable ? [`${counts.notApplicable} not applicable`] : []),
      ].join(", "),
    ),
    row(
      "time",
      [
        ...verdict.tiers.map((tier) => `${tier.tier} ${tier.durationMs === undefined ? tier.state : duration(tier.durationMs)}`),
        `whole run ${duration(verdict.durationMs)}`,
      ].join(", "),
    ),
  ];
  const memory = [
    resources.replica ? `replica ${bytes(resources.replica.memoryBytes)}` : "",
    resources.harness
      ? `harness ${bytes(resources.harness.memoryBytes)} (${resources.harness.cpuSeconds.toFixed(1)} s of processor)`
      : "",
  ].filter((part) => part !== "");
  if (memory.length > 0) lines.push(row("memory", memory.join(", ")));
  for (const one of verdict.objectives) {
    if (one.value === undefined) continue;
    lines.push(
      row(
        "objective",
        `${marks[one.verdict]} ${one.id} ${Number(one.value.toPrecision(4))} ${one.unit} of ${one.limit} ${one.unit} (n = ${one.n})`,
      ),
    );
  }
  if (verdict.findings.length > 0)
    lines.push(row("findings", `${countFindings(verdict.findings, verdict.comparedWith)}, see the report`));
  const { fresh } = sortFindings(verdict.findings);
  for (const one of fresh.slice(0, mostNew))
    lines.push(row("new", `${one.rule} at ${printable(one.place)}: ${printable(one.what)}`));
  if (fresh.length > mostNew) lines.push(row("new", `${fresh.length - mostNew} more`));
  if (verdict.standIns.length > 0) lines.push(row("stand-ins", verdict.standIns.join(", ")));
  const red = verdict.checks.find((check) => check.verdict === "fail" && check.observation !== "");
  const experiment = verdict.experiments?.find((one) => one.observation === red?.observation);
  const again = experiment ? `chaos ${experimentName(experiment)}` : `gate${red ? ` --only ${red.id}` : ""}`;
  if (verdict.verdict === "fail") lines.push(row("closer", `sprocket-resilience ${again} --keep-on-fail`));
  lines.push(row("report", `${folder}/report.html`), row("judge", `sprocket-resilience judge ${folder}`));
  return lines.join("\n");
}
