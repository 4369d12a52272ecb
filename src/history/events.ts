import type { ExpectationSet } from "./access.ts";
import type { Sample } from "./sample.ts";

/**
 * The events of a run: the append-only log that all judging and reporting read. Raw facts only: no event has a field that says
 * whether something was good (`ok`, `passed`, `healthy`); editing one recorded status flips the verdict.
 *
 * `schema` of a history is the number below; a reader refuses a newer one.
 */
export const historySchema = 1;

export type Tier = "layer1" | "layer2" | "platform";
export const tiers: readonly Tier[] = ["layer1", "layer2", "platform"];

/** What an observation may do to what it looks at. */
export type Effect = "observe" | "write" | "disrupt";

/** What a check needs to know of the observation it judges. */
export interface ObservationRef {
  id: string; // "layer1/dashboard"
  tier: Tier;
  /** Roles of the services that must have come up; a dead one makes the check unknown and is named. */
  needs: string[];
  effect: Effect;
}

/** A difference between what was asked and what runs; `hides` names the subjects that nothing seen here can speak of. */
export interface Substitution {
  subject: string; // "service:traefik", "network:…", "engine"
  kind:
    | "image"
    | "version"
    | "address"
    | "secret"
    | "endpoint-mode"
    | "host-resource"
    | "log-driver"
    | "certificate"
    | "stand-in"
    | "published-port"
    /** Something of the definition that no candidate can say, or that cannot be had where it is read. */
    | "setting";
  asked: string;
  got: string;
  why: string;
  hides: string[];
}

/** Something wrong that the owners did not promise to be right; it never decides a verdict. */
export interface Finding {
  rule: string; // stable id, e.g. "redis/writes-since-snapshot-lost"
  place: string; // service or place in the candidate
  what: string; // one sentence with the numbers met
  cure?: string;
  /** Not among the findings of the run that it was compared with (`comparedWith` of `planned`). */
  since?: "new";
}

/** A number the owners promised, with its source in Sprocket's documents. */
export interface Objective {
  id: string; // "api-p95"
  subject: string;
  unit: "ms" | "s" | "ratio" | "count";
  limit: number;
  source: string;
}

export interface PlannedService {
  name: string;
  tier: Tier;
  image: string;
  source: "registry" | "recipe" | "stand-in" | "not-reproduced";
  needs: string[];
}

export interface PlannedCheck {
  id: string;
  observation: string;
  tier: Tier;
  service: string;
  effect: Effect;
  needs: string[]; // services
  speaksOf: string[]; // subjects; one that a substitution hides makes the check unknown
}

/** Which definition is judged, and where it was read from. */
export interface CandidateRef {
  name: string;
  profile: string;
  hash: string;
  mutation?: string;
  /** A named form of the candidate that it was changed to on purpose, such as the rules that the documents describe. */
  variant?: string;
  /** Of an imported one. */
  origin?: CandidateOrigin;
}

export interface CandidateOrigin {
  kind: "pulumi" | "compose";
  /** Stacks (`project/stack`) or files, in the order in which they were read; paths relative to what was named. */
  read: string[];
  /** Commit of the checkout, when it is one of git. */
  commit?: string;
}

/** Accepts one unknown or one finding for a while: committed, with an owner and an end. */
export interface BaselineEntry {
  check?: string;
  finding?: string;
  owner: string;
  reason: string;
  until: string; // YYYY-MM-DD
}

/** Why a service is not up: what a person at two in the morning asks first. */
export interface ServiceTrouble {
  state: string; // Swarm's task state
  exitCode?: number;
  restarts: number;
  condition: string; // which readiness condition was awaited
  met: string; // the value met
  error?: string; // Swarm's own words
  log: string[]; // last lines, redacted
}

interface Base {
  /** Position in the history, from 0 without gaps. */
  seq: number;
  /** Milliseconds since the run started, on the runner's monotonic clock. */
  t: number;
  /** Wall clock, for display only. */
  at: string;
}

type Body =
  | {
      type: "run-started";
      schema: number;
      runId: string;
      command: string;
      seed: number;
      product: string; // version of sprocket-resilience
      judge: number; // version of the judges
      machine: { os: string; arch: string; cores: number; memoryBytes: number; node: string };
      candidate: CandidateRef;
    }
  | {
      type: "preflight";
      docker: { version: string; api: string };
      findings: { id: string; severity: "info" | "warning" | "error"; what: string; cure?: string }[];
    }
  | {
      type: "planned";
      services: PlannedService[];
      checks: PlannedCheck[];
      substitutions: Substitution[];
      /** What is wrong in the candidate as it is written. */
      findings: Finding[];
      /** Id of the newest earlier run of the candidate; its findings are those that are not new. */
      comparedWith?: string;
      objectives: Objective[];
      baseline: BaselineEntry[];
      notApplicable: { check: string; why: string }[];
      /** Which expectation set decides how access modes are judged; `actual` when nothing is said. */
      expects?: ExpectationSet;
    }
  | { type: "phase"; phase: string; state: "started" | "ended"; detail?: string }
  | {
      type: "image";
      name: string;
      tag: string;
      id: string;
      sizeBytes: number;
      source: "registry" | "recipe" | "stand-in";
      origin: string;
      asked: string;
      got: string;
    }
  | { type: "engine"; engine: string; api: string; flags: string[]; loadBalancing: "vip" | "dnsrr" }
  | { type: "vantage"; name: string; place: "outside" | "inside" | "localhost"; subnets: string[]; resolver?: string }
  | { type: "clock"; agent: string; segment: number; offsetNs: number; errorNs: number }
  | { type: "party"; party: string; state: "starting" | "ready" | "failed"; detail?: string }
  | { type: "tier"; tier: Tier; state: "creating" | "ready" | "red" }
  | {
      type: "service";
      service: string;
      tier: Tier;
      state: "created" | "running" | "ready" | "not-ready";
      trouble?: ServiceTrouble;
    }
  | {
      type: "observation";
      observation: string;
      state: "started" | "ended" | "skipped";
      error?: string;
      why?: string;
      needsDown?: string[];
    }
  | { type: "sample"; observation: string; label: string; vantage: string; probe: string; target: string; sample: Sample }
  /** Dense samples live in a side file of the run's folder, one JSON sample a line. */
  | {
      type: "samples";
      observation: string;
      label: string;
      vantage: string;
      probe: string;
      target: string;
      file: string;
      count: number;
      sha256: string;
    }
  /** Any other raw thing an observation saw: Swarm's task list, a ledger, a file's presence. */
  | { type: "fact"; observation: string; name: string; data: unknown }
  | {
      type: "fault";
      observation: string;
      fault: string;
      step: "intent" | "applied" | "effect-seen" | "removed" | "heal-seen" | "failed";
      detail: unknown;
    }
  | {
      type: "resources";
      subject: "replica" | "harness";
      memoryBytes: number;
      cpuSeconds: number;
      of: Record<string, { memoryBytes: number; cpuSeconds: number }>;
    }
  | { type: "teardown"; left: string[]; durationMs: number }
  | { type: "log"; level: "info" | "warning"; text: string }
  | { type: "run-ended"; reason: "completed" | "deadline" | "interrupted" | "crashed"; detail?: string };

/** One line of `history.jsonl`. */
export type HistoryEvent = Base & Body;
export type EventBody = Body;
export type EventOf<T extends Body["type"]> = Extract<HistoryEvent, { type: T }>;
