import { troubleLine } from "../check/trouble.ts";
import type { CheckVerdict, JudgedCheck, JudgedFinding, JudgedService, VerdictDocument } from "../check/verdict.ts";
import type { EventOf, HistoryEvent } from "../history/events.ts";
import type { Sample } from "../history/sample.ts";
import { sortFindings } from "./findings.ts";
import { bytes, cut, duration, marks, originWords, plural, shortHash, words } from "./format.ts";
import { access } from "./html-access.ts";
import { accessStyle } from "./html-access-style.ts";
import { experimentLink, experiments } from "./html-experiments.ts";
import { experimentsStyle } from "./html-experiments-style.ts";
import { checkAnchor, e, section, tierNames } from "./html-parts.ts";
import { style } from "./html-style.ts";
import { type SampleRow, sampleRow } from "./sample-row.ts";

/** Rows of samples and facts under one check; the rest lies in history.jsonl. */
const mostRows = 30;

/**
 * `report.html`: one file without network or script, readable on a phone, in light and dark, and on paper. From top to bottom in the order of the
 * questions: did it pass, what is the cause, what else did not pass, who gets in, what was hurt and how it came back, how long did it take, what was checked, with what was it judged.
 */
export function html(
  verdict: VerdictDocument,
  events: readonly HistoryEvent[],
  options: { sideFile?: (name: string) => Sample[] } = {},
): string {
  const evidence = evidenceOf(events, options.sideFile);
  const title = `${words[verdict.verdict]} ${verdict.candidate?.name ?? ""} ${verdict.runId}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${e(title)}</title>
<style>${style}${accessStyle}${experimentsStyle}</style>
</head>
<body>
${head(verdict)}
<main>
${notPassed(verdict, evidence)}
${access(verdict.access)}
${experiments(verdict, events, options.sideFile ?? noSideFiles)}
${timeline(verdict, events)}
${allChecks(verdict, evidence)}
${objectives(verdict)}
${findings(verdict)}
${substitutions(verdict)}
${services(verdict)}
${provenance(verdict, events)}
</main>
</body>
</html>
`;
}

function head(verdict: VerdictDocument): string {
  const { counts } = verdict;
  const count = (kind: CheckVerdict, n: number, word: string) =>
    n === 0 ? "" : `<li class="${kind}"><b>${marks[kind]} ${n}</b> ${e(word)}</li>`;
  const ended =
    verdict.ended.reason === "completed" ? "" : `<p class="ended">The run did not complete: ${e(verdict.ended.reason)}.</p>`;
  return `<header class="${verdict.verdict}">
<h1><span class="mark" aria-hidden="true">${marks[verdict.verdict]}</span> ${words[verdict.verdict]}</h1>
<p class="cause">${causeWords(verdict.cause)}</p>
${ended}<ul class="counts">${count("fail", counts.fail, "failed")}${count("unknown", counts.unknown, "unknown")}${count("pass", counts.pass, "passed")}${count("unknown", counts.accepted, "unknown, accepted")}${count("not-applicable", counts.notApplicable, "not applicable")}</ul>
<p class="run">${[
    verdict.candidate ? `candidate <b>${e(verdict.candidate.name)}</b> (${e(verdict.candidate.profile)})` : "",
    verdict.candidate?.variant ? `variant <b>${e(verdict.candidate.variant)}</b>` : "",
    verdict.candidate?.mutation ? `mutation <b>${e(verdict.candidate.mutation)}</b>` : "",
    e(verdict.startedAt.replace("T", " ").replace(/\.\d+Z$/, " UTC")),
    e(duration(verdict.durationMs)),
    `<code>${e(verdict.runId)}</code>`,
  ]
    .filter((part) => part !== "")
    .join(" · ")}</p>
</header>`;
}

/** What is broken in bold, the details after it: five seconds are enough for the first part. */
function causeWords(cause: string): string {
  const [, what, details] = /^(.*?): (.*)$/s.exec(cause) ?? [];
  return what === undefined || details === undefined ? `<b>${e(cause)}</b>` : `<b>${e(what)}</b>${e(details)}`;
}

