import type { Candidate, CandidateService, Role } from "../../candidate/types.ts";
import type { Tier } from "../../history/events.ts";
import type { Replica, ReplicaMutation } from "../../replica/up.ts";

/**
 * A deliberate change of the candidate or of the running replica, never of an expectation or a history: the red twin of a check.
 * `reddens` names the check that must fail and say why.
 */
export interface Mutation {
  name: string;
  what: string;
  reddens: string;
  /** Variant of the candidate that is changed, and is its own control; the candidate itself when not given. */
  of?: string;
  /** Recorded fault that a finding of the red run must name. */
  cause?: string;
  /** Checks that must stay green: the fault shows where it should and nowhere else. */
  spares?: string[];
  /** Patterns of checks that a mutated run needs to look at; by default the one that must go red. */
  only?: string[];
  candidate?: (candidate: Candidate) => Candidate;
  replica?: ReplicaMutation;
  /** Done to the replica once it is up, before anything writes or disrupts; with `afterTier` as soon as that tier is up, before anything looks at it. */
  running?: (replica: Replica) => Promise<void>;
  afterTier?: Tier;
}

/** A copy of the candidate with one service changed. */
export function changed(candidate: Candidate, role: Role, change: (service: CandidateService) => void): Candidate {
  const copy = structuredClone(candidate);
  const service = copy.services.find((one) => one.role === role);
  if (!service) throw new Error(`the candidate has no ${role} to mutate`);
  change(service);
  return copy;
}

/** A copy of the candidate with some text of a config replaced; what is not there to be replaced is an error, not a mutation without effect. */
export function configured(candidate: Candidate, config: string, from: string, to: string): Candidate {
  const copy = structuredClone(candidate);
  const found = copy.configs.find((one) => one.name === config);
  if (!found?.content.includes(from)) throw new Error(`config ${config} has no ${from} to mutate`);
  found.content = found.content.replaceAll(from, to);
  return copy;
}
