import type {
  BaselineEntry,
  CandidateRef,
  Effect,
  EventOf,
  Finding,
  Objective,
  PlannedService,
  ServiceTrouble,
  Substitution,
  Tier,
} from "../history/events.ts";
import type { AccessMatrix } from "./access/matrix.ts";
import type { Verdict } from "./check.ts";
import type { JudgedExperiment } from "./experiment/judged.ts";

/** Schema number of `verdict.json`; docs/schemas/verdict.schema.json. */
export const verdictSchema = 1;
/** Version of the judges: the same history and the same version give the same verdict. Raise it when a rule of judging changes. */
export const judgeVersion = 4;

export type CheckVerdict = Verdict | "not-applicable";

/** What the run itself promises is judged in the place of a tier of its own. */
export type CheckTier = Tier | "run";

/** Who accepted an unknown or a finding, and until when. */
export type Acceptance = Pick<BaselineEntry, "owner" | "reason" | "until">;

export interface JudgedCheck {
  id: string;
  tier: CheckTier;
  service: string;
  effect: Effect;
  title: string;
  verdict: CheckVerdict;
  reason: string;
  /** Empty when there is nothing to state. */
  expected: string;
  observed: string;
  /** Of its observation, milliseconds; 0 when that never ran. */
  durationMs: number;
  /** Empty for the checks that judge the run itself. */
  observation: string;
  /** What to do about it, where the judge knows. */
  cure?: string;
  accepted?: Acceptance;
}

export interface JudgedService extends PlannedService {
  state: "ready" | "not-ready" | "running" | "created" | "never-created" | "not-reproduced";
  /** From created to first ready, milliseconds. */
  readyMs?: number;
  trouble?: ServiceTrouble;
}

export interface JudgedTier {
  tier: Tier;
  state: "ready" | "red" | "creating" | "never-started";
  /** Milliseconds since the run started, and from then to ready or red. */
  startedMs?: number;
  durationMs?: number;
}

export interface JudgedFinding extends Finding {
  accepted?: Acceptance;
}

export interface JudgedObjective extends Objective {
  value?: number;
  n?: number;
  /** Unknown when no check measured it. */
  verdict: Verdict;
}

export interface Usage {
  memoryBytes: number;
  cpuSeconds: number;
}

/** `verdict.json`: everything a report says, and nothing that is not in the history. */
export interface VerdictDocument {
  schema: number;
  verdict: Verdict;
  exitCode: 0 | 1 | 2 | 130;
  /** One sentence that names the root: the first line of every report. */
  cause: string;
  runId: string;
  command: string;
  startedAt: string;
  durationMs: number;
  /** `missing` when the history stops before the run's end. */
  ended: { reason: EventOf<"run-ended">["reason"] | "missing"; detail?: string };
  product: string;
  judge: number;
  seed: number;
  candidate: CandidateRef | null;
  machine: { os: string; arch: string; cores: number; memoryBytes: number; node: string } | null;
  engine: { engine: string; api: string; flags: string[]; loadBalancing: "vip" | "dnsrr" } | null;
  counts: { pass: number; fail: number; unknown: number; accepted: number; notApplicable: number };
  tiers: JudgedTier[];
  services: JudgedService[];
  checks: JudgedCheck[];
  findings: JudgedFinding[];
  /** Run whose static findings are not new; absent when there was no earlier run of the candidate. */
  comparedWith?: string;
  objectives: JudgedObjective[];
  /** What each route answers in each of the four access modes; absent when the run did not plan to ask. */
  access?: AccessMatrix;
  /** What was hurt and how it came back; absent when the run planned no experiment. */
  experiments?: JudgedExperiment[];
  substitutions: Substitution[];
  /** Services and parties that are a small server of ours instead of the real part. */
  standIns: string[];
  /** Peak memory and processor time of what was judged, and of the harness itself. */
  resources: { replica: Usage | null; harness: Usage | null };
}

/** The bytes of `verdict.json`: `judge runs/<id>` reproduces them from the history and its side files alone. */
export function verdictBytes(document: VerdictDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
