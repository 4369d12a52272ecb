import { found, placeOf, type StaticRule } from "./rule.ts";

/** Networks that every engine has. */
const always = new Set(["host", "none", "bridge", "ingress"]);

/** Swarm refuses to create a service whose network is not there. */
export const networkUndefined: StaticRule = {
  id: "static/network-undefined",
  title: "Network that nothing creates",
  cure: "Create the network in the definition, or take the name out of the service.",
  find(candidate) {
    const made = new Set(candidate.networks.map((network) => network.name));
    return candidate.services.flatMap((service) =>
      service.networks
        .filter((name) => !made.has(name) && !always.has(name))
        .map((name) =>
          found(
            networkUndefined,
            placeOf("service", service),
            `${service.name} joins network ${name}, which nothing in the definition creates.`,
          ),
        ),
    );
  },
};
