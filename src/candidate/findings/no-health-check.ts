import { found, placeOf, type StaticRule } from "./rule.ts";

/** Without a check Swarm takes a process that runs for a service that works: nothing restarts one that hangs, and routes open before it answers. */
export const noHealthCheck: StaticRule = {
  id: "static/no-health-check",
  title: "No health check",
  cure: "Give the service a `healthcheck` that asks it what its users ask.",
  find(candidate) {
    return candidate.services.flatMap((service) => {
      const test = service.healthcheck?.test ?? [];
      if (test.length > 0 && test[0] !== "NONE") return [];
      return [
        found(
          noHealthCheck,
          placeOf("service", service),
          `${service.name} ${service.healthcheck ? "turns its health check off" : "has no health check"}: Swarm calls it running as soon as its process is.`,
        ),
      ];
    });
  },
};
