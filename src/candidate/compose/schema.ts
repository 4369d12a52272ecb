import { readFileSync } from "node:fs";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import type { Path, Plain, PlainMap, StackDocument } from "./document.ts";
import { refuse } from "./refuse.ts";

let compiled: ValidateFunction | undefined;

/** The Compose specification's JSON Schema, as the linter dclint ships it (draft 7); formats are left to our own readers, which say more. */
function schema(): ValidateFunction {
  if (compiled) return compiled;
  const manifest = import.meta.resolve("dclint/package.json");
  const text = readFileSync(new URL("schemas/compose.schema.json", manifest), "utf8");
  const document = JSON.parse(text) as { $schema?: string };
  delete document.$schema;
  compiled = new Ajv({ allErrors: true, strict: false, validateFormats: false, logger: false }).compile(document);
  return compiled;
}

/** Checks one file. Errors: E_COMPOSE_KEY for a key that the specification does not know, E_COMPOSE_SCHEMA for everything else. */
export function checkSchema(document: StackDocument, content: PlainMap): void {
  const check = schema();
  if (check(ordinary(content))) return;
  const errors = [...(check.errors ?? [])];
  const unknown = errors.find((error) => error.keyword === "additionalProperties" && !inAlternative(error));
  const error = unknown ?? errors.sort((a, b) => depth(b) - depth(a) || rank(a) - rank(b))[0];
  const path = error ? pathOf(error, content) : [];
  if (unknown) {
    const key = String(unknown.params.additionalProperty);
    const at = document.line([...path, key]).line;
    throw refuse(
      "E_COMPOSE_KEY",
      `${document.file}:${at}: ${path.length > 0 ? path.join(".") : "the file"} should hold keys of the Compose specification only but holds "${key}".`,
      "Correct its spelling or its indentation, or prefix it with x- if it is your own.",
    );
  }
  throw refuse(
    "E_COMPOSE_SCHEMA",
    `${document.file}:${document.line(path).line}: ${path.length > 0 ? path.join(".") : "the file"} should be as the Compose specification says but ${said(error)}.`,
    "See the Compose specification for what may stand there.",
  );
}

/** The checker's comparison of list items calls methods that every object has, so keys of such names are none of the specification's anyway. */
function ordinary(value: Plain): unknown {
  if (Array.isArray(value)) return value.map(ordinary);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key in Object.prototype ? `${key} ` : key, ordinary(inner)]),
  );
}

/** Of several alternatives that all failed, an unknown key of one says little. */
const inAlternative = (error: ErrorObject) => /\/(?:oneOf|anyOf)\//.test(error.schemaPath);
const depth = (error: ErrorObject) => error.instancePath.split("/").length;
const rank = ({ keyword }: ErrorObject) => ["type", "enum", "required", "pattern", "oneOf"].indexOf(keyword) + 1 || 9;

function said(error: ErrorObject | undefined): string {
  if (!error) return "is not";
  if (error.keyword === "enum") return `is none of ${(error.params.allowedValues as unknown[]).join(", ")}`;
  return (error.message ?? "is not").replace(/^must/, "it must");
}

/** A JSON pointer as a path; list indexes as numbers. */
function pathOf(error: ErrorObject, content: PlainMap): Path {
  let at: unknown = content;
  return error.instancePath
    .split("/")
    .slice(1)
    .map((part) => {
      const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
      const step = Array.isArray(at) ? Number(key) : key;
      at = at !== null && typeof at === "object" ? (at as Record<string | number, unknown>)[step] : undefined;
      return step;
    });
}
