import type { Candidate, CandidateNetwork, CandidateService } from "../../src/candidate/types.ts";

/** A service with nothing set but its name. */
export function aService(name: string, more: Partial<CandidateService> = {}): CandidateService {
  return {
    name,
    tier: "platform",
    stack: "docker-stack.yml",
    image: `example/${name}:1`,
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
    ...more,
  };
}

/** A candidate of these services, read from a stack file. */
export function aCandidate(services: CandidateService[], more: Partial<Candidate> = {}): Candidate {
  return {
    name: "stack",
    profile: "all",
    origin: { kind: "compose", files: ["docker-stack.yml"] },
    domain: "example.test",
    parties: {},
    services,
    networks: [],
    volumes: [],
    configs: [],
    secrets: [],
    host: [],
    ...more,
  };
}

/** The networks that services name, each once. */
export function networksOf(services: readonly CandidateService[]): CandidateNetwork[] {
  return [...new Set(services.flatMap((service) => service.networks))].map((name) => ({ name, driver: "overlay" }));
}
