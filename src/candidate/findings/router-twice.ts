import { found, list, placeOf, type StaticRule } from "./rule.ts";
import { routersOf } from "./traefik-labels.ts";

/** Traefik refuses both when two services define one router, and neither is routed. Routers of two protocols are two routers. */
export const routerTwice: StaticRule = {
  id: "static/router-twice",
  title: "Two services define one router",
  cure: "Give each router a name of its own; take orphaned services away.",
  find(candidate) {
    const owners = Map.groupBy(
      candidate.services.flatMap((service) => routersOf(service).map((router) => ({ service, router }))),
      ({ router }) => `${router.protocol} router ${router.name}`,
    );
    return [...owners].flatMap(([router, all]) => {
      const [first, ...others] = all;
      if (!first || others.length === 0) return [];
      const names = all.map(({ service }) => service.name);
      return [
        found(
          routerTwice,
          placeOf("service", first.service),
          `The ${router} is defined by ${names.length} services: ${list(names)}.`,
        ),
      ];
    });
  },
};
