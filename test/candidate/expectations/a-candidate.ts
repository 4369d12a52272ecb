import type { Candidate, CandidateService, Role } from "../../../src/candidate/types.ts";
import * as plain from "../a-service.ts";

/** A service of nothing but its role and what is given. */
export function aService(role: Role, given: Partial<CandidateService> = {}): CandidateService {
  return plain.aService(role, { role, stack: "platform", ...given });
}

/** A candidate of these services, each of their networks and whatever else is given. */
export function aCandidate(services: CandidateService[], given: Partial<Candidate> = {}): Candidate {
  return plain.aCandidate(services, {
    name: "test",
    profile: "test",
    origin: { kind: "reference" },
    domain: "sprocket.example",
    networks: plain.networksOf(services),
    ...given,
  });
}
