import { found, placeOf, type StaticRule } from "./rule.ts";

/** Swarm refuses to create a service whose config is not there. */
export const configUnknown: StaticRule = {
  id: "static/config-unknown",
  title: "Config that nothing creates",
  cure: "Create the config in the definition and refer to it by that.",
  find(candidate) {
    const made = new Set(candidate.configs.map((config) => config.name));
    return candidate.services.flatMap((service) =>
      service.configs
        .filter(({ source }) => !made.has(source))
        .map(({ source, target }) =>
          found(
            configUnknown,
            placeOf("service", service),
            `${service.name} mounts ${hardCoded(source) ? `a config by the hard-coded id ${source}` : `config ${source}`} at ${target}, which nothing in the definition creates.`,
          ),
        ),
    );
  },
};

/** Swarm's own ids: 25 letters and digits. */
export function hardCoded(source: string): boolean {
  return /^[a-z0-9]{25}$/.test(source);
}
