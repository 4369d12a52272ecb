import type { AccessCell, AccessMatrix, Outcome } from "../check/access/matrix.ts";
import { accessModes } from "../history/access.ts";
import {
  type AccessPlace,
  type AccessRow,
  type ExplainingFault,
  faultsIn,
  matrixWords,
  modeNames,
  modeWords,
  outcomeMarks,
  outcomeMeanings,
  outcomesIn,
  outcomeWords,
  rowsByTier,
  setMeanings,
  setsOf,
} from "./access.ts";
import { duration, marks } from "./format.ts";
import { e, section, tierNames } from "./html-parts.ts";

/**
 * The section "Four ways in": every route in every access mode, what was met there and what each set of expectations wants, with the evidence a tap
 * away. Empty when the run did not ask.
 */
export function access(matrix: AccessMatrix | undefined): string {
  if (!matrix) return "";
  const faults = faultsIn(matrix);
  return section(
    "access",
    "Four ways in",
    [
      `<p class="ways-all">${e(matrixWords(matrix))}.</p>`,
      `<ul class="ways">${accessModes
        .map((mode) => `<li><b>${modeNames[mode]}</b> ${e(modeWords(matrix, mode))}</li>`)
        .join("")}</ul>`,
      legend(matrix),
      table(matrix, faults),
      clients(matrix),
      faultList(faults),
    ].join("\n"),
  );
}

function legend(matrix: AccessMatrix): string {
  const signs = outcomesIn(matrix).map((one) => `<span>${outcome(one)}: ${e(outcomeMeanings[one])}</span>`);
  const judged = (["pass", "fail", "unknown"] as const).map((one) => `<span class="mark ${one}">${marks[one]}</span>`);
  const sets = setsOf(matrix).map(
    (set) => `<b>${set}</b> is ${e(setMeanings[set])}${set === matrix.decides ? ", and decides the verdict" : ""}`,
  );
  return `<ul class="legend"><li>${signs.join("; ")}.</li>
<li>${judged[0]} as expected; ${judged[1]} not, and then what was expected; ${judged[2]} unknown. ${sets.join("; ")}.</li>
<li><b>name</b>: asked by the route's own host name; <b>address</b>: by the mode's own name or address. Open a cell (+) for its evidence.</li></ul>`;
}

function table(matrix: AccessMatrix, faults: readonly ExplainingFault[]): string {
  const tiers = rowsByTier(matrix);
  const head = accessModes.map((mode) => `<th scope="col">${modeNames[mode]}</th>`).join("");
  const body = tiers
    .map(
      ({ tier, rows }) =>
        `<tbody><tr class="tier-row"><th colspan="5" scope="rowgroup">${tierNames[tier]}</th></tr>${rows.map((one) => row(one, matrix, faults)).join("")}</tbody>`,
    )
    .join("\n");
  return `<div class="scroll"><table class="matrix"><thead><tr><th scope="col">route</th>${head}</tr></thead>\n${body}</table></div>`;
}

function row({ route, places }: AccessRow, matrix: AccessMatrix, faults: readonly ExplainingFault[]): string {
  const why = route.known
    ? ""
    : `<span class="hint">${marks.unknown} unknown: ${e(route.why ?? "the replica does not reproduce its service")}</span>`;
  const cells = places.map((one) => place(one, matrix, faults)).join("");
  return `<tr><th scope="row"><span class="route">${e(route.title).replaceAll(".", ".<wbr>")}</span><code>${e(route.id)}</code><span class="hint">${e(route.service)}, ${route.protocol.toUpperCase()}</span>${why}</th>${cells}</tr>\n`;
}

function place({ mode, cells, instead }: AccessPlace, matrix: AccessMatrix, faults: readonly ExplainingFault[]): string {
  const name = `<span class="mode">${modeNames[mode]}</span>`;
  if (instead) return `<td>${name}<span class="instead">${instead.mark} ${instead.words}</span></td>`;
  return `<td>${name}${cells.map((cell) => way(cell, matrix, faults)).join("")}</td>`;
}

