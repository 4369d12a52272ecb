import { existsSync } from "node:fs";
import { access, constants, readdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { CandidateSource } from "../experiment/candidate.ts";
import { refusal } from "./bad-input.ts";
import { guess } from "./files.ts";
import type { FlagValues } from "./flags.ts";
import { nearest } from "./nearest.ts";
import type { candidateFlags } from "./run-flags.ts";

const allowed = "`reference`, a folder with Pulumi.yaml in it or one level below, or stack files (.yml, .yaml)";

/**
 * What `--candidate` names: the reference, a Pulumi checkout (or the folder of one of its stacks), or stack files. Looks at names only; nothing is read or started.
 */
export async function candidateSource(
  flags: FlagValues<typeof candidateFlags>,
  cwd: string,
  command: string,
): Promise<CandidateSource> {
  const given = flags.candidate;
  const where = `--candidate of \`${command}\``;
  if (given.length === 0 || (given.length === 1 && given[0] === "reference")) {
    if (flags.relaxLock)
      throw refusal(`Unexpected --relax-lock of \`${command}\`: allowed is it with a Pulumi checkout as --candidate.`);
    return { kind: "reference", profile: flags.profile ?? "core" };
  }
  if (given.includes("reference")) throw refusal(`Both "reference" and a path for ${where}: allowed is one of them.`);
  if (flags.profile !== undefined)
    throw refusal(
      `Unexpected --profile ${flags.profile} of \`${command}\`: allowed is it with the reference, and --candidate names another.`,
    );

  const paths = await Promise.all(
    given.map(async (path) => ({ given: path, path: resolve(cwd, path), is: await kindOf(resolve(cwd, path)) })),
  );
  for (const one of paths) {
    if (one.is === "missing") throw await missing(one.given, one.path, where);
    if (one.is === "other")
      throw refusal(`Wrong path "${one.given}" for ${where}: allowed is ${allowed}, and this is a special file.`);
  }
  const folders = paths.filter((one) => one.is === "folder");
  const [folder] = folders;
  if (folder) {
    if (paths.length > 1)
      throw refusal(
        `Several paths for ${where}, of which "${folder.given}" is a folder: allowed is one folder, or several stack files.`,
      );
    if (!(await isPulumi(folder.path))) throw await noProgram(folder.given, folder.path, where);
    return { kind: "pulumi", folder: folder.path, relaxLock: flags.relaxLock };
  }
  if (flags.relaxLock)
    throw refusal(`Unexpected --relax-lock of \`${command}\`: allowed is it with a Pulumi checkout as --candidate.`);
  for (const one of paths) {
    if (!/\.ya?ml$/i.test(one.path)) throw refusal(`Wrong file "${one.given}" for ${where}: allowed is ${allowed}.`);
    if (/^Pulumi(\..+)?\.ya?ml$/.test(basename(one.path)))
      throw refusal(
        `Wrong file "${one.given}" for ${where}: it belongs to a Pulumi program; allowed is its folder, "${relative(cwd, dirname(one.path)) || "."}".`,
      );
    await access(one.path, constants.R_OK).catch(() => {
      throw refusal(`Unreadable file "${one.given}" for ${where}: allowed is a file that this user may read.`);
    });
  }
  const files = paths.map((one) => one.path);
  return { kind: "compose", files, root: rootOf(files) };
}

/** The folder that stack files may name other files of: their checkout, or what they have in common where they lie in none. */
function rootOf(files: string[]): string {
  const holds = (folder: string) => files.every((file) => file.startsWith(folder.endsWith("/") ? folder : `${folder}/`));
  let common = dirname(files[0] as string);
  while (!holds(common)) common = dirname(common);
  for (let folder = common; ; folder = dirname(folder)) {
    if (existsSync(join(folder, ".git"))) return folder;
    if (folder === dirname(folder)) return common;
  }
}

/** For commands that know the reference by heart: what they change or measure is there and nowhere else. */
export function referenceOnly(source: CandidateSource, command: string): Extract<CandidateSource, { kind: "reference" }> {
  if (source.kind === "reference") return source;
  throw refusal(
    `Wrong candidate for --candidate of \`${command}\`: allowed is reference, since what it changes or measures is known of that one alone.`,
  );
}

async function kindOf(path: string): Promise<"missing" | "folder" | "file" | "other"> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return "missing";
  return found.isDirectory() ? "folder" : found.isFile() ? "file" : "other";
}

async function missing(given: string, path: string, where: string) {
  // A word without a slash or a dot is more likely the reference misspelt than a path.
  if (!/[/.\\]/.test(given) && nearest(given, ["reference"]) !== undefined)
    return refusal(`Unknown value "${given}" for ${where}: allowed is ${allowed}; did you mean "reference"?`);
  return refusal(`Missing file or folder "${given}" for ${where}: allowed is ${allowed}${await guess(path)}.`);
}

async function isPulumi(folder: string): Promise<boolean> {
  const entries = await readdir(folder, { withFileTypes: true });
  const project = (name: string) => name === "Pulumi.yaml" || name === "Pulumi.yml";
  if (entries.some((entry) => entry.isFile() && project(entry.name))) return true;
  const below = entries.filter((entry) => entry.isDirectory() && entry.name !== "node_modules");
  const names = await Promise.all(below.map((entry) => readdir(join(folder, entry.name)).catch(() => [])));
  return names.flat().some(project);
}

async function noProgram(given: string, folder: string, where: string) {
  const stackFiles = (await readdir(folder)).filter((name) => /\.ya?ml$/i.test(name) && !name.startsWith("."));
  const likely = stackFiles.find((name) => /stack|compose/i.test(name)) ?? stackFiles[0];
  const hint = likely === undefined ? "" : `; the nearest is the stack file "${join(given, likely)}"`;
  return refusal(
    `Wrong folder "${given}" for ${where}: it has no Pulumi.yaml in it or one level below; allowed is ${allowed}${hint}.`,
  );
}
