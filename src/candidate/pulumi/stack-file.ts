import { parse } from "yaml";
import { ResilienceError } from "../../history/errors.ts";
import { configPlaceholder } from "./config-placeholder.ts";
import type { Placeholder } from "./evaluation.ts";
import { fields } from "./values.ts";

/** A stack's configuration: plain values as they are, secret ones as placeholders. */
export interface StackConfig {
  /** By full key, "project:key". */
  config: Record<string, string>;
  secretKeys: string[];
  placeholders: Placeholder[];
}

/**
 * Reads Pulumi.<stack>.yaml. What stands behind `secure:` is cut out before the text is parsed: it is never read.
 *
 * @param defaults `config` of Pulumi.yaml
 * @param place the file's path, for errors
 * Errors: E_PULUMI_STACK where it is not YAML.
 */
export function readStackFile(
  content: string,
  project: string,
  place: string,
  defaults: Record<string, unknown> = {},
): StackConfig {
  const out: StackConfig = { config: {}, secretKeys: [], placeholders: [] };
  let document: Record<string, unknown>;
  try {
    document = fields(parse(content.replace(/(\bsecure"?\s*:)[^\n}]*/g, "$1 cut"), { logLevel: "error" }));
  } catch (error) {
    throw new ResilienceError("E_PULUMI_STACK", `${place} should be YAML but is not: ${String(error).split("\n")[0]}.`, {
      cure: "Correct the file.",
      exitCode: 3,
    });
  }
  const set = (key: string, value: unknown) => {
    const full = key.includes(":") ? key : `${project}:${key}`;
    let secret = false;
    const walk = (at: unknown): unknown => {
      if (typeof at !== "object" || at === null) return at;
      if (Array.isArray(at)) return at.map(walk);
      const entries = Object.entries(at as Record<string, unknown>);
      if (entries.length === 1 && entries[0]?.[0] === "secure") {
        secret = true;
        const made = configPlaceholder(full);
        if (!out.placeholders.some((each) => each.value === made.value)) out.placeholders.push(made);
        return made.value;
      }
      return Object.fromEntries(entries.map(([name, each]) => [name, walk(each)]));
    };
    const found = walk(value);
    if (found === null || found === undefined) return;
    out.config[full] = typeof found === "object" ? JSON.stringify(found) : String(found);
    if (secret && !out.secretKeys.includes(full)) out.secretKeys.push(full);
  };
  for (const [key, value] of Object.entries(defaults)) {
    const declared = fields(value);
    // Either a value, or a declaration of one: {type, default, secret} or {value}.
    const given =
      typeof value === "object" && value !== null && !Array.isArray(value) ? (declared.value ?? declared.default) : value;
    if (given !== undefined) set(key, given);
  }
  for (const [key, value] of Object.entries(fields(document.config))) set(key, value);
  return out;
}
