import type { Candidate, CandidateService } from "../types.ts";
import { configsIn, deep, ofRole, parsed, placeOf } from "./read.ts";

/** Traefik's static configuration: the file that its arguments name, else the arguments themselves. Names of settings are lower-case, as Traefik takes them in any. */
export interface StaticConfiguration {
  service: CandidateService;
  /** Where it stands. */
  place: string;
  at(...path: string[]): unknown;
}

export function traefikStatic(candidate: Candidate): StaticConfiguration[] {
  return ofRole(candidate, "traefik").map((service) => {
    const args = [...(service.command ?? []), ...(service.args ?? [])];
    const file = args.map((arg) => /^--configfile=(.+)$/i.exec(arg)?.[1]).find((path) => path !== undefined);
    const config = configsIn(candidate, service).find(
      ({ target }) => target === file || (file === undefined && /^\/etc\/traefik\/traefik\.ya?ml$/.test(target)),
    );
    const settings = config ? lower(parsed(config.content)) : fromArguments(args);
    return {
      service,
      place: config ? placeOf("config", config) : placeOf("service", service),
      at: (...path) => deep(settings, ...path.map((part) => part.toLowerCase())),
    };
  });
}

function lower(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lower);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key.toLowerCase(), lower(inner)]));
}

function fromArguments(args: readonly string[]): unknown {
  const settings: Record<string, unknown> = {};
  for (const arg of args) {
    const [, path, value = "true"] = /^--([\w.-]+?)(?:=(.*))?$/.exec(arg) ?? [];
    if (path === undefined) continue;
    const parts = path.toLowerCase().split(".");
    let at = settings;
    for (const part of parts.slice(0, -1)) {
      if (at[part] === null || typeof at[part] !== "object") at[part] = {};
      at = at[part] as Record<string, unknown>;
    }
    at[parts.at(-1) as string] = value;
  }
  return settings;
}
