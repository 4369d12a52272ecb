import type { DefinedService, Definition } from "../../../src/candidate/types.ts";

/** A service of a definition, with what is not given left empty. */
export function aService(name: string, image: string, rest: Partial<DefinedService> = {}): DefinedService {
  return {
    name,
    image,
    stack: "stack.yaml",
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
    ...rest,
  };
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
