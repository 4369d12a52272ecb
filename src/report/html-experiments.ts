import type { ExperimentAccount, LedgerCount } from "../check/experiment/account.ts";
import type { JudgedExperiment } from "../check/experiment/judged.ts";
import type { SideFile } from "../check/seen.ts";
import type { VerdictDocument } from "../check/verdict.ts";
import type { HistoryEvent } from "../history/events.ts";
import { chart, clientWords, saidMarks } from "./chart/chart.ts";
import { type Picture, pictureOf } from "./chart/picture.ts";
import {
  clientRecoveryWords,
  type ExperimentLine,
  experimentLines,
  lossWords,
  objectiveWords,
  worstVictim,
} from "./experiments.ts";
import { cut, duration, marks, words } from "./format.ts";
import { clientTable, moment, stepTable } from "./html-experiment-tables.ts";
import { checkAnchor, e, section } from "./html-parts.ts";

/** The section "Experiments": a line each with all numbers that matter, then each over time. Empty when the run planned none. */
export function experiments(verdict: VerdictDocument, events: readonly HistoryEvent[], sideFile: SideFile): string {
  const judged = verdict.experiments ?? [];
  const lines = experimentLines(verdict);
  if (lines.length === 0) return "";
  return section(
    "experiments",
    `Experiments (${lines.length})`,
    [
      overview(lines),
      legend,
      ...judged.map((one, index) => article(one, lines[index] as ExperimentLine, verdict, events, sideFile)),
    ].join("\n"),
  );
}

function overview(lines: readonly ExperimentLine[]): string {
  const cell = (name: string, text: string, kind = "") => `<td data-name="${name}"${kind && ` class="${kind}"`}>${e(text)}</td>`;
  const rows = lines.map((line, index) => {
    const [before, during, after] = line.p95;
    const accepted = line.accepted ? ` <span class="hint">accepted</span>` : "";
    return `<tr><th scope="row"><span class="mark ${line.verdict}" title="${words[line.verdict]}">${marks[line.verdict]}</span> <a href="#${anchor(index)}">${e(line.title)}</a>${accepted}<code>${e(line.name)}</code></th>${cell("objective", line.objective)}${cell("served again", line.recovery)}${cell("lost", line.loss)}${cell("p95 before", before, "num third")}${cell("during", during, "num third")}${cell("after", after, "num third")}${cell("why", cut(line.reason, line.verdict === "pass" ? 160 : 400), "why")}</tr>`;
  });
  return `<div class="scroll"><table class="stack"><thead><tr><th>experiment</th><th>objective</th><th>served again</th><th>lost</th><th class="num">p95 before</th><th class="num">during</th><th class="num">after</th><th>why</th></tr></thead><tbody>${rows.join("\n")}</tbody></table></div>
<p class="hint">Served again: from the fault's confirmed effect, as the victim that waited longest saw it. Lost: acknowledged writes that were not read back, and the period that they are of. p95 of that same victim, from the due time, bad answers behind all good ones: “bad” means that more than one in twenty was; – too few answers to say.</p>`;
}

const legend = `<details class="legend"><summary>how to read the charts</summary><ul>
<li><i class="key band"></i> a fault held, from when an independent look saw it bite until its removal; in the fault's own lane also announced (<i class="key announced"></i>) and not yet seen healed (<i class="key healing"></i>)</li>
<li><i class="key good"></i> answered well, <i class="key bad"></i> answered badly or not at all (as high as their share), nothing: nobody looked</li>
<li><i class="key median"></i> median latency in <i class="key spread"></i> the quickest to the slowest answer, on one logarithmic scale an experiment; <i class="key dot"></i> how long a bad answer took; <i class="key back"></i> served again; <i class="key limit"></i> the objective for the API's p95</li>
<li>Orchestrator: ${Object.values(saidMarks)
  .filter(({ words }) => words !== "out of memory")
  .map(({ mark, words }) => `${mark} ${words}`)
  .join(", ")}, ◆ health</li>
<li>Each plot has 600 columns: of a column's good answers the quickest, the median and the slowest are drawn, of its bad ones their share, the quickest and the slowest. No column with a bad one is left out.</li></ul></details>`;

