import { parse } from "yaml";
import { routesOf } from "../routes.ts";
import type { Candidate, CandidateService } from "../types.ts";

export type AcmeChallenge = "tls-alpn-01" | "http-01" | "dns-01";

/** A certificate resolver of the candidate's Traefik: whom it asks for certificates, how it proves its names, where it keeps what it got. */
export interface AcmeResolver {
  /** Path in Traefik's container; undefined where only Traefik's own default says it. */
  storage?: string;
  /** URL of the directory. */
  caServer: string;
  /** Undefined: Traefik orders nothing. */
  challenge?: AcmeChallenge;
}

/** Traefik's own default (lego `LEDirectoryProduction`). */
const letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory";

/** Settings of a challenge, in lower case as they are compared; Traefik prefers them in this order no more than in any other: one is given. */
const challenges: readonly [setting: string, challenge: AcmeChallenge][] = [
  ["tlschallenge", "tls-alpn-01"],
  ["httpchallenge", "http-01"],
  ["dnschallenge", "dns-01"],
];

/** The resolvers of Traefik's static configuration, file or arguments, by the name as routers give it. Names of settings are taken without case, as Traefik does. */
export function acmeResolvers(candidate: Candidate, traefik: CandidateService): Map<string, AcmeResolver> {
  const settings = new Map<string, Map<string, unknown>>();
  const add = (resolver: string, setting: string, value: unknown) => {
    settings.set(resolver, (settings.get(resolver) ?? new Map()).set(setting.toLowerCase(), value));
  };
  for (const { source, target } of traefik.configs) {
    if (!/\.ya?ml$/i.test(target)) continue;
    const content = candidate.configs.find((one) => one.name === source)?.content;
    for (const [resolver, one] of entries(setting(parsed(content), "certificatesresolvers")))
      for (const [name, value] of entries(setting(one, "acme"))) add(resolver, name, value);
  }
  for (const word of [...(traefik.command ?? []), ...(traefik.args ?? [])]) {
    const [, resolver, name, value] = /^--certificatesresolvers\.([^.]+)\.acme\.(\w+)(?:\.\w+)*(?:=(.+))?$/i.exec(word) ?? [];
    if (resolver && name && value !== "false") add(resolver, name, value ?? "true");
  }
  return new Map([...settings].map(([name, given]) => [name, resolverOf(given)]));
}

function resolverOf(given: ReadonlyMap<string, unknown>): AcmeResolver {
  const [storage, caServer] = [given.get("storage"), given.get("caserver")];
  const challenge = challenges.find(([name]) => given.has(name))?.[1];
  return {
    ...(typeof storage === "string" && storage.startsWith("/") ? { storage } : {}),
    caServer: typeof caServer === "string" && caServer !== "" ? caServer : letsEncrypt,
    ...(challenge ? { challenge } : {}),
  };
}

/** Resolvers whose names a server on the public network can validate by asking the entry point, where such a server can stand under the name that is asked. */
export function answerable(resolvers: ReadonlyMap<string, AcmeResolver>): string[] {
  return [...resolvers]
    .filter(([, { challenge, caServer }]) => (challenge === "tls-alpn-01" || challenge === "http-01") && serverOf(caServer))
    .map(([name]) => name);
}

/** Host, port and path of a directory's URL; undefined for one that no server outside the Swarm answers. */
export function serverOf(caServer: string): { host: string; port: number; path: string } | undefined {
  if (!URL.canParse(caServer)) return undefined;
  const { protocol, hostname, port, pathname } = new URL(caServer);
  if (protocol !== "https:" || !hostname.includes(".") || /^[\d.]+$/.test(hostname)) return undefined;
  return { host: hostname, port: Number(port || 443), path: pathname };
}

/** Host names of TLS routers that name one of the resolvers, in lower case, each once and in the order of the services. */
export function hostsOfResolvers(services: readonly CandidateService[], resolvers: readonly string[]): string[] {
  return [...new Set(routersOf(services, resolvers).flatMap((route) => route.hosts.map((host) => host.toLowerCase())))];
}

/** The host whose certificate is about to end when Traefik first starts: the API's, else the first that a router has for itself. */
export function hostToRenew(services: readonly CandidateService[], resolvers: readonly string[]): string | undefined {
  const single = (among: readonly CandidateService[]) =>
    routersOf(among, resolvers).find((route) => route.hosts.length === 1)?.host;
  return (single(services.filter((service) => service.role === "core")) ?? single(services))?.toLowerCase();
}

function routersOf(services: readonly CandidateService[], resolvers: readonly string[]) {
  return services.flatMap(routesOf).filter((route) => route.tls && resolvers.includes(route.resolver ?? ""));
}

function parsed(content: string | undefined): unknown {
  try {
    return parse(content ?? "");
  } catch {
    return undefined;
  }
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function setting(value: unknown, name: string): unknown {
  return entries(value).find(([key]) => key.toLowerCase() === name)?.[1];
}
