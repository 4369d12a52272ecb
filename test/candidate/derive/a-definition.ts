import type { DefinedService, Definition } from "../../../src/candidate/types.ts";
import * as plain from "../a-service.ts";

/** A service of a definition, with what is not given left empty. */
export function aService(name: string, image: string, rest: Partial<DefinedService> = {}): DefinedService {
  const { tier: _tier, needs: _needs, ...written } = plain.aService(name, { image, stack: "stack.yaml" });
  return { ...written, ...rest };
}

export function aDefinition(services: DefinedService[], rest: Partial<Definition> = {}): Definition {
  return {
    name: "a",
    profile: "imported",
    origin: { kind: "compose", files: ["stack.yaml"] },
    services,
    networks: [],
    volumes: [],
    configs: [],
    secrets: [],
    ...rest,
  };
}
