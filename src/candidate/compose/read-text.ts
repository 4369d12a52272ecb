import { readFile, realpath, stat } from "node:fs/promises";
import { isAbsolute, relative, sep } from "node:path";
import { refuse } from "./refuse.ts";

/** A stack file of every service that Sprocket ever had is a tenth of this; what is larger is something else. */
const largestStackFile = 256 * 1024;
/** Swarm refuses a larger config. */
const largestConfig = 1000 * 1024;

/** Text of a stack file. Errors: E_COMPOSE_FILE, E_COMPOSE_HUGE, E_COMPOSE_BINARY. */
export async function readStackFile(path: string, shown: string): Promise<string> {
  const cure = "Give the path of a stack file, or of several as they are deployed together.";
  return text(await bytes(path, shown, largestStackFile, "E_COMPOSE_FILE", cure), shown);
}

/**
 * Text of a file that a stack file names, which must lie in `root`, links followed.
 *
 * @param where the place that names it, for errors
 * Errors: E_COMPOSE_OUTSIDE, E_COMPOSE_CONFIG_FILE, E_COMPOSE_HUGE, E_COMPOSE_BINARY.
 */
export async function readConfigFile(path: string, root: string, where: string, written: string): Promise<string> {
  const named = `${where} names the file "${written}"`;
  const outside = refuse(
    "E_COMPOSE_OUTSIDE",
    `${named}, which should lie in the folder of the candidate but lies outside.`,
    "Move it there, or name a folder that holds both as the candidate: nothing outside it is read.",
  );
  if (!isInside(path, root)) throw outside;
  let real: string;
  try {
    real = await realpath(path);
    if (!isInside(real, await realpath(root))) throw outside;
  } catch (thrown) {
    if (thrown === outside) throw thrown;
    throw missing(named, thrown);
  }
  return text(await bytes(real, named, largestConfig, "E_COMPOSE_CONFIG_FILE", missingCure), named);
}

/** Whether a path is the folder itself or lies in it, by name. */
export function isInside(path: string, root: string): boolean {
  const way = relative(root, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

const missingCure = "Correct the path: it is relative to the folder of the first stack file.";
const missing = (named: string, cause: unknown) =>
  refuse("E_COMPOSE_CONFIG_FILE", `${named}, which should be a readable file but ${reason(cause)}.`, missingCure, cause);

async function bytes(
  path: string,
  shown: string,
  limit: number,
  code: "E_COMPOSE_FILE" | "E_COMPOSE_CONFIG_FILE",
  cure: string,
): Promise<Buffer> {
  const huge = (size: number) =>
    refuse(
      "E_COMPOSE_HUGE",
      `${shown}: should have at most ${limit} bytes but has ${size}.`,
      "Give a stack file, and configs within Swarm's own limit of 1000 KiB.",
    );
  try {
    const { size } = await stat(path);
    if (size > limit) throw huge(size);
    const content = await readFile(path);
    // It may have grown since, or be a device that has no size.
    if (content.length > limit) throw huge(content.length);
    return content;
  } catch (thrown) {
    if (thrown instanceof Error && "exitCode" in thrown) throw thrown;
    throw refuse(code, `${shown}: should be a readable file but ${reason(thrown)}.`, cure, thrown);
  }
}

function reason(thrown: unknown): string {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  const known: Record<string, string> = {
    ENOENT: "there is none",
    EISDIR: "is a folder",
    EACCES: "may not be read",
    ENOTDIR: "a part of its path is no folder",
    ELOOP: "its links lead in a circle",
  };
  return known[code] ?? `cannot be read${code ? ` (${code})` : ""}`;
}

function text(content: Buffer, shown: string): string {
  try {
    const decoded = new TextDecoder("utf-8", { fatal: true }).decode(content);
    if (!decoded.includes("\0")) return decoded;
  } catch {
    // Not UTF-8: said below.
  }
  throw refuse("E_COMPOSE_BINARY", `${shown}: should be text in UTF-8 but holds bytes that are none.`, "Save it as UTF-8 text.");
}
