import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadSuites } from "../../suites/index.ts";
import { judgeVersion, type VerdictDocument, verdictBytes } from "../check/verdict.ts";
import { type ExitCode, exitCodes } from "../history/errors.ts";
import { painter, terminal } from "../report/terminal.ts";
import { judgeFolder } from "./run.ts";

export interface JudgeOutcome {
  exitCode: ExitCode;
  document: VerdictDocument;
  text: string;
}

/**
 * Judges a run's folder again from history.jsonl and its side files alone, and holds the outcome against the verdict.json that is there: the same
 * bytes, or exit code 1 and the first difference.
 */
export async function runJudge(options: { runDir: string; json: boolean }): Promise<JudgeOutcome> {
  await loadSuites();
  const { verdict, events } = judgeFolder(options.runDir);
  const path = join(options.runDir, "verdict.json");
  const made = verdictBytes(verdict);
  const told = existsSync(path) ? readFileSync(path, "utf8") : undefined;
  const difference = told === undefined ? undefined : firstDifference(told, made);
  const compared =
    told === undefined
      ? `${path} is not there: nothing to compare with`
      : difference === undefined
        ? `${path} is reproduced byte for byte (${Buffer.byteLength(made)} bytes)`
        : `${path} is not what its history gives: ${difference}${verdict.judge === judgeVersion ? "" : `; judges of version ${verdict.judge} wrote it, these are of version ${judgeVersion}`}`;
  const paint = painter({ isTTY: process.stdout.isTTY === true && !options.json, env: process.env });
  return {
    exitCode: difference === undefined ? verdict.exitCode : exitCodes.fail,
    document: verdict,
    text: `${terminal(verdict, events, { folder: options.runDir, paint })}${compared}\n`,
  };
}

/** Where two texts first differ, by line, with both lines; undefined when they are the same. */
export function firstDifference(told: string, made: string): string | undefined {
  if (told === made) return undefined;
  const [there, here] = [told.split("\n"), made.split("\n")];
  const line = there.findIndex((text, index) => text !== here[index]);
  const at = line < 0 ? there.length : line;
  const show = (text: string | undefined) => (text === undefined ? "nothing" : `\`${text.trim().slice(0, 200)}\``);
  return `line ${at + 1} has ${show(there[at])}, and the history gives ${show(here[at])}`;
}