function notPassed(verdict: VerdictDocument, evidence: Evidence): string {
  const failed = verdict.checks.filter((check) => check.verdict === "fail");
  const unknowns = verdict.checks.filter((check) => check.verdict === "unknown" && !check.accepted);
  const parts: string[] = [];
  if (failed.length > 0) {
    // The root first, and open; the others a tap away.
    const root = failed.find(
      (check) =>
        verdict.cause.startsWith(check.id) || (check.id === `up/${check.service}` && verdict.cause.startsWith(check.service)),
    );
    const sorted = root ? [root, ...failed.filter((check) => check !== root)] : failed;
    parts.push(
      section("failed", `Failed (${failed.length})`, sorted.map((check) => card(check, verdict, evidence, true)).join("\n")),
    );
  }
  if (unknowns.length > 0) {
    const groups = Map.groupBy(unknowns, (check) => check.reason);
    const body = [...groups]
      .map(([reason, checks]) =>
        checks.length === 1 && checks[0]
          ? card(checks[0], verdict, evidence, false)
          : `<div class="card unknown"><p class="reason">${e(reason)}</p><ul class="ids">${checks.map((check) => `<li><a href="#${checkAnchor(check.id)}">${e(check.id)}</a></li>`).join("")}</ul></div>`,
      )
      .join("\n");
    parts.push(
      section(
        "unknown",
        `Unknown (${unknowns.length})`,
        `<p class="hint">Not passed: what was needed to judge is missing.</p>${body}`,
      ),
    );
  }
  return parts.join("\n");
}

/** A check that did not pass, with all a person needs to act. */
function card(check: JudgedCheck, verdict: VerdictDocument, evidence: Evidence, withLog: boolean): string {
  const trouble =
    check.id === `up/${check.service}` ? verdict.services.find((service) => service.name === check.service)?.trouble : undefined;
  const log =
    withLog && trouble && trouble.log.length > 0 ? `<pre class="log">${e(trouble.log.slice(-12).join("\n"))}</pre>` : "";
  return `<div class="card ${check.verdict}">
<h3><span class="mark" aria-hidden="true">${marks[check.verdict]}</span> ${e(check.id)}</h3>
<p class="title">${e(check.title)}</p>
<p class="reason">${e(check.reason)}</p>
${compared(check)}${log}${check.cure ? `<p class="cure"><b>Cure</b> ${e(check.cure)}</p>` : ""}${seenTable(check, verdict, evidence)}
</div>`;
}

function compared(check: JudgedCheck): string {
  if (!check.expected && !check.observed) return "";
  return `<dl class="compared"><div><dt>expected</dt><dd>${e(check.expected || "–")}</dd></div><div><dt>observed</dt><dd>${e(check.observed || "–")}</dd></div></dl>`;
}

function timeline(verdict: VerdictDocument, events: readonly HistoryEvent[]): string {
  const whole = Math.max(verdict.durationMs, 1);
  const bar = (name: string, from: number, ms: number | undefined, kind: string, words: string, sub = false) => {
    const left = Math.min(100, (from / whole) * 100);
    const width = Math.max(0.4, Math.min(100 - left, ((ms ?? whole - from) / whole) * 100));
    return `<div class="row${sub ? " sub" : ""}"><span class="name">${e(name)}</span><span class="track"><span class="bar ${kind}" style="left:${left.toFixed(2)}%;width:${width.toFixed(2)}%"></span></span><span class="time">${e(words)}</span></div>`;
  };
  const groups: { from: number; rows: string[] }[] = phasesOf(events).map((phase) => ({
    from: phase.from,
    rows: [bar(phase.name, phase.from, phase.ms, "neutral", phase.ms === undefined ? "never ended" : duration(phase.ms))],
  }));
  for (const tier of verdict.tiers) {
    const rows: string[] = [];
    groups.push({ from: tier.startedMs ?? Number.POSITIVE_INFINITY, rows });
    if (tier.startedMs === undefined) {
      rows.push(
        `<div class="row"><span class="name">${tierNames[tier.tier]}</span><span class="track"></span><span class="time">never started</span></div>`,
      );
      continue;
    }
    const state = tier.state === "ready" ? "pass" : tier.state === "red" ? "fail" : "unknown";
    rows.push(
      bar(
        tierNames[tier.tier],
        tier.startedMs,
        tier.durationMs,
        state,
        tier.durationMs === undefined ? "never ready" : duration(tier.durationMs),
      ),
    );
    for (const service of verdict.services.filter((one) => one.tier === tier.tier)) {
      const mine = events.filter((event) => event.type === "service" && event.service === service.name) as EventOf<"service">[];
      const created = mine[0]?.t;
      if (created === undefined) continue;
      const gaveUp = mine.find((event) => event.state === "not-ready")?.t;
      const kind = service.state === "ready" ? "pass" : service.state === "not-ready" ? "fail" : "unknown";
      rows.push(
        bar(
          service.name,
          created,
          service.readyMs ?? (gaveUp === undefined ? undefined : gaveUp - created),
          kind,
          service.readyMs === undefined ? "not ready" : duration(service.readyMs),
          true,
        ),
      );
    }
  }
  if (groups.length === 0) return "";
  const inTime = groups.toSorted((a, b) => a.from - b.from).flatMap((group) => group.rows);
  return section(
    "times",
    `Times <small>${e(duration(verdict.durationMs))}</small>`,
    `<div class="timeline">${inTime.join("")}</div>`,
  );
}

