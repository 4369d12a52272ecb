import { constants } from "node:fs";
import { access, readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { refusal } from "./bad-input.ts";
import { nearest } from "./nearest.ts";

/** Refuses a path that is no readable file, naming the nearest one in its folder. */
export async function existingFile(path: string, what: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw refusal(`Missing file "${path}" for ${what}: allowed is a file that exists${await guess(path)}.`);
  if (!found.isFile())
    throw refusal(
      `Wrong path "${path}" for ${what}: allowed is a file, and this is a ${found.isDirectory() ? "folder" : "special file"}.`,
    );
  await access(path, constants.R_OK).catch(() => {
    throw refusal(`Unreadable file "${path}" for ${what}: allowed is a file that this user may read.`);
  });
}

/** Refuses a path whose folder is missing or closed, or that is itself a folder. */
export async function writableFile(path: string, what: string): Promise<void> {
  const folder = dirname(path);
  await access(folder, constants.W_OK).catch(async () => {
    throw refusal(
      `Wrong folder "${folder}" for ${what}: allowed is a folder that exists and that this user may write${await guess(folder)}.`,
    );
  });
  if ((await stat(path).catch(() => undefined))?.isDirectory())
    throw refusal(`Wrong path "${path}" for ${what}: allowed is a file, and this is a folder.`);
}

/** The absolute folder of a finished run; refuses one that is missing or that has no history. */
export async function existingRun(given: string, cwd: string): Promise<string> {
  const folder = resolve(cwd, given);
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory())
    throw refusal(`Missing folder "${given}" for RUN_DIR of \`judge\`: allowed is the folder of a run${await guess(folder)}.`);
  await existingFile(join(folder, "history.jsonl"), "RUN_DIR of `judge`");
  return folder;
}

/** `; the nearest is …` for a path that is not there; empty when nothing beside it is near. */
export async function guess(path: string): Promise<string> {
  const siblings = await readdir(dirname(path)).catch(() => []);
  const name = nearest(basename(path), siblings);
  return name === undefined ? "" : `; the nearest is "${join(dirname(path), name)}"`;
}
