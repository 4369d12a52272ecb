import {
  type EventOf,
  type HistoryEvent,
  type PlannedCheck,
  type PlannedService,
  type Substitution,
  tiers,
} from "../history/events.ts";
import { joinedMatrix } from "./access/joined.ts";
import type { AccessMatrix } from "./access/matrix.ts";
import { acceptanceOf, findingAcceptanceOf, staleBaseline } from "./baseline.ts";
import { causeOf } from "./cause.ts";
import { type CheckDefinition, type Judgement, NotSeen, type Verdict } from "./check.ts";
import { judgedExperiments } from "./experiment/judged.ts";
import { judgeObjectives, type Measurement, withinLimit } from "./objectives.ts";
import { judgeRun } from "./run-checks.ts";
import { type SideFile, seenOf } from "./seen.ts";
import { judgeUp, type Life, livesOf } from "./up.ts";
import {
  type CheckTier,
  type JudgedCheck,
  type JudgedFinding,
  type JudgedTier,
  type Usage,
  type VerdictDocument,
  verdictSchema,
} from "./verdict.ts";

/**
 * Judges a run from its history alone: no clock, no file but the side files, no randomness. Same events and same judges, same document.
 *
 * The algebra: a check without what it needs to know is unknown, with the reason, never passed. The run fails when a check fails; else it is
 * unknown when a check is whose unknown no valid baseline entry accepts; else it passes. A run that did not end by itself never passes.
 *
 * @param definitions the judges; a planned check that none of them knows is unknown.
 */
export function judgeHistory(
  events: readonly HistoryEvent[],
  definitions: readonly CheckDefinition[],
  options: { sideFile: SideFile },
): VerdictDocument {
  const started = first(events, "run-started");
  const plan = mergePlans(events);
  const ended = events.findLast((event) => event.type === "run-ended");
  const lives = livesOf(events, plan.services);
  const run: Run = {
    events,
    plan,
    lives,
    definitions: new Map(definitions.map((definition) => [definition.id, definition])),
    sideFile: options.sideFile,
    findings: [...preflightFindings(events), ...plan.findings],
    measurements: [],
    access: [],
  };

  const judged = [
    ...plan.services.map((service) => judgeUp(service, lives)),
    ...plan.checks.map((check) => judgePlanned(check, run)),
    ...notPlannedButNamed(run),
  ].sort((a, b) => rank(a.tier) - rank(b.tier));
  const checks = [...judged, ...judgeRun(events, plan.services)].map((check) => accept(check, plan.baseline, started?.at ?? ""));
  const findings = dedupe([...run.findings, ...staleBaseline(plan.baseline, started?.at ?? "", checks)]).map(
    (finding): JudgedFinding => {
      const accepted = findingAcceptanceOf(finding, plan.baseline, started?.at ?? "");
      return accepted ? { ...finding, accepted } : finding;
    },
  );

  const experiments = judgedExperiments(checks, run.definitions, events, run.sideFile);
  const counts = countOf(checks);
  const verdict = verdictOf(checks, ended);
  const reason = ended?.reason ?? "missing";
  return {
    schema: verdictSchema,
    verdict,
    exitCode: reason === "interrupted" ? 130 : verdict === "pass" ? 0 : verdict === "fail" ? 1 : 2,
    cause: causeOf(verdict, checks, plan.services),
    runId: started?.runId ?? "",
    command: started?.command ?? "",
    startedAt: started?.at ?? "",
    durationMs: Math.round(events.at(-1)?.t ?? 0),
    ended: { reason, ...(ended?.detail === undefined ? {} : { detail: ended.detail }) },
    product: started?.product ?? "",
    judge: started?.judge ?? 0,
    seed: started?.seed ?? 0,
    candidate: started ? candidateOf(started) : null,
    machine: started ? machineOf(started) : null,
    engine: engineOf(events),
    counts,
    tiers: tiersOf(events, plan.services),
    services: plan.services.map((service) => servicesEntry(service, lives)),
    checks,
    findings,
    ...(run.access.length === 0 ? {} : { access: joinedMatrix(run.access) }),
    ...(experiments.length === 0 ? {} : { experiments }),
    ...(plan.comparedWith === undefined ? {} : { comparedWith: plan.comparedWith }),
    objectives: judgeObjectives(plan.objectives, run.measurements, checks),
    substitutions: plan.substitutions.map(substitutionOf),
    standIns: standInsOf(plan.services, plan.substitutions),
    resources: { replica: peak(events, "replica"), harness: peak(events, "harness") },
  };
}

/** What judging one check needs, and what it adds. */
interface Run {
  events: readonly HistoryEvent[];
  plan: Plan;
  lives: Map<string, Life>;
  definitions: Map<string, CheckDefinition>;
  sideFile: SideFile;
  findings: JudgedFinding[];
  measurements: Measurement[];
  access: AccessMatrix[];
}

