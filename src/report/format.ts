import { stripVTControlCharacters } from "node:util";
import type { CheckVerdict } from "../check/verdict.ts";
import type { CandidateRef } from "../history/events.ts";

/** Where an imported candidate was read from, in a few words: `pulumi: infra/prod, infra/layer_1, commit 9bc3efe`. */
export function originWords({ kind, read, commit }: NonNullable<CandidateRef["origin"]>): string {
  return `${kind}: ${read.join(", ")}${commit ? `, commit ${commit.slice(0, 12)}` : ""}`;
}

/** Milliseconds as a person reads them: `40 ms`, `3.2 s`, `2 min 05 s`, `1 h 02 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** Bytes in powers of 1024: `135 MiB`, `2.4 GiB`. */
export function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** One mark a verdict: never by colour alone. */
export const marks: Record<CheckVerdict, string> = { pass: "✔", fail: "✘", unknown: "?", "not-applicable": "–" };

export const words: Record<CheckVerdict, string> = { pass: "PASS", fail: "FAIL", unknown: "UNKNOWN", "not-applicable": "n/a" };

/** On a terminal. */
export const colours = { pass: "green", fail: "red", unknown: "yellow", "not-applicable": "gray" } as const;

/** A short name of a hash or an image id: enough to compare by eye. */
export function shortHash(hash: string): string {
  const [, hex = hash] = /^(?:sha256:)?(.*)$/.exec(hash) ?? [];
  return hex.slice(0, 12);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Control characters of captured output must not steer a terminal, or end an XML document. */
export function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\r\n?/g, "\n")
    .replace(/[^\P{Cc}\t\n]|[\ufffe\uffff]/gu, "\ufffd");
}

export function toWidth(text: string, width: number): string {
  const letters = [...text];
  return letters.length > width ? `${letters.slice(0, width - 1).join("")}…` : text + " ".repeat(width - letters.length);
}

/** Not longer than `most` letters; … says that something is left out. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
