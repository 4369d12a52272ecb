import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments, visit } from "yaml";
import { nestsDeeper } from "../yaml-depth.ts";
import { refuse } from "./refuse.ts";

/** A value of YAML with nothing of YAML left: no aliases, no tags, no merge keys; mappings have no prototype. */
export type Plain = string | number | boolean | null | Plain[] | PlainMap;
export interface PlainMap {
  [key: string]: Plain;
}

export type Path = readonly (string | number)[];

/** A stack file that is YAML of one mapping. */
export interface StackDocument {
  /** As shown: relative to the candidate's folder. */
  file: string;
  content: PlainMap;
  /** Line of the node at a path, or of the nearest node above it that is there, and how much of the path that has. */
  line: (path: Path) => { line: number; depth: number };
}

const deepest = 100;
/** Values after aliases are written out; a stack file of Sprocket has some three thousand. */
const most = 100_000;

/**
 * Reads a stack file's YAML (1.2, merge keys, numbers with a leading 0 are octal as Docker has them).
 *
 * Errors: E_COMPOSE_YAML, E_COMPOSE_DUPLICATE, E_COMPOSE_ALIASES.
 */
export function readDocument(text: string, file: string): StackDocument {
  if (nestsDeeper(text, deepest)) throw tooMuch(file);
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    merge: true,
    prettyErrors: false,
    // Its own check costs the square of a mapping's keys.
    uniqueKeys: false,
    logLevel: "silent",
  }) as Document[];
  const [document] = documents;
  const fault = document?.errors[0] ?? document?.warnings[0];
  if (fault) {
    const place = `${file}:${lines.linePos(fault.pos[0]).line}`;
    throw refuse("E_COMPOSE_YAML", `${place}: should be YAML but ${firstLine(fault.message)}.`, "Correct the file there.");
  }
  if (documents.length > 1)
    throw refuse(
      "E_COMPOSE_YAML",
      `${file}: should hold one YAML document but holds ${documents.length}.`,
      "Split it into files, and give them all.",
    );
  if (document) {
    const twice = duplicate(document);
    if (twice)
      throw refuse(
        "E_COMPOSE_DUPLICATE",
        `${file}:${lines.linePos(twice.at).line}: the key "${twice.key}" should stand once in its mapping but stands twice.`,
        "Remove one of them.",
      );
    octal(document);
  }
  const content = plain(document, file);
  if (content === null || typeof content !== "object" || Array.isArray(content))
    throw refuse(
      "E_COMPOSE_YAML",
      `${file}: should be a YAML mapping but is ${content === null ? "empty" : Array.isArray(content) ? "a list" : "one value"}.`,
      "Give a stack file: a mapping with `services:` in it.",
    );
  return {
    file,
    content,
    line: (path) => {
      let at: unknown = document?.contents;
      let found = { line: 1, depth: 0 };
      for (const [index, step] of path.entries()) {
        const [shown, inner] = stepInto(at, step);
        if (!isNode(shown) || !shown.range) break;
        found = { line: lines.linePos(shown.range[0]).line, depth: index + 1 };
        at = inner;
      }
      return found;
    },
  };
}

/** One step down: the node that shows where it stands (a mapping's key, a list's item), and what it holds. */
function stepInto(at: unknown, step: string | number): [shown: unknown, inner: unknown] {
  if (isMap(at)) {
    const pair = at.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
    return [pair?.key, pair?.value];
  }
  const item = isSeq(at) ? at.items[Number(step)] : undefined;
  return [item, item];
}

function firstLine(message: string): string {
  const line = (message.split("\n")[0] ?? "").replace(/[.:]+$/, "");
  return line.slice(0, 1).toLowerCase() + line.slice(1, 200);
}

/** The first key that its mapping has already. */
function duplicate(document: Document): { key: string; at: number } | undefined {
  let found: { key: string; at: number } | undefined;
  visit(document, {
    Map(_, map) {
      const keys = new Set<string>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        const name = String(key.value);
        if (keys.has(name)) {
          found = { key: name, at: key.range?.[0] ?? 0 };
          return visit.BREAK;
        }
        keys.add(name);
      }
      return undefined;
    },
  });
  return found;
}

/** YAML 1.2 reads 0440 as decimal; Docker's reader takes it as octal, which file modes mean. */
function octal(document: Document): void {
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === "number" && node.source && /^0[0-7]+$/.test(node.source))
        node.value = Number.parseInt(node.source, 8);
    },
  });
}

function tooMuch(file: string) {
  return refuse(
    "E_COMPOSE_ALIASES",
    `${file}: should hold at most ${most} values, nested at most ${deepest} deep, but its anchors and brackets make more, or refer to themselves.`,
    "Write out what the anchors repeat, and refer to no anchor inside itself.",
  );
}

/** Writes aliases out, bounded in depth and number, so that neither a circle nor a bomb of them gets further. */
function plain(document: Document | undefined, file: string): Plain {
  if (!document?.contents) return null;
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: most });
  } catch (thrown) {
    const faulty = anchorOf(document);
    if (thrown instanceof ReferenceError || thrown instanceof RangeError) throw tooMuch(file);
    throw refuse(
      "E_COMPOSE_YAML",
      `${file}: should be YAML but ${thrown instanceof Error ? firstLine(thrown.message) : "is not"}${faulty}.`,
      "Correct the file there.",
    );
  }
  let count = 0;
  const copy = (at: unknown, depth: number): Plain => {
    count += 1;
    if (count > most || depth > deepest) throw tooMuch(file);
    if (at === null || at === undefined) return null;
    if (Array.isArray(at)) return at.map((item) => copy(item, depth + 1));
    if (typeof at === "object" && !(at instanceof Uint8Array) && !(at instanceof Date)) {
      const entries =
        at instanceof Map ? [...at.entries()] : at instanceof Set ? [...at].map((key) => [key, null]) : Object.entries(at);
      const out: PlainMap = Object.create(null);
      for (const [key, inner] of entries) out[String(key)] = copy(inner, depth + 1);
      return out;
    }
    if (typeof at === "string" || typeof at === "number" || typeof at === "boolean") return at;
    return String(at);
  };
  return copy(value, 0);
}

/** Where a merge that cannot be stands, as far as one can say. */
function anchorOf(document: Document): string {
  let name = "";
  visit(document, {
    Pair(_, pair) {
      if (isScalar(pair.key) && pair.key.value === "<<" && isAlias(pair.value) && name === "")
        name = ` (at <<: *${pair.value.source})`;
    },
  });
  return name;
}
