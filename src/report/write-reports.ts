import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { secretScan } from "../check/run-checks.ts";
import { type VerdictDocument, verdictBytes } from "../check/verdict.ts";
import type { HistoryEvent } from "../history/events.ts";
import { replicaFolder } from "../history/run-files.ts";
import type { Sample } from "../history/sample.ts";
import type { HistoryWriter } from "../history/writer.ts";
import { html } from "./html.ts";
import { junit } from "./junit.ts";
import { summary } from "./summary.ts";

export interface WrittenReports {
  verdict: string;
  junit: string;
  summary: string;
  html: string;
}

/**
 * Writes verdict.json, junit.xml, summary.md and report.html into a run's folder, each whole or not at all: a crash in between leaves the old file.
 * @param sideFile dense samples for the report's expandable tables; without it they are only counted.
 * @returns the paths.
 */
export function writeReports(
  folder: string,
  verdict: VerdictDocument,
  events: readonly HistoryEvent[],
  options: { sideFile?: (name: string) => Sample[] } = {},
): WrittenReports {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(`${path}.part`, text);
    renameSync(`${path}.part`, path);
    return path;
  };
  return {
    verdict: write("verdict.json", verdictBytes(verdict)),
    junit: write("junit.xml", junit(verdict)),
    summary: write("summary.md", summary(verdict, events)),
    html: write("report.html", html(verdict, events, options)),
  };
}

/** A secret met in one of our own artifacts; the secret itself is not repeated. */
export interface LeakedSecret {
  file: string;
  name: string;
  line: number;
}

/**
 * Looks for known secrets in every file of a run's folder, but for the one that holds a kept replica's secrets on purpose. One that is found fails the run.
 * @param secrets of the redactor (`Redactor.secrets()`), every spelling.
 */
export function scanForSecrets(folder: string, secrets: readonly { name: string; spelling: string }[]): LeakedSecret[] {
  const leaked: LeakedSecret[] = [];
  if (secrets.length === 0) return leaked;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if (relative(folder, path).split(sep)[0] === replicaFolder) continue;
    // Bytes as Latin-1 keep their places, whatever the file holds; a secret's bytes are looked for in the same spelling.
    const content = readFileSync(path, "latin1");
    const names = new Set<string>();
    for (const { name, spelling } of secrets) {
      const at = content.indexOf(Buffer.from(spelling).toString("latin1"));
      if (at < 0 || names.has(name)) continue;
      names.add(name);
      leaked.push({ file: relative(folder, path), name, line: content.slice(0, at).split("\n").length });
    }
  }
  return leaked.sort((a, b) => a.file.localeCompare(b.file) || a.name.localeCompare(b.name));
}

/**
 * Searches what was written so far and records what was found as a fact, which `run/no-secrets` judges: call it once, after teardown and just before
 * `run-ended`. The reports are made from the history alone, so what is not in it is not in them.
 */
export async function recordSecretScan(
  writer: HistoryWriter,
  secrets: readonly { name: string; spelling: string }[],
): Promise<LeakedSecret[]> {
  await writer.flush();
  const leaked = scanForSecrets(writer.folder, secrets);
  writer.append({ type: "fact", observation: secretScan.observation, name: secretScan.fact, data: leaked });
  return leaked;
}
