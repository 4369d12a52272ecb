import { staticFindings } from "../../../src/candidate/findings/index.ts";
import type { Candidate, CandidateService } from "../../../src/candidate/types.ts";
import * as plain from "../a-service.ts";

/** A service that no rule has anything against, and what a test changes of it. */
export function aService(name: string, changes: Partial<CandidateService> = {}): CandidateService {
  return plain.aService(name, {
    stack: "platform",
    image: `registry.test/${name}:1.2.3`,
    healthcheck: { test: ["CMD", "true"], intervalNs: 1e9, timeoutNs: 1e9, retries: 3, startPeriodNs: 0 },
    ...changes,
  });
}

/** A candidate of those services; its networks are those that they name. */
export function aCandidate(services: CandidateService[], changes: Partial<Candidate> = {}): Candidate {
  return plain.aCandidate(services, {
    name: "test",
    profile: "core",
    origin: { kind: "reference" },
    domain: "sprocket.test",
    networks: plain.networksOf(services),
    ...changes,
  });
}

/** Labels of a router that Traefik accepts, with TLS. */
export function routed(router: string, host: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    "traefik.enable": "true",
    [`traefik.http.routers.${router}.rule`]: `Host(\`${host}\`)`,
    [`traefik.http.routers.${router}.tls`]: "true",
    [`traefik.http.routers.${router}.tls.certResolver`]: "le",
    [`traefik.http.services.${router}.loadbalancer.server.port`]: "3000",
    ...more,
  };
}

export function aTraefik(changes: Partial<CandidateService> = {}): CandidateService {
  return aService("traefik", { role: "traefik", tier: "layer1", stack: "layer_1", networks: ["ingress-net"], ...changes });
}

/** What one rule says of a candidate, as "place: what"; all other rules are left out. */
export function said(rule: string, candidate: Candidate): string[] {
  return staticFindings(candidate)
    .filter((finding) => finding.rule === `static/${rule}`)
    .map(({ place, what }) => `${place}: ${what}`);
}
