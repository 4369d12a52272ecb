import { exitCodes, ResilienceError } from "../../history/errors.ts";
import type { Candidate, CandidateSecret, CandidateService, DefinedService, Definition, ExternalParties } from "../types.ts";
import { domainOf } from "./domain.ts";
import { hostResources } from "./host.ts";
import { needsOf } from "./needs.ts";
import { postgresParty } from "./postgres.ts";
import { rolesOf } from "./roles.ts";
import { routedHosts } from "./rule-hosts.ts";
import { s3Party } from "./s3.ts";
import { tierOf } from "./tier.ts";

/**
 * Turns a definition into a candidate by adding what no definition says in so many words: roles, tiers, needs, external parties, host resources and the domain.
 * Pure; what the definition does say stays as it is.
 *
 * Errors: E_CANDIDATE_TWICE.
 */
export function derive({ files = [], ...definition }: Definition): Candidate {
  const { services, configs, volumes } = definition;
  refuseTwice(services);
  const roles = rolesOf(services, configs);
  const parties = partiesOf(definition);
  return {
    ...definition,
    domain: definition.domain ?? domainOf(services.flatMap((service) => routedHosts(service.labels))),
    parties,
    services: services.map((service): CandidateService => {
      const role = roles.get(service.name);
      return {
        ...service,
        ...(role ? { role } : {}),
        tier: tierOf(service, role),
        needs: needsOf(service, { services, configs, roles, parties }),
      };
    }),
    secrets: secretsOf(definition.secrets, parties),
    host: hostResources(services, volumes, roles, files),
  };
}

/** Swarm takes a name once; all that follows goes by it. */
function refuseTwice(services: readonly DefinedService[]): void {
  const seen = new Map<string, DefinedService>();
  for (const service of services) {
    const before = seen.get(service.name);
    if (before)
      throw new ResilienceError(
        "E_CANDIDATE_TWICE",
        `The service "${service.name}" should be defined once but is by ${before.place ?? before.stack} and by ${service.place ?? service.stack}.`,
        { cure: "Rename one of them: Swarm refuses the second.", exitCode: exitCodes.badInput },
      );
    seen.set(service.name, service);
  }
}

/** A party that the definition itself names stays as it is named; another is what the services are told. */
function partiesOf({ parties, services, configs, secrets }: Definition): ExternalParties {
  const postgres = parties?.postgres ?? postgresParty(services, configs, secrets);
  const s3 = parties?.s3 ?? s3Party(services, configs, secrets);
  return { ...(postgres ? { postgres } : {}), ...(s3 ? { s3 } : {}) };
}

/** The replica's parties need a value for each of their secrets, also where the definition keeps it to itself. */
function secretsOf(secrets: readonly CandidateSecret[], { postgres, s3 }: ExternalParties): CandidateSecret[] {
  const wanted = [postgres?.passwordSecret, s3?.accessSecret, s3?.keySecret].filter((name) => name !== undefined);
  const added = [...new Set(wanted)].filter((name) => !secrets.some((secret) => secret.name === name));
  return [...secrets, ...added.map((name) => ({ name, shape: { length: 32, alphabet: "alphanumeric" as const } }))];
}