type Plan = Omit<EventOf<"planned">, "seq" | "t" | "at" | "type">;

/** A run plans once; one that plans again (a drill's second half) adds to it. */
function mergePlans(events: readonly HistoryEvent[]): Plan {
  const plan: Plan = {
    services: [],
    checks: [],
    substitutions: [],
    findings: [],
    objectives: [],
    baseline: [],
    notApplicable: [],
  };
  for (const event of events) {
    if (event.type !== "planned") continue;
    addNew(plan.services, event.services, (one) => one.name);
    addNew(plan.checks, event.checks, (one) => one.id);
    addNew(plan.substitutions, event.substitutions, (one) => JSON.stringify(one));
    addNew(plan.findings, event.findings, (one) => JSON.stringify(one));
    if (event.comparedWith !== undefined) plan.comparedWith ??= event.comparedWith;
    addNew(plan.objectives, event.objectives, (one) => one.id);
    addNew(plan.baseline, event.baseline, (one) => JSON.stringify(one));
    addNew(plan.notApplicable, event.notApplicable, (one) => one.check);
  }
  return plan;
}

function addNew<T>(to: T[], from: readonly T[], key: (one: T) => string): void {
  const known = new Set(to.map(key));
  for (const one of from) if (!known.has(key(one))) to.push(one);
}

function judgePlanned(check: PlannedCheck, run: Run): JudgedCheck {
  const judgement = reasonNotToJudge(check, run) ?? judgeSeen(check, run);
  return entry(check, judgement, run);
}

/** The first thing that makes judging impossible, in the order in which a person would want to hear of it. */
function reasonNotToJudge(check: PlannedCheck, run: Run): Outcome | undefined {
  const notApplicable = run.plan.notApplicable.find((one) => one.check === check.id);
  if (notApplicable) return { verdict: "not-applicable", reason: notApplicable.why };

  const hiding = run.plan.substitutions.find((one) => one.hides.some((subject) => check.speaksOf.includes(subject)));
  if (hiding) {
    const subject = hiding.hides.find((one) => check.speaksOf.includes(one));
    return unknown(`nothing seen here can speak of ${subject}: ${hiding.asked} was replaced by ${hiding.got} (${hiding.why})`);
  }

  const seen = run.events.filter(
    (event) => event.type === "observation" && event.observation === check.observation,
  ) as EventOf<"observation">[];
  const started = seen.find((event) => event.state === "started");
  const dead = needsDown(check, started?.seq, run);
  if (dead.length > 0) return unknown(`needs ${dead.join(" and ")}`);

  const last = seen.at(-1);
  if (!last) return unknown("planned, but never observed");
  if (last.state === "skipped") {
    const down = last.needsDown && last.needsDown.length > 0 ? `needs ${last.needsDown.join(", ")}, not up` : undefined;
    return unknown(`not observed: ${[last.why, down, last.error].filter(Boolean).join("; ") || "skipped without a reason"}`);
  }
  const error = seen.find((event) => event.error !== undefined)?.error;
  if (error !== undefined) return unknown(`the observation ended with an error: ${error}`);
  if (last.state === "started") return unknown("the observation was started and never ended");
  return undefined;
}

/** Each need that was not up when the observation started (or, when it never did, at the end), with what is known of it. */
function needsDown(check: PlannedCheck, startedSeq: number | undefined, run: Run): string[] {
  return check.needs.flatMap((need) => {
    const life = run.lives.get(need);
    if (!life) return [`${need}, which was not planned`];
    const state = life.stateAt(startedSeq);
    return state === "ready" ? [] : [`${need}, which ${stateWords[state]}`];
  });
}

const stateWords = {
  "not-ready": "did not come up",
  running: "was running but never seen ready",
  created: "was created but never seen ready",
  "never-created": "was never started",
  "not-reproduced": "is not reproduced here",
} as const;

