import { found, list, placeOf, type StaticRule, traefikOf } from "./rule.ts";
import { routersOf } from "./traefik-labels.ts";

/** Traefik reaches a task only over a network that both are on; else a request ends in a gateway time-out. */
export const ruleOffIngress: StaticRule = {
  id: "static/rule-off-ingress",
  title: "Rule for a service that is not on Traefik's network",
  cure: "Attach the service to the network that Traefik is on, or take its Traefik labels away.",
  find(candidate) {
    const traefik = traefikOf(candidate);
    if (!traefik) return [];
    return candidate.services.flatMap((service) => {
      const routers = routersOf(service);
      if (routers.length === 0 || service.networks.some((network) => traefik.networks.includes(network))) return [];
      return [
        found(
          ruleOffIngress,
          placeOf("service", service),
          `Traefik is on ${list(traefik.networks) || "no network"}; ${service.name} has router ${list(routers.map((one) => one.name))} and is on ${list(service.networks) || "no network"}.`,
        ),
      ];
    });
  },
};
