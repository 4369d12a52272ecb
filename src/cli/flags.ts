import { parseArgs } from "node:util";
import { badInput, refusal } from "./bad-input.ts";

/**
 * One flag, declared once: parsing, refusals and `--help` are all made from this. A flag without `read` is a switch.
 */
export interface Flag<T> {
  /** Placeholder of the value in `--help`, such as "PATTERN"; a switch has none. */
  placeholder?: string;
  describe: string;
  /** Value when the flag is not given. */
  fallback: T;
  /** May be given more than once; the values are collected in order. */
  many?: boolean;
  /** Turns the text into the value, or throws bad input that names `where`. */
  read?: (text: string, where: string) => unknown;
}

export type FlagTable = Record<string, Flag<unknown>>;
export type FlagValues<Table extends FlagTable> = { [Name in keyof Table]: Table[Name] extends Flag<infer T> ? T : never };

/** A flag that is on when given. */
export function toggle(describe: string): Flag<boolean> {
  return { describe, fallback: false };
}

/** One of a closed list of words. */
export function choice<Word extends string>(
  words: readonly [Word, ...Word[]],
  fallback: NoInfer<Word>,
  describe: string,
): Flag<Word> {
  return {
    placeholder: words.join("|"),
    describe,
    fallback,
    read: (text, where) => {
      if (!words.includes(text as Word)) throw badInput({ where: `for ${where}`, met: text, kind: "value", allowed: words });
      return text;
    },
  };
}

/** The same flag without a fallback, where not given is something else than the default given. */
export function optional<T>(flag: Flag<T>): Flag<T | undefined> {
  return { ...flag, fallback: undefined };
}

/** A whole number from `min` to `max`, both included. */
export function integer<T extends number | undefined>(
  limits: { min: number; max: number },
  fallback: T,
  describe: string,
): Flag<number | T> {
  return {
    placeholder: "N",
    describe,
    fallback,
    read: (text, where) => {
      const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
      if (!Number.isSafeInteger(value) || value < limits.min || value > limits.max)
        throw refusal(`Wrong value "${text}" for ${where}: allowed is a whole number from ${limits.min} to ${limits.max}.`);
      return value;
    },
  };
}

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration with its unit, such as "90s", "10m" or "1h30m"; the value is in milliseconds. */
export function duration(fallback: number | undefined, describe: string): Flag<number | undefined> {
  return {
    placeholder: "DURATION",
    describe,
    fallback,
    read: (text, where) => {
      const parts = [...text.matchAll(/(\d+)(ms|s|m|h)/g)];
      const total = parts.reduce((sum, part) => sum + Number(part[1]) * (unitMs[part[2] ?? ""] ?? Number.NaN), 0);
      if (parts.map((part) => part[0]).join("") !== text || !Number.isSafeInteger(total) || total <= 0)
        throw refusal(
          `Wrong value "${text}" for ${where}: allowed is a duration above zero with its unit, such as 90s, 10m or 1h30m.`,
        );
      return total;
    },
  };
}

/** Any text that is not empty, such as a path or a name. */
export function text<T extends string | undefined>(placeholder: string, fallback: T, describe: string): Flag<string | T> {
  return { placeholder, describe, fallback, read: notEmpty };
}

/** Texts, in the order given; the flag may be repeated, and a comma separates as well. */
export function texts(placeholder: string, describe: string): Flag<string[]> {
  return { placeholder, describe, fallback: [], many: true, read: notEmpty };
}

function notEmpty(value: string, where: string): string {
  if (value.trim() === "") throw refusal(`Empty value for ${where}: allowed is any text that is not empty.`);
  return value;
}

export interface ParsedArguments<Table extends FlagTable> {
  flags: FlagValues<Table>;
  positionals: string[];
}

const dashed = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** How a flag of the table is spelled on the command line: `keepOnFail` is `--keep-on-fail`. */
export const spelling = dashed;

/**
 * Reads flags and positionals of one command. Everything that is wrong is thrown as `E_BAD_INPUT`, the first thing first.
 * Splitting is Node's own; what Node would say about a mistake is replaced, since it names neither the nearest spelling nor the command.
 */
export function parseFlags<Table extends FlagTable>(
  table: Table,
  args: readonly string[],
  command: string,
): ParsedArguments<Table> {
  const names = new Map(Object.keys(table).map((name) => [dashed(name), name]));
  const options = Object.fromEntries(
    Object.entries(table).map(([name, flag]) => [
      dashed(name).slice(2),
      { type: flag.read ? ("string" as const) : ("boolean" as const) },
    ]),
  );
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  const values: Record<string, unknown> = {};
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const name = names.get(token.rawName);
    const flag = name === undefined ? undefined : table[name];
    if (name === undefined || flag === undefined)
      throw badInput({ where: `of \`${command}\``, met: token.rawName, kind: "flag", allowed: [...names.keys(), "--help"] });
    const where = `${token.rawName} of \`${command}\``;
    if (!flag.read) {
      if (token.value !== undefined)
        throw refusal(`Unexpected value "${token.value}" for ${where}: it is a switch and takes none.`);
      values[name] = true;
      continue;
    }
    // Node takes the next argument whatever it is; a flag in the place of a value is a forgotten value.
    if (token.value === undefined || (!token.inlineValue && token.value.startsWith("-")))
      throw refusal(`Missing value for ${where}: allowed is ${token.rawName} ${flag.placeholder ?? "VALUE"}.`);
    if (flag.many) {
      const read = token.value.split(",").map((part) => flag.read?.(part.trim(), where));
      values[name] = [...((values[name] as unknown[] | undefined) ?? []), ...read];
    } else {
      if (name in values) throw refusal(`${token.rawName} of \`${command}\` is given twice: allowed is one value.`);
      values[name] = flag.read(token.value, where);
    }
  }
  const flags = Object.fromEntries(
    Object.entries(table).map(([name, flag]) => [name, name in values ? values[name] : flag.fallback]),
  );
  return { flags: flags as FlagValues<Table>, positionals };
}
