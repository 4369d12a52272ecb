import type { CheckDefinition } from "../../src/check/check.ts";
import { experimentAccount } from "../../src/check/experiment/account.ts";
import { ledgerSurvives } from "../../src/check/experiment/kept.ts";
import { victimsRecover } from "../../src/check/experiment/recovers.ts";
import { storyOf } from "../../src/check/experiment/story.ts";
import { bystandersUnharmed } from "../../src/check/experiment/unharmed.ts";
import { judgeHistory } from "../../src/check/judge.ts";
import type { EventBody, HistoryEvent, Objective } from "../../src/history/events.ts";
import {
  type Abort,
  type ClientUse,
  clientLabel,
  type ExperimentDefinition,
  type ExperimentPhase,
  experimentFacts,
} from "../../src/history/experiment.ts";
import type { Sample } from "../../src/history/sample.ts";
import {
  completed,
  definition,
  planned,
  plannedCheck,
  runStarted,
  sampleOf,
  searched,
  service,
  teardown,
  up,
} from "../check/a-history.ts";
import { good } from "../check/samples.ts";

/** From and to, milliseconds since the run began. */
type Span = readonly [from: number, to: number];

/** An experiment whose truth is known. Times are milliseconds since it began. */
export interface Known {
  name: string;
  title?: string;
  why?: string;
  /** False: it was planned, and the run ended before it. */
  began?: boolean;
  /** One client more or less is what most tests are about. */
  victims?: readonly ClientUse[];
  bystanders?: readonly ClientUse[];
  /** Fault → when it was announced, bit, was removed and healed; an absent one never came. */
  faults?: readonly { name: string; intent: number; effect?: number; removed?: number; healed?: number }[];
  /** When victims are answered badly. */
  outages?: readonly Span[];
  /** When victims are answered well, 200 ms later than else. */
  slow?: Span;
  /** How long a bad answer takes. */
  badTookMs?: number;
  /** Every client's samples, or those of none. */
  samples?: "all" | "none";
  /** Agents whose clocks were compared with the runner's. */
  clocks?: readonly Agent[];
  aborted?: Abort;
  orchestrator?: readonly [at: number, action: string, service?: string][];
  /** Acknowledged writes, and how many of them are not read back; `gone`: the store says that what held them is gone. */
  ledger?: { acknowledged: number; lost: number; gone?: boolean };
  /** When its phases begin. */
  phases?: Partial<Record<ExperimentPhase, number>>;
}

export const broker: ClientUse = { client: "broker", from: "inside:redis" };
export const web: ClientUse = { client: "web", from: "public" };

/** What each agent's clock shows when the runner's shows zero: nothing may be drawn right by accident. */
const offsetsNs = { node: 5e9, public: 9.25e9, lan: -3e9, tailscale: 1.5e9 };
type Agent = keyof typeof offsetsNs;

/** Redis, killed at 6 s; nobody is served from 6.04 s to 8.24 s. */
export const redisKilled: Known = {
  name: "redis-killed",
  title: "Redis's process is killed",
  victims: [broker],
  bystanders: [web],
  faults: [{ name: "process/kill redis", intent: 6010, effect: 6050, removed: 6060, healed: 6100 }],
  outages: [[6040, 8240]],
  orchestrator: [
    [6045, "die"],
    [7500, "start"],
    [7900, "running"],
  ],
  phases: { precondition: 0, control: 200, fault: 6000, recovery: 6100, after: 11_000, ended: 16_000 },
};

/** PostgreSQL off from 10 s to 30 s, and the clients wait until they give up. */
export const postgresGone: Known = {
  name: "postgres-gone",
  title: "the managed PostgreSQL is off for 20 s",
  victims: [{ client: "postgres", from: "inside:redis" }],
  bystanders: [web],
  faults: [{ name: "party/gone postgres", intent: 9950, effect: 10_000, removed: 30_000, healed: 30_200 }],
  outages: [[9980, 30_500]],
  badTookMs: 2000,
  phases: { precondition: 0, control: 100, fault: 9900, recovery: 30_200, after: 33_000, ended: 40_000 },
};

