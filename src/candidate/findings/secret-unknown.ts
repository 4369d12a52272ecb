import { hardCoded } from "./config-unknown.ts";
import { found, placeOf, type StaticRule } from "./rule.ts";

/** Swarm refuses to create a service whose secret is not there. */
export const secretUnknown: StaticRule = {
  id: "static/secret-unknown",
  title: "Secret that nothing creates",
  cure: "Create the secret in the definition and refer to it by that.",
  find(candidate) {
    const made = new Set(candidate.secrets.map((secret) => secret.name));
    return candidate.services.flatMap((service) =>
      service.secrets
        .filter(({ source }) => !made.has(source))
        .map(({ source, target }) =>
          found(
            secretUnknown,
            placeOf("service", service),
            `${service.name} mounts ${hardCoded(source) ? `a secret by the hard-coded id ${source}` : `secret ${source}`} at ${target}, which nothing in the definition creates.`,
          ),
        ),
    );
  },
};
