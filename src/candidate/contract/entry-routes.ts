import { type Route, routesOf } from "../routes.ts";
import type { Candidate, CandidateService } from "../types.ts";
import { ownHosts } from "./own-hosts.ts";

/** One host name that a router of the candidate promises to serve, with what serves it. */
export interface EntryRoute {
  service: CandidateService;
  route: Route;
  /** In lower case. */
  host: string;
  url: string;
}

/** Every HTTP route of the candidate by its host name, in the order of its services. */
export function entryRoutes(candidate: Candidate): EntryRoute[] {
  return candidate.services.flatMap((service) =>
    service.labels["traefik.enable"] === "true"
      ? routesOf(service)
          .filter((route) => route.protocol === "http")
          .flatMap((route) =>
            ownHosts(candidate, route).map((host) => {
              return { service, route, host, url: `${route.tls ? "https" : "http"}://${host}${pathOf(route.rule)}` };
            }),
          )
      : [],
  );
}

/** The path that a rule limits its router to. */
export function pathOf(rule: string): string {
  return /Path(?:Prefix)?\(\s*`([^`]+)`/.exec(rule)?.[1] ?? "/";
}
