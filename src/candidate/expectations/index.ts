import type { Finding } from "../../history/events.ts";
import { type DocumentedService, documentedServices } from "../reference/documented.ts";
import type { Candidate, Role } from "../types.ts";
import { accessExpectations } from "./access.ts";
import { applicationExpectations } from "./applications.ts";
import type { Expectation, ExpectationSet } from "./expectation.ts";
import { monitoringExpectations } from "./monitoring.ts";
import { redisExpectations } from "./redis.ts";
import { storeExpectations } from "./stores.ts";
import { swarmExpectations } from "./swarm.ts";
import { traefikExpectations } from "./traefik.ts";
import { vaultExpectations } from "./vault.ts";

/** Every subject of which the two sets speak and that a definition can show. */
export const expectations: readonly Expectation[] = [
  ...traefikExpectations,
  ...accessExpectations,
  ...vaultExpectations,
  ...redisExpectations,
  ...storeExpectations,
  ...monitoringExpectations,
  ...swarmExpectations,
  ...applicationExpectations,
];

/** Rows of the facts sheet's table 0.3 that no expectation can be made of, and why. */
export const beyondExpectations: readonly { row: number; subject: string; why: string }[] = [
  {
    row: 2,
    subject: "22 services",
    why: "the mapping between both lists says which are there (src/candidate/reference/documented.ts)",
  },
  { row: 3, subject: "layer 1's three services", why: "the mapping says it" },
  {
    row: 12,
    subject: "GitHub teams of Vault's policies",
    why: "policies are written into a running Vault, and a definition does not show them",
  },
];

/** Where a candidate is unlike one of the sets. Pure. */
export function departures(
  candidate: Candidate,
  set: ExpectationSet,
): { expectation: Expectation; place: string; met: string }[] {
  return expectations.flatMap((expectation) =>
    expectation.departures(candidate, set).map((departure) => ({ expectation, ...departure })),
  );
}

/** The documented services that a candidate lacks, each with the roles that are not there. Pure. */
export function missingDocumented(candidate: Candidate): { service: DocumentedService; roles: Role[] }[] {
  const there = new Set(candidate.services.map((service) => service.role));
  return documentedServices.flatMap((service) => {
    const roles = service.roles.filter((role) => !there.has(role));
    const missing = service.each ? roles.length > 0 : roles.length === service.roles.length;
    return missing ? [{ service, roles }] : [];
  });
}

/**
 * What the owners' documents promise and a candidate does not give: a service (`documented/service-missing`), or what they say of one (`documented/<id>`). None
 * of it decides a verdict. Pure: the same candidate, the same findings in the same order.
 */
export function documentedFindings(candidate: Candidate): Finding[] {
  return [
    ...missingDocumented(candidate).map(({ service, roles }) => ({
      rule: "documented/service-missing",
      place: `documented:${service.name}`,
      what: `The documents list ${service.name} (${service.source}), and no service of the definition is ${roles.join(" or ")}.`,
      cure: "Define the service, or take it out of the documents.",
    })),
    ...departures(candidate, "documented").map(({ expectation, place, met }) => ({
      rule: `documented/${expectation.id}`,
      place,
      what: `The documents promise ${expectation.documented.says} (${expectation.documented.source}); ${met}.`,
      cure: expectation.cure,
    })),
  ];
}
