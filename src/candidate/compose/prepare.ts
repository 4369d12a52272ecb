import type { Substitution } from "../../history/events.ts";
import { isCredential } from "./credential.ts";
import type { Path, Plain, PlainMap, StackDocument } from "./document.ts";
import { BadInterpolation, interpolate } from "./interpolate.ts";
import { readKeys, refusedKeys, whyLost } from "./said.ts";
import { isMap, list, map } from "./shape.ts";
import type { Sources } from "./sources.ts";

/** A variable that nothing sets and that no secret can stand for. */
export interface Missing {
  name: string;
  path: Path;
  message?: string;
}

/** Stands for a variable without a value until all files are merged, since a later file may replace what asks for it. No stack file holds a NUL byte. */
export const unsetMark = (name: string) => `\0{unset:${name}}`;

const resources = ["networks", "volumes", "configs", "secrets"] as const;

/**
 * What of a stack file matters, with its variables replaced: services without the keys that are not read, networks, volumes, configs and secrets. Every key that is left
 * out is a difference; variables that only such keys name are never missed.
 *
 * @param set variables that a file sets (`x-sprocket-resilience`)
 * @param missing is told every variable that has no value; a credential has one, `${secret:NAME}`
 * Errors: E_COMPOSE_UNSUPPORTED, E_COMPOSE_ENV_FILE, E_COMPOSE_INTERPOLATION.
 */
export function prepare(
  { content, file }: StackDocument,
  sources: Sources,
  differences: Substitution[],
  set: ReadonlyMap<string, string>,
  missing: (variable: Missing) => void,
): PlainMap {
  for (const key of ["include"])
    if (content[key] !== undefined)
      throw sources.fail([key], "E_COMPOSE_UNSUPPORTED", "should not be there", "Give the included files as well, in order.");
  if (content.models !== undefined)
    differences.push(lost(`stack:${file}`, "models", content.models, "Swarm has no models; `docker stack deploy` ignores it"));

  const services = map();
  if (isMap(content.services)) {
    for (const [name, service] of Object.entries(content.services)) {
      if (!isMap(service)) continue;
      services[name] = map(Object.entries(service).filter(([key, value]) => keeps(name, key, value, sources, differences)));
    }
  }
  const kept = map([["services", services]]);
  for (const key of resources) if (isMap(content[key])) kept[key] = content[key];
  return filled(kept, [], { sources, set, missing }) as PlainMap;
}

function keeps(name: string, key: string, value: Plain, sources: Sources, differences: Substitution[]): boolean {
  const path = ["services", name, key];
  if (readKeys.has(key)) return true;
  if (key.startsWith("x-")) return false;
  if (Object.hasOwn(refusedKeys, key))
    throw sources.fail(path, "E_COMPOSE_UNSUPPORTED", "should not be there", refusedKeys[key] as string);
  if (key === "env_file") {
    const needed = list(value).find((entry) => !isMap(entry) || !["false", "no"].includes(String(entry.required)));
    if (needed !== undefined)
      throw sources.fail(
        path,
        "E_COMPOSE_ENV_FILE",
        "should not be there, since environment files hold secrets and are never opened",
        "Write what the service needs under `environment:`, credentials as ${NAME}; or mark the file `required: false` to do without.",
      );
    differences.push(lost(`service:${name}`, key, value, "Environment files hold secrets and are never opened"));
    return false;
  }
  differences.push(lost(`service:${name}`, key, value, whyLost(key)));
  return false;
}

/** A key that no candidate can say. Values are not repeated: they may hold what nobody should read. */
export function lost(subject: string, field: string, value: unknown, why: string): Substitution {
  const plain = ["number", "boolean"].includes(typeof value) || (typeof value === "string" && /^[\w.:/-]{1,40}$/.test(value));
  return { subject, kind: "setting", asked: plain ? `${field}: ${String(value)}` : field, got: "left out", why, hides: [] };
}

interface Filling {
  sources: Sources;
  set: ReadonlyMap<string, string>;
  missing: (variable: Missing) => void;
}

function filled(value: Plain, path: Path, filling: Filling): Plain {
  if (Array.isArray(value)) return value.map((item, at) => filled(item, [...path, at], filling));
  if (isMap(value)) {
    return map(
      Object.entries(value).map(([key, inner]) => [key, key.startsWith("x-") ? inner : filled(inner, [...path, key], filling)]),
    );
  }
  if (typeof value !== "string" || !value.includes("$")) return value;
  const key = keyOf(value, path);
  const unset = (name: string, message: string | undefined) => {
    if (isCredential(name) || (key !== undefined && isCredential(key))) return `\${secret:${name}}`;
    filling.missing({ name, path, ...(message ? { message } : {}) });
    return unsetMark(name);
  };
  try {
    return interpolate(value, { value: (name) => filling.set.get(name), unset });
  } catch (thrown) {
    if (!(thrown instanceof BadInterpolation)) throw thrown;
    throw filling.sources.fail(
      path,
      "E_COMPOSE_INTERPOLATION",
      `should hold variables as the Compose specification writes them but ${thrown.message}`,
      "Write $$ for a $ that begins no variable.",
    );
  }
}

/** The environment variable whose whole value is one variable of the file: a credential by either name. */
function keyOf(value: string, path: Path): string | undefined {
  if (!path.includes("environment")) return undefined;
  const [, key, rest] = /^(\w+)=(.*)$/s.exec(value) ?? [undefined, String(path.at(-1)), value];
  return /^\$(?:\w+|\{[^}]*\})$/.test(rest ?? "") ? key : undefined;
}
