import type { Candidate, DefinedService, Definition } from "../../../src/candidate/types.ts";

/** A candidate as an importer would have read it: all that `derive` adds is taken away. Only an explicit list of fields is dropped, so a new one stays. */
export function asDefinition(candidate: Candidate): Definition {
  const { parties: _parties, host: _host, domain: _domain, services, ...rest } = candidate;
  return {
    ...rest,
    services: services.map(({ role: _role, tier: _tier, needs: _needs, ...service }): DefinedService => service),
  };
}
