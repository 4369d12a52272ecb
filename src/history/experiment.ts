import type { AccessMode } from "./access.ts";
import type { Tier } from "./events.ts";

/**
 * An experiment as data: what is hurt, who watches, what must hold meanwhile, what must be true again and by when, what may be lost. It is a fact of its
 * observation, so that the history alone says what was expected.
 */
export interface ExperimentDefinition<F extends FaultData = FaultData> {
  /** "redis-killed"; the observation is `resilience/redis-killed`, its checks `resilience/redis-killed-…`. */
  name: string;
  title: string;
  /** Which incident or experiment of Sprocket's documents asks for it: "I-21, X-14: …". */
  why: string;
  tags: readonly string[];
  tier: Tier;
  /** Role of the service, or name of the party, that the experiment is about. */
  service: string;
  /** Steps in order of their `afterMs`; those that overlap are held together. */
  faults: readonly FaultStep<F>[];
  /** Clients of what is hurt: their recovery is measured. */
  victims: readonly ClientUse[];
  /** Clients that must not notice. */
  bystanders: readonly ClientUse[];
  /** What must hold while the fault is there. */
  meanwhile?: readonly Meanwhile[];
  /** Roles whose tasks may end because of it, the one that is hurt included: the blast radius. A task of any other role that ends stops the experiment. */
  mayEnd: readonly string[];
  /** Id of the objective for the time until every victim is served again. */
  objective: string;
  /** Id of the objective for the uptime of what is hurt, whose monthly budget an outage uses up. */
  uptime?: string;
  /** Writes that are acknowledged while it lasts, and read back at the end. */
  ledger?: LedgerUse;
  /** Longest time of the whole, milliseconds. */
  withinMs: number;
}

/** Which fault with which settings; `kind` names its file. */
export interface FaultData {
  kind: string;
}

export interface FaultStep<F extends FaultData = FaultData> {
  fault: F;
  /** After the first step's effect was seen, milliseconds; 0 for the first. */
  afterMs?: number;
  /** How long it is held once it bites, milliseconds; absent for one that is over at once, such as a crash. */
  holdMs?: number;
}

/** Where a client stands: an access mode, or in the network namespace of a role's running task. */
export type Standing = AccessMode | `inside:${string}`;

/** A client of the table of clients, in one place. */
export interface ClientUse {
  client: string;
  from: Standing;
  /** Between two samples, milliseconds: 10 on a victim and 1000 elsewhere when not given. */
  everyMs?: number;
  /** Kept connections, as a real client has them, instead of a fresh one each. */
  pooled?: boolean;
}

/** Of one client, by its label. */
export interface Meanwhile {
  client: string;
  /** Each answer comes within so many milliseconds of its due time, an error too: failing fast is allowed, hanging is not. */
  answersWithinMs?: number;
  /** Share of bad answers. */
  badAtMost?: number;
  /** Where that is promised. */
  source: string;
}

/** Numbered writes to one store, and which acknowledged ones may be lost. */
export interface LedgerUse {
  store: string;
  everyMs: number;
  /** How many; or those that were acknowledged within so many milliseconds before the fault's effect, where a store saves only so often. */
  mayLose: number | { acknowledgedWithinMs: number };
  /** Where that number is promised. */
  source: string;
  /** Id of the objective for how many seconds of acknowledged writes may be lost, where the owners promised one and the store's settings can keep it. */
  objective?: string;
}

/** The label of a client's samples: `public/api`, `inside:redis/broker`, `lan/api/pooled`. */
export function clientLabel({ client, from, pooled }: ClientUse): string {
  return `${from}/${client}${pooled ? "/pooled" : ""}`;
}

/** How long the faults of an experiment are held altogether, milliseconds. */
export function heldMs({ faults }: Pick<ExperimentDefinition, "faults">): number {
  return Math.max(0, ...faults.map(({ afterMs = 0, holdMs = 0 }) => afterMs + holdMs));
}

/** Parts of an experiment's life; each begins with a fact `phase`, and ends with the next. */
export const experimentPhases = ["precondition", "control", "fault", "recovery", "after", "ended"] as const;
export type ExperimentPhase = (typeof experimentPhases)[number];

/** Names of the facts that the runner records of an experiment. */
export const experimentFacts = {
  /** `ExperimentDefinition` */
  definition: "experiment",
  /** `{ phase: ExperimentPhase }` */
  phase: "phase",
  /** `OrchestratorEvent`, one each */
  orchestrator: "orchestrator",
  /** `Abort`: a guardrail ended it early */
  aborted: "aborted",
  /** `TaskFact[]` of the service that it is about, when the wait for a recovery was over */
  tasks: "tasks",
  /** `SideEffects`, one before and one after */
  sideEffects: "side-effects",
  /** `GaugesRead` */
  gauges: "gauges",
} as const;

/** What Swarm or its node said: the orchestrator's own view beside the clients'. */
export interface OrchestratorEvent {
  /** Name of the service. */
  service: string;
  /** Swarm's id of the task. */
  task: string;
  /** "start", "die", "oom", "health_status: healthy" … as the node's daemon names them, or "running" when the manager says so. */
  action: string;
  exitCode?: number;
  /** Wall time as the node wrote it, ISO 8601. */
  saidAt: string;
}

/** Which guardrail ended an experiment before its end. */
export interface Abort {
  guard: "error-budget" | "blast-radius" | "host-memory" | "host-disk" | "stopped" | "deadline" | "not-steady" | "fault-left";
  why: string;
}

/** Counts beside what clients see, for what an experiment costs. Absent where it could not be read. */
export interface SideEffects {
  when: "before" | "after";
  /** Service → tasks that Swarm knows of it. */
  tasks: Record<string, number>;
  /** Service → bytes of the writable layers of its containers, ended ones too. */
  layerBytes: Record<string, number>;
  /** Service → open descriptors of its running task's first process. */
  descriptors: Record<string, number>;
  /** What lies below the node's data root. */
  diskUsedBytes?: number;
  /** Container of a task → lines of its log that can be read, as `docker logs` gives them. */
  logLines?: Record<string, { service: string; lines: number }>;
}

/** What a store told of itself: what is counted → how many, and of how many at most where it has a limit. */
export interface GaugeCounts {
  counts: Readonly<Record<string, number>>;
  limit?: number;
}

/** Which gauges are read, and from where; those that no place can be had for are absent. */
export type GaugesRead = Record<string, { from: Standing; label: string }>;