/** One question: closed, what was met and whether it is what either set expects; open, the evidence. */
function way(cell: AccessCell, matrix: AccessMatrix, faults: readonly ExplainingFault[]): string {
  const verdict = cell.verdict[matrix.decides];
  const met = cell.met === undefined ? `<span class="sign">${marks.unknown}</span> unknown` : outcome(cell.met);
  const status =
    cell.met === "other" && cell.details.status !== undefined ? ` <span class="hint">${cell.details.status}</span>` : "";
  const sets = setsOf(matrix).map((set) => {
    const wanted = cell.verdict[set] === "pass" ? "" : `: ${outcome(cell.expected[set])}`;
    return `<span class="set${set === matrix.decides ? " decides" : ""}"><span class="mark ${cell.verdict[set]}">${marks[cell.verdict[set]]}</span> ${set}${wanted}</span>`;
  });
  return `<details class="way ${verdict}"><summary><span class="by">${cell.by}</span> <span class="met">${met}${status}</span> <span class="sets">${sets.join(" ")}</span></summary>${evidence(cell, matrix, faults)}</details>`;
}

function outcome(one: Outcome): string {
  return `<span class="sign">${outcomeMarks[one]}</span> ${outcomeWords[one]}`;
}

function evidence(cell: AccessCell, matrix: AccessMatrix, faults: readonly ExplainingFault[]): string {
  const { details } = cell;
  // What tells a client's own way from a mere `Host:` header is shown as missing when it is.
  const none = "none recorded";
  const rows: [string, string][] = [
    ["asked", e(cell.asked)],
    ["met", cell.met === undefined ? "unknown" : outcome(cell.met)],
    ...setsOf(matrix).map((set): [string, string] => [`${set} expects`, outcome(cell.expected[set])]),
    ["from", e(details.source ?? none)],
    ["resolver", e(details.resolver ?? none)],
    ["its answers", e(details.answers?.join(", ") || none)],
    ...optional("reached", details.peer),
    ...optional("status", details.status),
    ...optional("TLS", details.tlsVersion),
    ["certificate", e(details.certificate ?? none)],
    ...optional("trouble", details.trouble),
    ...optional("took", phases(cell)),
  ];
  const explained = faults
    .flatMap(({ id }, index) => (cell.faults.includes(id) ? [`<a href="#${faultAnchor(index)}">${e(id)}</a>`] : []))
    .join(", ");
  if (explained) rows.push(["explained by", explained]);
  return `<p class="reason">${e(cell.reason)}</p><dl class="evidence">${rows.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join("")}</dl>`;
}

function optional(name: string, value: string | number | undefined): [string, string][] {
  return value === undefined ? [] : [[name, e(String(value))]];
}

function phases({ phasesMs }: AccessCell): string | undefined {
  if (!phasesMs) return undefined;
  const ms = (value: number) => (value < 10 ? `${Number(value.toFixed(1))} ms` : duration(value));
  return (["dns", "connect", "tls", "firstByte", "total"] as const)
    .flatMap((phase) => {
      const value = phasesMs[phase];
      return value === undefined ? [] : [`${phase === "firstByte" ? "first byte" : phase} ${ms(value)}`];
    })
    .join(", ");
}

function clients(matrix: AccessMatrix): string {
  const rows = matrix.modes
    .map(
      (one) =>
        `<tr><td>${modeNames[one.mode]}</td><td>${e(one.from)}</td><td>${e(one.resolver)}</td><td>${e(one.trust)}</td><td>${one.looked ? "yes" : `not looked at${one.why ? `: ${e(one.why)}` : ""}`}</td></tr>`,
    )
    .join("");
  return `<details><summary>the clients: where each stands, who resolves its names, whom it trusts</summary><div class="scroll"><table><thead><tr><th>mode</th><th>from</th><th>resolver</th><th>trusts</th><th>looked</th></tr></thead>${rows}</table></div></details>`;
}

function faultList(faults: readonly ExplainingFault[]): string {
  if (faults.length === 0) return "";
  const items = faults
    .map(
      (fault, index) =>
        `<li id="${faultAnchor(index)}"><b>${e(fault.id)}</b> ${e(fault.symptom)} <span class="hint">(${e(fault.where)})</span><br>Cause: ${e(fault.cause)}.</li>`,
    )
    .join("");
  return `<h3>Recorded faults that explain it</h3><ul class="findings">${items}</ul>`;
}

/** By place in the list: an id is a stranger's text, too. */
function faultAnchor(index: number): string {
  return `access-fault-${index + 1}`;
}
