import type { ExperimentAccount } from "../check/experiment/account.ts";
import type { LatencySummary } from "../check/latency.ts";
import { saidMark } from "./chart/chart.ts";
import type { FaultLife } from "./chart/fault-lives.ts";
import type { Picture } from "./chart/picture.ts";
import { clientRecoveryWords, latencyWords } from "./experiments.ts";
import { duration } from "./format.ts";
import { e } from "./html-parts.ts";

const steps: [Exclude<keyof FaultLife, "fault">, string][] = [
  ["announced", "announced"],
  ["effect", "seen to bite"],
  ["removed", "removed"],
  ["healed", "seen healed"],
  ["failed", "NOT undone, or not seen healed"],
];

/** What a chart shows of faults and orchestrator, as text: every moment, from the chart's own zero. */
export function stepTable({ faults, said, zero }: Picture): string {
  const rows = [
    ...faults.flatMap((life) =>
      steps.flatMap(([field, words]) => (life[field] === undefined ? [] : [{ t: life[field], what: life.fault, detail: words }])),
    ),
    ...said.map(({ t, service, action, exitCode, task }) => ({
      t,
      what: service,
      detail: `${saidMark(action).mark} ${action}${exitCode === undefined ? "" : `, exit code ${exitCode}`}, task ${task.slice(0, 12)}`,
    })),
  ].toSorted((a, b) => a.t - b.t);
  if (rows.length === 0) return "";
  const body = rows.map(
    ({ t, what, detail }) => `<tr><td class="num">${moment(t - zero.atMs)}</td><td>${e(what)}</td><td>${e(detail)}</td></tr>`,
  );
  return `<details><summary>the faults' steps and what the orchestrator said (${rows.length})</summary><div class="scroll"><table>${body.join("")}</table></div></details>`;
}

export function moment(ms: number): string {
  return ms === 0 ? "0" : `${ms < 0 ? "−" : "+"}${duration(Math.abs(ms))}`;
}

const windows = ["before", "during", "after"] as const;

/** Every client's numbers: how many bad, recovery, and percentiles before, during and after. */
export function clientTable({ clients }: ExperimentAccount): string {
  const rows = clients.map((one) => {
    const { label, victim, n, latency, missing } = one;
    const bad = one.bad.reduce((sum, [from, to]) => sum + to - from + 1, 0);
    const served = victim ? clientRecoveryWords(one) : bad === 0 ? "noticed nothing" : "–";
    const cells = missing
      ? `<td colspan="4" data-name="no numbers">${e(missing)}</td>`
      : `<td data-name="served again">${e(served)}</td>${windows.map((window) => `<td class="num third" data-name="${window}">${percentiles(latency?.[window])}</td>`).join("")}`;
    return `<tr><th scope="row">${e(label)} <span class="hint">${victim ? "victim" : "must not notice"}</span></th><td data-name="bad">${bad} of ${n}</td>${cells}</tr>`;
  });
  const head = windows.map((window) => `<th class="num">${window}</th>`).join("");
  return `<details><summary>every client's numbers</summary><p class="hint">Before, during and after the fault, from the due time.</p><div class="scroll"><table class="stack"><thead><tr><th>client</th><th>bad</th><th>served again</th>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div></details>`;
}

/** One below the other, so that a phone has room for three windows. */
function percentiles(latency: LatencySummary | undefined): string {
  if (!latency || latency.n === 0) return "–";
  const told = (["p50", "p95", "p99"] as const).map((rank) => `<span class="hint">${rank}</span> ${latencyWords(latency[rank])}`);
  return `${told.join("<br>")}<br><span class="hint">n = ${latency.n}</span>`;
}