function phasesOf(events: readonly HistoryEvent[]): { name: string; from: number; ms?: number }[] {
  const phases: { name: string; from: number; ms?: number }[] = [];
  for (const event of events) {
    if (event.type !== "phase") continue;
    if (event.state === "started") phases.push({ name: event.phase, from: event.t });
    else {
      const open = phases.findLast((phase) => phase.name === event.phase && phase.ms === undefined);
      if (open) open.ms = event.t - open.from;
    }
  }
  return phases;
}

function allChecks(verdict: VerdictDocument, evidence: Evidence): string {
  const tiers = [...new Set(verdict.checks.map((check) => check.tier))];
  const body = tiers
    .map((tier) => {
      const checks = verdict.checks.filter((check) => check.tier === tier);
      const red = checks.some((check) => check.verdict === "fail" || (check.verdict === "unknown" && !check.accepted));
      const of = (["pass", "fail", "unknown", "not-applicable"] as const)
        .map((kind) => ({ kind, n: checks.filter((check) => check.verdict === kind).length }))
        .filter(({ n }) => n > 0)
        .map(({ kind, n }) => `<span class="${kind}">${marks[kind]} ${n}</span>`)
        .join(" ");
      return `<details class="tier"${red ? " open" : ""}><summary><b>${tierNames[tier]}</b> <span class="tally">${of}</span></summary>${checks.map((check) => line(check, verdict, evidence)).join("")}</details>`;
    })
    .join("\n");
  return section("checks", `All checks (${verdict.checks.length})`, body);
}

function line(check: JudgedCheck, verdict: VerdictDocument, evidence: Evidence): string {
  const accepted = check.accepted
    ? `<p class="hint">Accepted by ${e(check.accepted.owner)} until ${e(check.accepted.until)}: ${e(check.accepted.reason)}</p>`
    : "";
  return `<details class="check" id="${checkAnchor(check.id)}"><summary><span class="mark ${check.verdict}" title="${words[check.verdict]}">${marks[check.verdict]}</span><span class="what">${e(check.title)} <code>${e(check.id)}</code></span><span class="time">${check.durationMs > 0 ? e(duration(check.durationMs)) : ""}</span></summary>
<p class="reason">${e(words[check.verdict])}: ${e(check.reason)}</p>${accepted}${compared(check)}${seenTable(check, verdict, evidence)}</details>`;
}

/** What was recorded for an observation, ready to print. */
type Evidence = Map<string, { rows: SampleRow[]; facts: { t: number; name: string; text: string }[]; samples: number }>;

function evidenceOf(events: readonly HistoryEvent[], sideFile: ((name: string) => Sample[]) | undefined): Evidence {
  const evidence: Evidence = new Map();
  const of = (observation: string) => {
    const met = evidence.get(observation) ?? { rows: [], facts: [], samples: 0 };
    evidence.set(observation, met);
    return met;
  };
  for (const event of events) {
    if (event.type === "sample") {
      const mine = of(event.observation);
      mine.samples += 1;
      if (mine.rows.length < mostRows) mine.rows.push(sampleRow(event));
    } else if (event.type === "samples") {
      const mine = of(event.observation);
      mine.samples += event.count;
      for (const sample of dense(event, sideFile).slice(0, Math.max(0, mostRows - mine.rows.length))) {
        mine.rows.push(sampleRow({ ...event, type: "sample", sample }));
      }
    } else if (event.type === "fact") {
      of(event.observation).facts.push({ t: event.t, name: event.name, text: cut(JSON.stringify(event.data), 600) });
    } else if (event.type === "fault") {
      of(event.observation).facts.push({
        t: event.t,
        name: `${event.fault}: ${event.step}`,
        text: cut(JSON.stringify(event.detail), 300),
      });
    }
  }
  return evidence;
}

function dense(event: EventOf<"samples">, sideFile: ((name: string) => Sample[]) | undefined): Sample[] {
  try {
    return sideFile?.(event.file) ?? [];
  } catch {
    // The check says what is wrong with the file; the report only lacks its rows.
    return [];
  }
}

