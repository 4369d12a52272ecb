import type { EventOf, Finding, HistoryEvent, Objective, ObservationRef, PlannedCheck, Tier } from "../history/events.ts";
import type { AccessMatrix } from "./access/matrix.ts";
import type { ExperimentAccount } from "./experiment/account.ts";

export type Verdict = "pass" | "fail" | "unknown";

/** One judgement: what was expected, what was met, and why. Plain data, no clock, no randomness. */
export interface Judgement {
  verdict: Verdict;
  reason: string;
  expected?: string;
  observed?: string;
  /** What to do about it, where the judge knows; shown beside the reason when the check did not pass. */
  cure?: string;
  findings?: Finding[];
  /** Routes as clients of an access mode met them. */
  access?: AccessMatrix;
  /** Objectives that this check measured: id → value in the objective's unit, with the number of samples. */
  measured?: { objective: string; value: number; n: number }[];
}

/** The schema-checked events of one observation, and what the whole run knows beside it. */
export interface Seen {
  /** Samples of this observation, side files included, in order; by label where given. */
  samples(label?: string): EventOf<"sample">[];
  /** The only sample with that label; throws `NotSeen` (→ unknown) when there is none. */
  sample(label: string): EventOf<"sample">;
  /** Data of the newest fact of that name; throws `NotSeen` when there is none. `T` is the collector's shape. */
  fact<T>(name: string): T;
  facts<T>(name: string): T[];
  faults(): EventOf<"fault">[];
  /** Every event of the run, for checks about the run itself. */
  history: readonly HistoryEvent[];
  objective(id: string): Objective;
}

/** Thrown by `Seen` when the history lacks what a judge asks for: the check is unknown, never passed. */
export class NotSeen extends Error {
  constructor(what: string) {
    super(what);
    this.name = "NotSeen";
  }
}

export type Judge = (seen: Seen) => Judgement;

export interface CheckDefinition extends PlannedCheck {
  /** One line for reports: what is promised. */
  title: string;
  judge: Judge;
  /** Of the one check that speaks for a whole experiment: its numbers, which are there whatever the check itself says. */
  account?: (seen: Seen) => ExperimentAccount;
}

export interface CheckOptions {
  title: string;
  service: string;
  speaksOf?: string[];
  /** What this check needs beside what its observation does: one observation may serve checks of several tiers. */
  needs?: string[];
  /** When it is not that of the observation. */
  tier?: Tier;
  /** See `CheckDefinition`. */
  account?: CheckDefinition["account"];
}

const registry = new Map<string, CheckDefinition>();

/**
 * Registers one judgement of what an observation saw. Suite files only register; importing one twice is harmless, two checks of one id are not.
 */
export function check(id: string, observation: ObservationRef, options: CheckOptions, judge: Judge): CheckDefinition {
  if (registry.has(id)) throw new Error(`two checks are called ${id}`);
  const definition: CheckDefinition = {
    id,
    observation: observation.id,
    tier: options.tier ?? observation.tier,
    effect: observation.effect,
    needs: [...new Set([...observation.needs, ...(options.needs ?? [])])],
    service: options.service,
    speaksOf: options.speaksOf ?? [],
    title: options.title,
    judge,
    ...(options.account ? { account: options.account } : {}),
  };
  registry.set(id, definition);
  return definition;
}

/** Every registered check, in order of registration. */
export function checks(): CheckDefinition[] {
  return [...registry.values()];
}
