import type { Candidate, CandidateService, Role } from "../../src/candidate/types.ts";

/** A service of nothing but its role and what is given. */
export function aService(role: Role, given: Partial<CandidateService> = {}): CandidateService {
  return {
    name: role,
    role,
    tier: "platform",
    stack: "platform",
    image: `example/${role}:1`,
    env: {},
    networks: [],
    mounts: [],
    configs: [],
    secrets: [],
    labels: {},
    endpointMode: "vip",
    ports: [],
    placement: { constraints: [] },
    global: false,
    needs: [],
    ...given,
  };
}

/** A candidate of these services, each of their networks and whatever else is given. */
export function aCandidate(services: CandidateService[], given: Partial<Candidate> = {}): Candidate {
  return {
    name: "test",
    profile: "test",
    origin: { kind: "reference" },
    domain: "sprocket.example",
    parties: {},
    services,
    networks: [...new Set(services.flatMap((service) => service.networks))].map((name) => ({ name, driver: "overlay" })),
    volumes: [],
    configs: [],
    secrets: [],
    host: [],
    ...given,
  };
}
