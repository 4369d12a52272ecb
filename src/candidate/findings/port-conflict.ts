import { found, list, placeOf, type StaticRule } from "./rule.ts";

/** A port of the host has one owner: Swarm refuses the second service, or leaves its task pending where both run on one node. */
export const portConflict: StaticRule = {
  id: "static/port-conflict",
  title: "Two services publish one port",
  cure: "Publish it by one of them, or give them different ports.",
  find(candidate) {
    const owners = Map.groupBy(
      candidate.services.flatMap((service) =>
        service.ports
          .filter(({ published }) => published !== 0)
          .map(({ published, protocol }) => ({ service, port: `${published}/${protocol}` })),
      ),
      ({ port }) => port,
    );
    return [...owners].flatMap(([port, all]) => {
      const services = [...new Set(all.map(({ service }) => service))];
      const [first] = services;
      if (!first || services.length < 2) return [];
      return [
        found(
          portConflict,
          placeOf("service", first),
          `Port ${port} is published by ${services.length} services: ${list(services.map((one) => one.name))}.`,
        ),
      ];
    });
  },
};
