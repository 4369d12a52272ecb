import { type Route, routesOf } from "../routes.ts";
import type { Candidate, Role } from "../types.ts";
import { agreed } from "./agreed.ts";
import { ownHosts } from "./own-hosts.ts";

/** Where clients reach a service of the candidate through its entry point. */
export interface ClientRoute {
  /** In lower case. */
  host: string;
  tls: boolean;
  /** Where the service itself listens; undefined where nothing says. */
  port?: number;
}

/**
 * The names that Sprocket's clients use, the label before the domain, whatever the labels of a candidate say: a wrong rule must not change what is expected of the
 * reference. Source: router table of the program and names that must resolve (facts sheet, section 4.1); ports from sections 1.2 to 1.4.
 */
const documented: Partial<Record<Role, { label: string; tls: boolean; port: number }>> = {
  traefik: { label: "traefik", tls: true, port: 9999 },
  "forward-auth": { label: "fa", tls: true, port: 3000 },
  // Its router has had no TLS since 2025-11-18 (facts sheet, section 0.3, number 10).
  vault: { label: "vault", tls: false, port: 8200 },
  rabbitmq: { label: "management.rabbitmq", tls: true, port: 15672 },
  core: { label: "api", tls: true, port: 3001 },
  web: { label: "", tls: true, port: 3000 },
};

/** Further names of the reference that TCP routers present certificates for. */
const documentedTcp = ["rabbitmq", "redis"];

/**
 * The route by which clients reach a role's service. Of the reference it is the documented one; of any other candidate the name by which its own other parts
 * call it, else that of its router. Undefined: nobody reaches it.
 */
export function clientRoute(candidate: Candidate, role: Role): ClientRoute | undefined {
  const service = candidate.services.find((one) => one.role === role);
  if (!service) return undefined;
  const known = documented[role];
  if (candidate.origin.kind === "reference" && known)
    return { host: under(known.label, candidate.domain), tls: known.tls, port: known.port };
  const routers = routesOf(service).filter((route) => route.protocol === "http" && route.host !== "");
  const said = calledBy(candidate, role);
  const route = routers.find((one) => said !== undefined && one.host.toLowerCase() === said.host) ?? routers[0];
  if (said) return { ...said, ...(route?.port === undefined ? {} : { port: route.port }) };
  return route && routed(route);
}

/**
 * Every host name that Traefik must present a certificate for: of TLS routers, TCP's included. In lower case, each once.
 *
 * @param runs whether a service runs; one that is not reproduced has no router here
 */
export function securedHosts(candidate: Candidate, runs: (service: string) => boolean = () => true): string[] {
  const services = candidate.services.filter((service) => runs(service.name));
  if (candidate.origin.kind === "reference") {
    const roles = services.flatMap(({ role }) => (role && documented[role]?.tls ? [documented[role].label] : []));
    const tcp = services.flatMap(({ role }) => (role && documentedTcp.includes(role) ? [role] : []));
    const rest = services.filter(({ role }) => !role || !(role in documented)).flatMap((service) => secured(candidate, service));
    return [...new Set([...[...roles, ...tcp].map((label) => under(label, candidate.domain)), ...rest])];
  }
  return [...new Set(services.flatMap((service) => secured(candidate, service)))];
}

function secured(candidate: Candidate, service: Candidate["services"][number]): string[] {
  return routesOf(service).flatMap((route) => (route.tls ? ownHosts(candidate, route) : []));
}

function routed(route: Route): ClientRoute {
  return { host: route.host.toLowerCase(), tls: route.tls, ...(route.port === undefined ? {} : { port: route.port }) };
}

/** How the candidate's own parts call a role's service by a public name. */
function calledBy(candidate: Candidate, role: Role): { host: string; tls: boolean } | undefined {
  if (role === "core") return fromUrl(agreed(candidate, "web.api_root"));
  if (role === "web") return fromUrl(agreed(candidate, "web.url"));
  if (role !== "forward-auth") return undefined;
  const address = candidate.services.flatMap(routesOf).find((route) => route.forwardAuth)?.forwardAuth;
  return fromUrl(address);
}

function fromUrl(text: string | undefined): { host: string; tls: boolean } | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.hostname === "" || !["http:", "https:"].includes(url.protocol)) return undefined;
  return { host: url.hostname, tls: url.protocol === "https:" };
}

/** `fa` of `sprocket.example` is `fa.sprocket.example`. */
function under(label: string, domain: string): string {
  return label === "" ? domain : `${label}.${domain}`;
}