const objectives: Objective[] = [
  { id: "service-restart", subject: "service", unit: "s", limit: 300, source: "OPERATIONS_RUNBOOK.md" },
  { id: "api-p95", subject: "core", unit: "ms", limit: 500, source: "OPERATIONS_RUNBOOK.md" },
  { id: "error-rate", subject: "core", unit: "ratio", limit: 0.01, source: "OPERATIONS_RUNBOOK.md" },
];

/** A run with these experiments, one after another, a minute apart, and its verdict. */
export function aChaosRun(...experiments: Known[]) {
  const files = new Map<string, Sample[]>();
  const timed: [number, EventBody][] = [
    [0, runStarted],
    [
      1,
      planned({
        services: [service("redis", "layer2")],
        objectives,
        checks: experiments.flatMap((one) =>
          checkIds(one).map((id) =>
            plannedCheck(id, { observation: idOf(one), effect: "disrupt", tier: "layer2", service: "redis", needs: ["redis"] }),
          ),
        ),
      }),
    ],
    ...up("redis", "layer2").map((body): [number, EventBody] => [2, body]),
    ...experiments.flatMap((one, at) => eventsOf(one, 60_000 * (at + 1), files)),
    ...[searched, teardown, completed].map((body): [number, EventBody] => [60_000 * (experiments.length + 2), body]),
  ];
  const events = timed
    .toSorted(([a], [b]) => a - b)
    .map(
      ([t, body], seq) =>
        ({ seq, t, at: new Date(Date.parse("2026-11-26T02:00:00.000Z") + t).toISOString(), ...body }) as HistoryEvent,
    );
  const sideFile = (name: string) => files.get(name) ?? [];
  const verdict = judgeHistory(events, experiments.flatMap(definitionsOf), { sideFile });
  return { events, sideFile, verdict };
}

const idOf = ({ name }: Known) => `resilience/${name}`;
const checkIds = (one: Known) => [
  `${idOf(one)}-recovers`,
  ...(one.bystanders?.length ? [`${idOf(one)}-spares-others`] : []),
  ...(one.ledger ? [`${idOf(one)}-keeps`] : []),
];

function definitionsOf(one: Known): CheckDefinition[] {
  const id = idOf(one);
  const judges: Record<string, CheckDefinition["judge"]> = {
    [`${id}-recovers`]: (seen) => victimsRecover(seen, storyOf(seen, id), () => good),
    [`${id}-spares-others`]: (seen) => bystandersUnharmed(seen, storyOf(seen, id), () => good),
    [`${id}-keeps`]: (seen) => ledgerSurvives(seen, storyOf(seen, id), "the store has it"),
  };
  return checkIds(one).map((check) => ({
    ...definition(plannedCheck(check, { observation: id }), judges[check] as CheckDefinition["judge"]),
    ...(check.endsWith("-recovers") ? { account: (seen) => experimentAccount(seen, storyOf(seen, id), () => good) } : {}),
  }));
}

function eventsOf(one: Known, began: number, files: Map<string, Sample[]>): [number, EventBody][] {
  if (one.began === false) return [];
  const observation = idOf(one);
  const {
    victims = [],
    bystanders = [],
    clocks = ["node", "public", "lan", "tailscale"],
    phases = { precondition: 0, ended: 10_000 },
  } = one;
  const endedMs = phases.ended ?? 10_000;
  const fact = (at: number, name: string, data: unknown): [number, EventBody] => [
    began + at,
    { type: "fact", observation, name, data },
  ];
  const events: [number, EventBody][] = [
    ...clocks.map((agent): [number, EventBody] => [
      began - 10,
      { type: "clock", agent, segment: 0, offsetNs: offsetsNs[agent], errorNs: 100_000 },
    ]),
    [began - 5, { type: "observation", observation, state: "started" }],
    fact(0, experimentFacts.definition, definitionOf(one)),
    ...Object.entries(phases).map(([phase, at]) => fact(at, experimentFacts.phase, { phase })),
    ...(one.faults ?? []).flatMap((fault): [number, EventBody][] =>
      (["intent", "effect", "removed", "healed"] as const).flatMap((step): [number, EventBody][] => {
        const at = fault[step];
        const recorded = ({ intent: "intent", effect: "effect-seen", removed: "removed", healed: "heal-seen" } as const)[step];
        return at === undefined
          ? []
          : [[began + at, { type: "fault", observation, fault: fault.name, step: recorded, detail: {} }]];
      }),
    ),
    ...(one.orchestrator ?? []).map(([at, action, name = "redis"]) =>
      // Said a little before it was recorded, as it is.
      fact(at + 120, experimentFacts.orchestrator, {
        service: name,
        task: `task-of-${name}`,
        action,
        ...(action === "die" ? { exitCode: 137 } : {}),
        saidAt: new Date(Date.parse("2026-11-26T02:00:00.000Z") + began + at).toISOString(),
      }),
    ),
    ...(one.aborted ? [fact(endedMs - 1, experimentFacts.aborted, one.aborted)] : []),
    ...(one.ledger ? ledgerFacts(one.ledger, began + (one.faults?.[0]?.effect ?? 0)) : []).map(([name, data]) =>
      fact(endedMs - 2, name, data),
    ),
  ];
  if (one.samples !== "none")
    for (const use of [...victims, ...bystanders]) {
      const samples = samplesFor(one, use, began, endedMs);
      const file = `samples/${observation.replace("/", "-")}.${clientLabel(use).replaceAll("/", "-")}.jsonl`;
      files.set(file, samples);
      const vantage = use.from in offsetsNs ? use.from : "node";
      const where = { observation, label: clientLabel(use), vantage, probe: "http", target: "https://web.example/" };
      events.push([began + endedMs - 1, { type: "samples", ...where, file, count: samples.length, sha256: "0".repeat(64) }]);
    }
  events.push([began + endedMs + 1, { type: "observation", observation, state: "ended" }]);
  return events;
}

