import { isIPv4 } from "node:net";
import type { AccessMode, AccessRoute, DeployedRouter } from "../../history/access.ts";
import { type Route, routesOf } from "../routes.ts";
import type { Candidate, CandidateService } from "../types.ts";
import { clientRoute } from "./client-routes.ts";
import { pathOf } from "./entry-routes.ts";
import { ownHosts } from "./own-hosts.ts";

/**
 * Every route of the candidate, each host once, in the order of its services. Where the documents or the candidate's other parts know the name by which clients reach
 * a role's service, that name is the route's, whatever its rule says: a wrong rule must not change what is expected.
 */
export function accessRoutes(candidate: Candidate): AccessRoute[] {
  const found = new Map<string, AccessRoute>();
  for (const service of candidate.services) {
    if (service.labels["traefik.enable"] !== "true") continue;
    const routes = routesOf(service);
    for (const protocol of ["http", "tcp"] as const)
      for (const one of ofProtocol(candidate, service, routes, protocol)) if (!found.has(one.id)) found.set(one.id, one);
  }
  return [...found.values()];
}

function ofProtocol(
  candidate: Candidate,
  service: CandidateService,
  all: readonly Route[],
  protocol: "http" | "tcp",
): AccessRoute[] {
  const routes = all.filter((route) => route.protocol === protocol);
  const known = protocol === "http" && service.role ? clientRoute(candidate, service.role) : undefined;
  const first = routes.find((route) => ownHosts(candidate, route).includes(known?.host ?? "")) ?? routes[0];
  const made: AccessRoute[] = [];
  if (known && first) made.push(routeTo(candidate, service, { ...first, tls: known.tls }, known.host));
  // Beside the documented name the reference has no other for that service; a candidate of somebody's own may have several.
  if (known && candidate.origin.kind === "reference") return made;
  for (const route of routes)
    for (const host of ownHosts(candidate, route)) if (host !== known?.host) made.push(routeTo(candidate, service, route, host));
  return made;
}

function routeTo(candidate: Candidate, service: CandidateService, route: Route, host: string): AccessRoute {
  const domain = candidate.domain.toLowerCase();
  return {
    id: route.protocol === "tcp" ? `tcp:${host}` : host,
    service: service.name,
    ...(service.role ? { role: service.role } : {}),
    tier: service.tier,
    protocol: route.protocol,
    host,
    label: host.endsWith(`.${domain}`) ? host.slice(0, -domain.length - 1) : "",
    tls: route.tls,
    path: pathOf(route.rule),
    ...(route.port === undefined ? {} : { port: route.port }),
    ...(route.forwardAuth ? { forwardAuth: route.forwardAuth } : {}),
  };
}

/** Every router of the candidate, as its labels have it. */
export function deployedRouters(candidate: Candidate): DeployedRouter[] {
  return candidate.services.flatMap((service) =>
    routesOf(service).map((route) => ({
      router: route.router,
      protocol: route.protocol,
      service: service.name,
      tier: service.tier,
      rule: route.rule,
      hosts: route.hosts,
      tls: route.tls,
      ...(route.resolver ? { resolver: route.resolver } : {}),
      entryPoints: route.entryPoints,
      networks: service.networks,
      ...(route.forwardAuth ? { forwardAuth: route.forwardAuth } : {}),
    })),
  );
}

/** Addresses that rules name as if they were hosts, by the access mode that they are meant for: the tailnet's range is one, every other private address the LAN's. */
export function literalAddresses(candidate: Candidate): Partial<Record<AccessMode, string[]>> {
  const literals = [...new Set(deployedRouters(candidate).flatMap((router) => router.hosts.filter((host) => isIPv4(host))))];
  return {
    lan: literals.filter((address) => !inTailnet(address)),
    tailscale: literals.filter(inTailnet),
  };
}

/** 100.64.0.0/10, which Tailscale gives its nodes addresses from. */
function inTailnet(address: string): boolean {
  const [first = 0, second = 0] = address.split(".").map(Number);
  return first === 100 && second >= 64 && second < 128;
}