function article(
  { observation, account, missing, checks }: JudgedExperiment,
  line: ExperimentLine,
  verdict: VerdictDocument,
  events: readonly HistoryEvent[],
  sideFile: SideFile,
): string {
  const index = (verdict.experiments ?? []).findIndex((one) => one.observation === observation);
  const head = `<h3><span class="mark" aria-hidden="true">${marks[line.verdict]}</span> ${e(line.title)}</h3>`;
  const reason = `<p class="reason">${e(words[line.verdict])}: ${e(line.reason)}</p>`;
  const links = `<p class="hint">Checks: ${checks.map((id) => checkLink(id, verdict)).join(", ")}</p>`;
  const body = account
    ? [
        `<p class="title">${e(account.why)}</p>`,
        reason,
        facts(account),
        drawn(account, observation, events, sideFile, verdict),
        clientTable(account),
      ].join("\n")
    : `${reason}<p class="missing">Nothing is drawn: ${e(missing ?? "it has no numbers")}.</p>`;
  return `<article class="card ${line.verdict} experiment" id="${anchor(index)}">${head}\n${body}\n${links}</article>`;
}

function checkLink(id: string, verdict: VerdictDocument): string {
  const met = verdict.checks.find((check) => check.id === id)?.verdict ?? "unknown";
  return `<a href="#${checkAnchor(id)}"><span class="mark ${met}">${marks[met]}</span> ${e(id)}</a>`;
}

function facts(account: ExperimentAccount): string {
  const { aborted, moments, claimMs, ledger, promised } = account;
  const worst = worstVictim(account);
  const rows: ([string, string] | undefined)[] = [
    ["about", account.service],
    ["objective", `${objectiveWords(account)}${promised ? ` (${promised.source})` : ""}`],
    aborted && ["ended early", `${aborted.guard}: ${aborted.why}`],
    moments ? undefined : ["fault", "none was seen to bite: nothing is said of what came after"],
    moments && worst && ["served again", `${clientRecoveryWords(worst)} after the effect (${clientWords(worst)})`],
    claimMs === undefined ? undefined : ["orchestrator", `called it running ${moment(claimMs)}`],
    ledger && ["ledger", ledgerWords(ledger)],
  ];
  const known = rows.filter((row) => row !== undefined);
  return `<dl class="facts">${known.map(([name, value]) => `<div><dt>${name}</dt><dd>${e(value)}</dd></div>`).join("")}</dl>`;
}

function ledgerWords(ledger: LedgerCount): string {
  const { store, mayLose, readBack } = ledger;
  const allowed =
    typeof mayLose === "number"
      ? `${mayLose} may be`
      : `those of the last ${duration(mayLose.acknowledgedWithinMs)} before the effect may be`;
  const more = readBack
    ? `${readBack.unexpected} unexpected, ${readBack.duplicated} duplicated, ${readBack.recovered} recovered`
    : "there was no whole final read";
  return `${store}: acknowledged writes lost: ${lossWords(ledger)} (${allowed}); ${more}`;
}

function drawn(
  account: ExperimentAccount,
  observation: string,
  events: readonly HistoryEvent[],
  sideFile: SideFile,
  verdict: VerdictDocument,
): string {
  let picture: Picture;
  try {
    picture = pictureOf(account, observation, events, sideFile);
  } catch (error) {
    return `<p class="missing">Nothing is drawn: ${e((error as Error).message)}.</p>`;
  }
  const steps = stepTable(picture);
  if (picture.clients.every(({ answers }) => answers.length === 0))
    return `<p class="missing">Nothing is drawn, for no client's samples are here${picture.clients.map(({ account: { label }, missing }) => `; ${e(label)}: ${e(missing ?? "no sample was recorded")}`).join("")}.</p>${steps}`;
  const api = verdict.objectives.find(({ id }) => id === "api-p95");
  return `${chart(picture, api && api.unit === "ms" ? api.limit : undefined)}${steps}`;
}

/** Leads from a check to the experiment that it judges; empty for any other. */
export function experimentLink(observation: string, { experiments = [] }: VerdictDocument): string {
  const index = experiments.findIndex((one) => one.observation === observation);
  return index < 0 ? "" : `<p class="hint"><a href="#${anchor(index)}">what was seen, over time</a></p>`;
}

/** By place in the list: a name is a stranger's text, too. */
function anchor(index: number): string {
  return `experiment-${index + 1}`;
}
