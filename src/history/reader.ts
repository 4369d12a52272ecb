import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ResilienceError } from "./errors.ts";
import { type EventOf, type HistoryEvent, historySchema } from "./events.ts";
import type { Sample } from "./sample.ts";
import { historyEventSchema, sampleSchema } from "./schema.ts";
import { historyFile } from "./writer.ts";

/** A history as it lies on disk. `truncated` says that the last line was torn by a crash, and was left out. */
export interface ReadHistory {
  events: HistoryEvent[];
  truncated?: { line: number; bytes: number };
}

/**
 * Reads and checks a run's history.
 * @throws ResilienceError E_HISTORY_MISSING (no file), E_HISTORY_NEWER (written by a later version), E_HISTORY_BAD (any line but a torn last one is not
 *   an event, with its number).
 */
export function readHistory(folder: string): ReadHistory {
  const path = join(folder, historyFile);
  const lines = read(path).split("\n");
  const unfinished = lines.pop() ?? "";
  const events: HistoryEvent[] = [];
  for (const [index, line] of lines.entries()) {
    const parsed = parse(line);
    if (index === 0) refuseNewer(path, parsed);
    // A machine that lost power may leave its last block unwritten, as zeros.
    if (parsed === undefined && index === lines.length - 1 && unfinished === "" && /^\0*$/.test(line) && line !== "") {
      return { events, truncated: { line: index + 1, bytes: line.length } };
    }
    events.push(checked(path, index, parsed));
  }
  if (unfinished === "") return { events };
  const last = parse(unfinished);
  if (last === undefined) return { events, truncated: { line: lines.length + 1, bytes: Buffer.byteLength(unfinished) } };
  if (events.length === 0) refuseNewer(path, last);
  events.push(checked(path, lines.length, last));
  return { events };
}

/**
 * Reads one side file of dense samples and holds it against its event.
 * @throws ResilienceError E_SAMPLES_BAD when it is missing, is not the one that was written, or holds something else than samples.
 */
export function readSideFile(folder: string, event: EventOf<"samples">): Sample[] {
  const path = join(folder, event.file);
  const bad = (met: string, cause?: unknown) =>
    new ResilienceError(
      "E_SAMPLES_BAD",
      `${event.file} should hold the ${event.count} samples of ${event.observation}, but ${met}.`,
      {
        cure: "Judge the run's folder as it was written; copy side files together with history.jsonl.",
        exitCode: 3,
        cause,
      },
    );
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw bad(`it cannot be read (${(error as NodeJS.ErrnoException).code})`, error);
  }
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== event.sha256) throw bad("its bytes are not those that were written (sha256 differs)");
  const samples = bytes.toString().split("\n").slice(0, -1);
  if (samples.length !== event.count) throw bad(`it holds ${samples.length}`);
  return samples.map((line, index) => {
    const result = sampleSchema.safeParse(parse(line));
    if (!result.success) throw bad(`line ${index + 1} is not a sample: ${issueOf(result.error)}`);
    return result.data as Sample;
  });
}

/** The side files of a run by name, each read and checked once, when first asked for: what `judgeHistory` wants. */
export function sideFiles(folder: string, events: readonly HistoryEvent[]): (name: string) => Sample[] {
  const known = new Map<string, Sample[]>();
  return (name) => {
    const met = known.get(name);
    if (met) return met;
    const event = events.find((candidate) => candidate.type === "samples" && candidate.file === name);
    if (event?.type !== "samples") throw new Error(`no event names ${name}`);
    const samples = readSideFile(folder, event);
    known.set(name, samples);
    return samples;
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ResilienceError("E_HISTORY_MISSING", `A run's history was expected at ${path}, and it cannot be read.`, {
      cure: "Give the folder of a run, e.g. runs/<id>; `history.jsonl` must lie in it.",
      exitCode: 3,
      cause: error,
    });
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function refuseNewer(path: string, first: unknown): void {
  const schema = (first as { schema?: unknown } | undefined)?.schema;
  if (typeof schema !== "number" || schema <= historySchema) return;
  throw new ResilienceError("E_HISTORY_NEWER", `${path} has schema ${schema}, and this version reads up to ${historySchema}.`, {
    cure: "Judge it with the version of sprocket-resilience that wrote it (`product` in its first line), or a later one.",
    exitCode: 3,
  });
}

function checked(path: string, index: number, parsed: unknown): HistoryEvent {
  const bad = (met: string) =>
    new ResilienceError(
      "E_HISTORY_BAD",
      `${path}, line ${index + 1}, should be an event of schema ${historySchema}, but ${met}.`,
      {
        cure: "Restore the file as it was written; a history is never edited, except to see a verdict change.",
        exitCode: 3,
      },
    );
  if (parsed === undefined) throw bad("it is not JSON");
  const result = historyEventSchema.safeParse(parsed);
  if (!result.success) throw bad(issueOf(result.error));
  if (result.data.seq !== index) throw bad(`its seq is ${result.data.seq} instead of ${index}: a line is missing or was moved`);
  return result.data as HistoryEvent;
}

function issueOf(error: { issues: readonly { path: PropertyKey[]; message: string }[] }): string {
  const issue = error.issues[0];
  const place = issue?.path.map(String).join(".");
  return `${place ? `${place}: ` : ""}${issue?.message ?? "it does not fit"}`;
}
