import { closest } from "fastest-levenshtein";
import type { Candidate, CandidateService, Role } from "../candidate/types.ts";
import { exitCodes, ResilienceError } from "../history/errors.ts";
import type { Replica, ReplicaMutation } from "../replica/up.ts";

/**
 * A deliberate change of the candidate or of the running replica, never of an expectation or a history: the red twin of a check.
 * `reddens` names the check that must fail and say why.
 */
export interface Mutation {
  name: string;
  what: string;
  reddens: string;
  /** Patterns of checks that a mutated run needs to look at; by default the one that must go red. */
  only?: string[];
  candidate?: (candidate: Candidate) => Candidate;
  replica?: ReplicaMutation;
  running?: (replica: Replica) => Promise<void>;
}

/** A copy of the candidate with one service changed. */
function changed(candidate: Candidate, role: Role, change: (service: CandidateService) => void): Candidate {
  const copy = structuredClone(candidate);
  const service = copy.services.find((one) => one.role === role);
  if (!service) throw new Error(`the candidate has no ${role} to mutate`);
  change(service);
  return copy;
}

const list: Mutation[] = [
  {
    name: "wrong-host-rule",
    what: "the API's router answers for another host name",
    reddens: "layer1/routes-by-host",
    candidate: (candidate) =>
      changed(candidate, "core", (service) => {
        service.labels["traefik.http.routers.sprocket-core-main.rule"] = `Host(\`apl.${candidate.domain}\`)`;
      }),
  },
];

export function mutations(): readonly Mutation[] {
  return list;
}

/** @throws ResilienceError E_BAD_INPUT with the nearest name when there is none of that name. */
export function mutationNamed(name: string): Mutation {
  const found = list.find((mutation) => mutation.name === name);
  if (found) return found;
  const names = list.map((mutation) => mutation.name);
  throw new ResilienceError("E_BAD_INPUT", `There is no mutation ${name}; nearest is ${closest(name, names)}.`, {
    cure: "`npm run mutate -- --list` names them all.",
    exitCode: exitCodes.badInput,
  });
}