function judgeSeen(check: PlannedCheck, run: Run): Outcome {
  const definition = run.definitions.get(check.id);
  if (!definition) return unknown("no judge of that name in this version");
  const { seen, looks } = seenOf(check.observation, run.events, run.sideFile);
  let judgement: Judgement;
  try {
    judgement = definition.judge(seen);
  } catch (error) {
    if (error instanceof NotSeen) return unknown(error.message);
    return unknown(`the judge threw: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
  }
  if (!["pass", "fail", "unknown"].includes(judgement?.verdict)) return unknown("the judge gave no verdict");
  if (!looks.anything) return { ...judgement, verdict: "unknown", reason: noSamples(looks.emptySamples, judgement) };
  if (judgement.verdict === "pass") {
    if (looks.emptySamples.length > 0) return unknown(noSamples(looks.emptySamples, judgement));
    const unbitten = faultWithoutEffect(check.observation, run.events);
    if (unbitten) return unknown(`the fault ${unbitten} was applied, but nobody saw it bite`);
  }
  return heldToObjectives(judgement, run);
}

function noSamples(empty: readonly string[], judgement: Judgement): string {
  if (empty.length > 0) return `no samples of ${[...new Set(empty)].join(", ")} were recorded`;
  return judgement.verdict === "unknown" ? judgement.reason : "nothing was recorded that could be judged";
}

/** A fault counts only when an independent probe saw its effect. */
function faultWithoutEffect(observation: string, events: readonly HistoryEvent[]): string | undefined {
  const faults = events.filter((event) => event.type === "fault" && event.observation === observation) as EventOf<"fault">[];
  const applied = faults.filter((event) => event.step === "applied");
  return applied.find(
    (one) => !faults.some((event) => event.fault === one.fault && event.step === "effect-seen" && event.seq > one.seq),
  )?.fault;
}

/** A judge that measured more than was promised cannot pass, whatever else it looked at; a number of no samples is no number. */
function heldToObjectives(judgement: Judgement, run: Run): Outcome {
  if (judgement.verdict !== "pass") return judgement;
  for (const measured of judgement.measured ?? []) {
    const objective = run.plan.objectives.find((one) => one.id === measured.objective);
    if (!objective) return unknown(`measured ${measured.objective}, which was not planned`);
    if (measured.n <= 0 || !Number.isFinite(measured.value)) return unknown(`${objective.id} was measured on no samples`);
    if (!withinLimit(objective, measured.value)) {
      return {
        ...judgement,
        verdict: "fail",
        reason: `${objective.id} is ${measured.value} ${objective.unit}, promised at most ${objective.limit}`,
      };
    }
  }
  return judgement;
}

type Outcome = Omit<Judgement, "verdict"> & { verdict: Verdict | "not-applicable" };

function unknown(reason: string): Outcome {
  return { verdict: "unknown", reason };
}

function entry(check: PlannedCheck, outcome: Outcome, run: Run): JudgedCheck {
  for (const { rule, place, what, cure } of outcome.findings ?? []) {
    run.findings.push(cure === undefined ? { rule, place, what } : { rule, place, what, cure });
  }
  if (outcome.access) run.access.push(outcome.access);
  for (const { objective, value, n } of outcome.measured ?? []) run.measurements.push({ check: check.id, objective, value, n });
  const cure = outcome.verdict === "pass" ? undefined : outcome.cure;
  return {
    id: check.id,
    tier: check.tier,
    service: check.service,
    effect: check.effect,
    title: run.definitions.get(check.id)?.title ?? check.id,
    verdict: outcome.verdict,
    reason: oneLine(outcome.reason),
    expected: outcome.expected ?? "",
    observed: outcome.observed ?? "",
    durationMs: observationMs(check.observation, run.events),
    observation: check.observation,
    ...(cure === undefined ? {} : { cure }),
  };
}

/** Ids that the plan declares not applicable without planning them: shown, so that their absence is no riddle. */
function notPlannedButNamed(run: Run): JudgedCheck[] {
  return run.plan.notApplicable
    .filter((one) => !run.plan.checks.some((check) => check.id === one.check))
    .map((one) => {
      const definition = run.definitions.get(one.check);
      const tier = tiers.find((known) => one.check.startsWith(`${known}/`));
      const check: PlannedCheck = definition ?? {
        id: one.check,
        observation: "",
        tier: tier ?? "platform",
        service: one.check.split("/")[1] ?? "",
        effect: "observe",
        needs: [],
        speaksOf: [],
      };
      return entry(check, { verdict: "not-applicable", reason: one.why }, run);
    });
}

function observationMs(observation: string, events: readonly HistoryEvent[]): number {
  const mine = events.filter(
    (event) => event.type === "observation" && event.observation === observation,
  ) as EventOf<"observation">[];
  const started = mine.find((event) => event.state === "started");
  const ended = mine.findLast((event) => event.state === "ended");
  return started && ended ? Math.round(ended.t - started.t) : 0;
}

function accept(check: JudgedCheck, baseline: Plan["baseline"], at: string): JudgedCheck {
  // What the run itself promises is nobody's to accept: an interrupted run never passes.
  if (check.verdict !== "unknown" || check.tier === "run") return check;
  const accepted = acceptanceOf(check.id, baseline, at);
  return accepted ? { ...check, accepted } : check;
}

function countOf(checks: readonly JudgedCheck[]): VerdictDocument["counts"] {
  const of = (verdict: string, accepted: boolean) =>
    checks.filter((check) => check.verdict === verdict && (check.accepted !== undefined) === accepted).length;
  return {
    pass: of("pass", false),
    fail: of("fail", false),
    unknown: of("unknown", false),
    accepted: of("unknown", true),
    notApplicable: of("not-applicable", false),
  };
}

function verdictOf(checks: readonly JudgedCheck[], ended: EventOf<"run-ended"> | undefined): Verdict {
  if (checks.some((check) => check.verdict === "fail")) return "fail";
  if (checks.some((check) => check.verdict === "unknown" && !check.accepted) || ended?.reason !== "completed") return "unknown";
  // A run in which nothing of the candidate was judged has not passed.
  return checks.some((check) => check.verdict === "pass" && check.tier !== "run") ? "pass" : "unknown";
}

function tiersOf(events: readonly HistoryEvent[], services: readonly PlannedService[]): JudgedTier[] {
  return tiers
    .filter((tier) => services.some((service) => service.tier === tier))
    .map((tier): JudgedTier => {
      const mine = events.filter((event) => event.type === "tier" && event.tier === tier) as EventOf<"tier">[];
      const creating = mine.find((event) => event.state === "creating");
      const up = mine.find((event) => event.state !== "creating");
      if (!creating) return { tier, state: "never-started" };
      if (!up) return { tier, state: "creating", startedMs: Math.round(creating.t) };
      return { tier, state: up.state, startedMs: Math.round(creating.t), durationMs: Math.round(up.t - creating.t) };
    });
}

function servicesEntry(service: PlannedService, lives: Map<string, Life>): VerdictDocument["services"][number] {
  const life = lives.get(service.name);
  const { name, tier, image, source, needs } = service;
  const state = life?.stateAt(undefined) ?? "never-created";
  return {
    name,
    tier,
    image,
    source,
    needs,
    state,
    ...(life?.readyMs === undefined ? {} : { readyMs: life.readyMs }),
    ...(state === "not-ready" && life?.trouble ? { trouble: life.trouble } : {}),
  };
}

function preflightFindings(events: readonly HistoryEvent[]): JudgedFinding[] {
  return events
    .filter((event) => event.type === "preflight")
    .flatMap((event) => event.findings)
    .filter((finding) => finding.severity !== "info")
    .map(({ id, what, cure }) => ({
      rule: `preflight/${id}`,
      place: "this machine",
      what,
      ...(cure === undefined ? {} : { cure }),
    }));
}

function dedupe(findings: readonly JudgedFinding[]): JudgedFinding[] {
  const known = new Map<string, JudgedFinding>();
  for (const { rule, place, what, cure, since } of findings) {
    const finding = { rule, place, what, ...(cure === undefined ? {} : { cure }), ...(since === undefined ? {} : { since }) };
    known.set(JSON.stringify([rule, place, what]), finding);
  }
  return [...known.values()];
}

/** Highest memory and total processor time that were recorded. */
function peak(events: readonly HistoryEvent[], subject: "replica" | "harness"): Usage | null {
  const mine = events.filter((event) => event.type === "resources" && event.subject === subject) as EventOf<"resources">[];
  if (mine.length === 0) return null;
  return {
    memoryBytes: Math.max(...mine.map((event) => event.memoryBytes)),
    cpuSeconds: Math.max(...mine.map((event) => event.cpuSeconds)),
  };
}

function standInsOf(services: readonly PlannedService[], substitutions: readonly Substitution[]): string[] {
  const names = services.filter((service) => service.source === "stand-in").map((service) => service.name);
  const subjects = substitutions.filter((one) => one.kind === "stand-in").map((one) => one.subject.replace(/^[a-z-]+:/, ""));
  return [...new Set([...names, ...subjects])];
}

function substitutionOf({ subject, kind, asked, got, why, hides }: Substitution): Substitution {
  return { subject, kind, asked, got, why, hides };
}

function candidateOf({ candidate }: EventOf<"run-started">): VerdictDocument["candidate"] {
  const { name, profile, hash, variant, mutation, origin } = candidate;
  return {
    name,
    profile,
    hash,
    ...(variant === undefined ? {} : { variant }),
    ...(mutation === undefined ? {} : { mutation }),
    ...(origin === undefined ? {} : { origin }),
  };
}

function machineOf({ machine }: EventOf<"run-started">): VerdictDocument["machine"] {
  const { os, arch, cores, memoryBytes, node } = machine;
  return { os, arch, cores, memoryBytes, node };
}

function engineOf(events: readonly HistoryEvent[]): VerdictDocument["engine"] {
  const event = first(events, "engine");
  return event ? { engine: event.engine, api: event.api, flags: event.flags, loadBalancing: event.loadBalancing } : null;
}

function first<T extends HistoryEvent["type"]>(events: readonly HistoryEvent[], type: T): EventOf<T> | undefined {
  return events.find((event) => event.type === type) as EventOf<T> | undefined;
}

function rank(tier: CheckTier): number {
  return tier === "run" ? tiers.length : tiers.indexOf(tier);
}

/** Reports show a reason in a line of a table. */
function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, " ").trim();
}