function seenTable(check: JudgedCheck, verdict: VerdictDocument, evidence: Evidence): string {
  // What an experiment's clients saw is too much for rows.
  const link = experimentLink(check.observation, verdict);
  if (link !== "") return link;
  const mine = check.observation === "" ? undefined : evidence.get(check.observation);
  if (!mine || mine.rows.length + mine.facts.length + mine.samples === 0) return "";
  const samples = mine.rows
    .map(
      (row) =>
        `<tr><td>${e(row.label)}</td><td>${e(row.from)} → ${e(row.target)}</td><td>${e(row.got)}</td><td class="num">${e(row.took)}</td></tr>${row.more ? `<tr class="more"><td colspan="4">${e(cut(row.more, 400))}</td></tr>` : ""}`,
    )
    .join("");
  const left = mine.samples - mine.rows.length;
  const facts = mine.facts
    .slice(0, mostRows)
    .map((fact) => `<tr><td>${e(fact.name)}</td><td colspan="3">${e(fact.text)}</td></tr>`)
    .join("");
  const what = [
    mine.samples > 0 ? plural(mine.samples, "sample") : "",
    mine.facts.length > 0 ? plural(mine.facts.length, "fact") : "",
  ]
    .filter((part) => part !== "")
    .join(", ");
  return `<details class="seen"><summary>what was seen: ${what}</summary><div class="scroll"><table>${samples}${facts}</table></div>${left > 0 ? `<p class="hint">…and ${left} more samples in the run's folder.</p>` : ""}</details>`;
}

function objectives(verdict: VerdictDocument): string {
  if (verdict.objectives.length === 0) return "";
  const rows = verdict.objectives
    .map((one) => {
      const measured = one.value === undefined ? "not measured" : `${Number(one.value.toPrecision(4))} ${one.unit}`;
      return `<tr><td><span class="mark ${one.verdict}">${marks[one.verdict]}</span> ${e(one.id)}</td><td class="num">${e(measured)}</td><td class="num">≤ ${one.limit} ${one.unit}</td><td class="num">${one.n ?? "–"}</td><td>${e(one.source)}</td></tr>`;
    })
    .join("");
  return section(
    "objectives",
    "Objectives",
    `<div class="scroll"><table><thead><tr><th>objective</th><th class="num">measured</th><th class="num">promised</th><th class="num">n</th><th>source</th></tr></thead>${rows}</table></div>`,
  );
}

function findings(verdict: VerdictDocument): string {
  if (verdict.findings.length === 0) return "";
  const { fresh, open, accepted } = sortFindings(verdict.findings);
  const item = (one: JudgedFinding) =>
    `<li>${one.since === "new" ? `<strong class="new">new</strong> ` : ""}<b>${e(one.place)}</b>: ${e(one.what)}${one.accepted ? ` <span class="hint">(accepted by ${e(one.accepted.owner)} until ${e(one.accepted.until)}: ${e(one.accepted.reason)})</span>` : ""}${one.cure ? `<br><span class="cure"><b>Cure</b> ${e(one.cure)}</span>` : ""}<br><code>${e(one.rule)}</code></li>`;
  const items = [...fresh, ...open.flatMap((one) => one.findings)].map(item).join("");
  const taken = accepted.flatMap((one) => one.findings);
  const apart = `<details><summary>${taken.length} accepted</summary><ul class="findings">${taken.map(item).join("")}</ul></details>`;
  const compared =
    verdict.comparedWith === undefined ? "" : ` Static findings are marked new against run ${e(verdict.comparedWith)}.`;
  return section(
    "findings",
    `Findings (${verdict.findings.length - taken.length})`,
    `<p class="hint">Wrong, but not promised to be right; they do not decide the verdict.${compared}</p><ul class="findings">${items}</ul>${taken.length > 0 ? apart : ""}`,
  );
}

function substitutions(verdict: VerdictDocument): string {
  if (verdict.substitutions.length === 0 && verdict.standIns.length === 0) return "";
  const standIns =
    verdict.standIns.length > 0
      ? `<p><b>Stand-ins</b> (small servers of ours in place of the real part): ${verdict.standIns.map((name) => `<code>${e(name)}</code>`).join(", ")}</p>`
      : "";
  const rows = verdict.substitutions
    .map(
      (one) =>
        `<tr><td>${e(one.subject)}<br><span class="hint">${e(one.kind)}</span></td><td>${e(one.asked)}</td><td>${e(one.got)}</td><td>${e(one.why)}${one.hides.length > 0 ? `<br><span class="hint">cannot speak of: ${e(one.hides.join(", "))}</span>` : ""}</td></tr>`,
    )
    .join("");
  const table =
    rows === ""
      ? ""
      : `<details><summary>${plural(verdict.substitutions.length, "substitution")}: what the candidate asks, and what ran here</summary><div class="scroll"><table><thead><tr><th>subject</th><th>asked</th><th>got</th><th>why</th></tr></thead>${rows}</table></div></details>`;
  return section("substitutions", "Substitutions", standIns + table);
}