function definitionOf(one: Known): ExperimentDefinition {
  return {
    name: one.name,
    title: one.title ?? one.name,
    why: one.why ?? "X-11: it is asked for",
    tags: [],
    tier: "layer2",
    service: "redis",
    // What was removed over a tenth of a second later was held.
    faults: (one.faults ?? []).map(({ name, effect = 0, removed = 0 }) => ({
      fault: { kind: name },
      ...(removed - effect > 100 ? { holdMs: removed - effect } : {}),
    })),
    victims: one.victims ?? [],
    bystanders: one.bystanders ?? [],
    mayEnd: ["redis"],
    objective: "service-restart",
    withinMs: 480_000,
    ...(one.ledger ? { ledger: { store: "redis", everyMs: 20, mayLose: 0, source: "the owners" } } : {}),
  };
}

/** Every good answer takes 1 to 2.8 ms; the one at one second 80 ms. */
function samplesFor(one: Known, use: ClientUse, began: number, endedMs: number): Sample[] {
  const victim = one.victims?.includes(use) ?? false;
  const everyMs = use.everyMs ?? (victim ? 10 : 1000);
  const offsetNs = offsetsNs[use.from in offsetsNs ? (use.from as Agent) : "node"];
  const down = (at: number) => victim && (one.outages ?? []).some(([from, to]) => at >= from && at < to);
  return Array.from({ length: Math.floor((endedMs - 300) / everyMs) }, (_, i) => {
    const at = 250 + i * everyMs;
    const dueMs = began + at + offsetNs / 1e6;
    if (down(at))
      return sampleOf({ dueMs, tookMs: one.badTookMs ?? 0.4, error: { kind: "connect-refused", message: "refused" } });
    const late = victim && one.slow && at >= one.slow[0] && at < one.slow[1] ? 200 : 0;
    return sampleOf({ dueMs, tookMs: late + (at === 1000 ? 80 : 1 + (i % 7) * 0.3), status: 200 });
  });
}

/** A write each 20 ms, the last one acknowledged when the fault bites; the newest ones are lost. */
function ledgerFacts({ acknowledged, lost, gone }: NonNullable<Known["ledger"]>, biteMs: number): [name: string, data: object][] {
  const firstDue = (biteMs - acknowledged * 20) * 1e6 + offsetsNs.node;
  const error = { kind: "protocol", code: "404", message: "no such queue" };
  const read = gone ? { found: [], error } : { found: [[0, acknowledged - lost - 1]] };
  return [
    [
      "ledger/ledger",
      {
        vantage: "inside:rabbitmq",
        attempted: acknowledged,
        acknowledged: [[0, acknowledged - 1]],
        firstDue,
        everyMs: 20,
        slowAcks: [],
      },
    ],
    ["ledger/read-back", { ...read, duplicates: [], foreign: 0 }],
  ];
}
