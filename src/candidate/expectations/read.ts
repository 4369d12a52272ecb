import { parse } from "yaml";
import { documentedServices } from "../reference/documented.ts";
import { type Route, routesOf } from "../routes.ts";
import type { Candidate, CandidateService, Role } from "../types.ts";

export function ofRole(candidate: Candidate, ...roles: readonly Role[]): CandidateService[] {
  return candidate.services.filter((service) => service.role !== undefined && roles.includes(service.role));
}

/** The services that are one of the documents' 22. */
export function ofDocumented(candidate: Candidate, name: string): CandidateService[] {
  return ofRole(candidate, ...(documentedServices.find((service) => service.name === name)?.roles ?? []));
}

export function placeOf(kind: "service" | "network" | "volume" | "config", item: { name: string; place?: string }): string {
  return item.place ?? `${kind}:${item.name}`;
}

/** Names in a sentence: all of a few, else the first ones and how many more. */
export function list(names: readonly string[], most = 6): string {
  return names.length <= most ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}

/** Tag of an image reference; undefined where it has none. */
export function tagOf(image: string): string | undefined {
  return /:([\w][\w.-]*)$/.exec(image.replace(/@.*$/, ""))?.[1];
}

/** Repository of an image reference, without registry, tag and digest. */
export function repositoryOf(image: string): string {
  const name = image.replace(/@.*$/, "").replace(/:[\w][\w.-]*$/, "");
  return name.replace(/^(?:localhost|[^/]+[.:][^/]*)\//, "");
}

/** The configs that a service mounts and the candidate defines. */
export function configsIn(candidate: Candidate, service: CandidateService) {
  return service.configs.flatMap(({ source, target }) => {
    const config = candidate.configs.find((one) => one.name === source);
    return config ? [{ ...config, target }] : [];
  });
}

/** A config as YAML or JSON has it; undefined where it is neither. */
export function parsed(content: string): unknown {
  try {
    return parse(content, { merge: true, logLevel: "silent" });
  } catch {
    return undefined;
  }
}

/** A value deep in what was parsed. */
export function deep(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (at !== null && typeof at === "object" ? (at as Record<string, unknown>)[key] : undefined),
    value,
  );
}

export function httpRoutes(service: CandidateService): Route[] {
  return routesOf(service).filter((route) => route.protocol === "http");
}

/** Every host that a rule names; a rule may name several. */
export function hostsOf(rule: string): string[] {
  return [...rule.matchAll(/Host(?:SNI)?\(([^)]*)\)/g)].flatMap((match) =>
    [...(match[1] ?? "").matchAll(/[`'"]([^`'"]+)[`'"]/g)].map((host) => host[1] as string),
  );
}

/** Networks on which Traefik reaches what it routes to. */
export function ingressOf(candidate: Candidate): Set<string> {
  const traefik = ofRole(candidate, "traefik").flatMap((service) => service.networks);
  const routed = candidate.services.filter((service) => service.role !== "traefik" && routesOf(service).length > 0);
  return new Set(traefik.filter((network) => routed.some((service) => service.networks.includes(network))));
}

/** Duration as Gatus, Loki and Influx write it (30s, 1m, 7d, 4w), in seconds. */
export function seconds(text: unknown): number | undefined {
  const units: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
  const parts = [...String(text).matchAll(/(\d+)([smhdw])/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join("") !== String(text)) return undefined;
  return parts.reduce((sum, part) => sum + Number(part[1]) * (units[part[2] as string] ?? 0), 0);
}