function services(verdict: VerdictDocument): string {
  if (verdict.services.length === 0) return "";
  const kind = (service: JudgedService) =>
    service.state === "ready"
      ? "pass"
      : service.state === "not-ready"
        ? "fail"
        : service.state === "not-reproduced"
          ? "not-applicable"
          : "unknown";
  const rows = verdict.services
    .map(
      (one) =>
        `<tr><td><span class="mark ${kind(one)}">${marks[kind(one)]}</span> ${e(one.name)}</td><td>${e(one.state)}${one.readyMs === undefined ? "" : ` after ${e(duration(one.readyMs))}`}${one.trouble ? `<br><span class="hint">${e(troubleLine(one.trouble))}</span>` : ""}</td><td>${e(one.source)}</td><td>${e(one.image)}</td></tr>`,
    )
    .join("");
  return section(
    "services",
    `Services (${verdict.services.length})`,
    `<details><summary>state, source and image of each</summary><div class="scroll"><table><thead><tr><th>service</th><th>state</th><th>source</th><th>image</th></tr></thead>${rows}</table></div></details>`,
  );
}

function provenance(verdict: VerdictDocument, events: readonly HistoryEvent[]): string {
  const { machine, engine, candidate, resources } = verdict;
  const docker = events.find((event) => event.type === "preflight");
  const facts: [string, string][] = [
    ["run", verdict.runId],
    ["command", verdict.command],
    ["started", verdict.startedAt],
    ["seed", String(verdict.seed)],
    ["sprocket-resilience", `${verdict.product}, judges ${verdict.judge}`],
    ["exit code", String(verdict.exitCode)],
  ];
  if (candidate)
    facts.push(
      [
        "candidate",
        `${candidate.name}, profile ${candidate.profile}${candidate.variant ? `, variant ${candidate.variant}` : ""}${candidate.mutation ? `, mutation ${candidate.mutation}` : ""}`,
      ],
      ["candidate's hash", candidate.hash],
      ...(candidate.origin ? ([["read from", originWords(candidate.origin)]] as [string, string][]) : []),
    );
  if (engine)
    facts.push(
      ["engine", `${engine.engine}, API ${engine.api}, ${engine.loadBalancing}`],
      ["engine's flags", engine.flags.join(" ") || "none"],
    );
  if (docker?.type === "preflight") facts.push(["Docker", `${docker.docker.version}, API ${docker.docker.api}`]);
  if (machine)
    facts.push([
      "machine",
      `${machine.os} ${machine.arch}, ${plural(machine.cores, "core")}, ${bytes(machine.memoryBytes)}, Node ${machine.node}`,
    ]);
  if (resources.replica)
    facts.push([
      "replica",
      `${bytes(resources.replica.memoryBytes)} at its peak, ${resources.replica.cpuSeconds.toFixed(1)} s of processor`,
    ]);
  if (resources.harness)
    facts.push([
      "harness",
      `${bytes(resources.harness.memoryBytes)} at its peak, ${resources.harness.cpuSeconds.toFixed(1)} s of processor`,
    ]);
  const images = events.filter((event) => event.type === "image");
  const rows = images
    .map(
      (image) =>
        `<tr><td>${e(image.name)}</td><td>${e(image.asked)}</td><td>${e(image.got)}</td><td>${e(image.source)}, ${e(image.origin)}</td><td><code title="${e(image.id)}">${e(shortHash(image.id))}</code></td><td class="num">${bytes(image.sizeBytes)}</td></tr>`,
    )
    .join("");
  const table =
    rows === ""
      ? ""
      : `<details><summary>${plural(images.length, "image")}: asked, got, digest</summary><div class="scroll"><table><thead><tr><th>image</th><th>asked</th><th>got</th><th>from</th><th>digest</th><th class="num">size</th></tr></thead>${rows}</table></div></details>`;
  return section(
    "provenance",
    "With what it was judged",
    `<dl class="facts">${facts.map(([name, value]) => `<div><dt>${e(name)}</dt><dd>${e(value)}</dd></div>`).join("")}</dl>${table}<p class="hint">Reproduced from the history alone by <code>sprocket-resilience judge</code>.</p>`,
  );
}

function noSideFiles(name: string): Sample[] {
  throw new Error(`${name} is not at hand`);
}
