import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { chooseStack } from "../../candidate/pulumi/choose-stack.ts";
import { type ProjectFile, readProjectFile } from "../../candidate/pulumi/project-file.ts";
import { readStackFile, type StackConfig } from "../../candidate/pulumi/stack-file.ts";
import { ResilienceError } from "../../history/errors.ts";

/** One Pulumi project of a checkout with the stack that is evaluated. */
export interface Project {
  /** Relative to the checkout; "." for the checkout itself. */
  folder: string;
  file: ProjectFile;
  stack: string;
  config: StackConfig;
}

export interface Checkout {
  /** Absolute. */
  root: string;
  projects: Project[];
  /** "project/stack" of those that were asked for, in the order of their folders. */
  wanted: string[];
}

/** How deep below a checkout a project may lie. */
const depth = 4;
const skipped = (name: string) => name === "node_modules" || name.startsWith(".");

export const stackName = (project: Project): string => `${project.file.name}/${project.stack}`;

/**
 * Reads what Pulumi's own files say of a folder: a checkout with several projects, or one project. Of one project alone, its neighbours in
 * the checkout are known too, since its stack references may mean them.
 *
 * @param folder absolute
 * Errors: E_PULUMI_PROJECT, E_PULUMI_STACK.
 */
export function readCheckout(folder: string): Checkout {
  const given = existsSync(folder) && statSync(folder).isDirectory() ? realpathSync(folder) : undefined;
  if (given === undefined) {
    throw new ResilienceError("E_PULUMI_PROJECT", `${folder} should be a folder but is none.`, {
      cure: "Give the folder of a checkout or of one stack in it.",
      exitCode: 3,
    });
  }
  const own = projectsBelow(given);
  if (own.length === 0) {
    throw new ResilienceError(
      "E_PULUMI_PROJECT",
      `${folder} should hold a Pulumi program but holds no Pulumi.yaml, nor do its folders.`,
      {
        cure: "Give the folder of a checkout or of one stack in it.",
        exitCode: 3,
      },
    );
  }
  const root = rootOf(given);
  const all = root === given ? own : projectsBelow(root);
  const projects: Project[] = [];
  for (const each of all) {
    const project = readProject(root, each, own.includes(each));
    if (project) projects.push(project);
  }
  const wanted = projects.filter((each) => own.includes(path.resolve(root, each.folder))).map(stackName);
  return { root, projects, wanted };
}

/** A project that was not asked for may be broken: it only matters when something refers to it. */
function readProject(root: string, folder: string, asked: boolean): Project | undefined {
  const relative = path.relative(root, folder) || ".";
  try {
    const name = existsSync(path.join(folder, "Pulumi.yaml")) ? "Pulumi.yaml" : "Pulumi.yml";
    const file = readProjectFile(readFileSync(path.join(folder, name), "utf8"), path.join(relative, name));
    const stack = chooseStack(relative, readdirSync(folder));
    const ending = existsSync(path.join(folder, `Pulumi.${stack}.yaml`)) ? "yaml" : "yml";
    const stackFile = `Pulumi.${stack}.${ending}`;
    const config = readStackFile(
      readFileSync(path.join(folder, stackFile), "utf8"),
      file.name,
      path.join(relative, stackFile),
      file.config,
    );
    return { folder: relative, file, stack, config };
  } catch (error) {
    if (asked) throw error;
    return undefined;
  }
}

const isProject = (folder: string) => existsSync(path.join(folder, "Pulumi.yaml")) || existsSync(path.join(folder, "Pulumi.yml"));

/** Folders with a Pulumi.yaml; those below a project are its own old copies and no projects of the checkout. */
function projectsBelow(folder: string, left = depth): string[] {
  if (isProject(folder)) return [folder];
  if (left === 0) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !skipped(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => projectsBelow(path.join(folder, entry.name), left - 1));
}

/** The checkout that a folder belongs to: where `.git` is, else the folder above a project that has neighbours or reaches out of its own. */
function rootOf(folder: string): string {
  for (let up = folder; ; up = path.dirname(up)) {
    if (existsSync(path.join(up, ".git"))) return up;
    if (up === path.dirname(up)) break;
  }
  if (!isProject(folder)) return folder;
  const above = path.dirname(folder);
  const neighbours = readdirSync(above, { withFileTypes: true }).some(
    (entry) => entry.isDirectory() && path.join(above, entry.name) !== folder && isProject(path.join(above, entry.name)),
  );
  return neighbours || linkedFolders(folder).some((each) => !each.startsWith(folder + path.sep)) ? above : folder;
}

/** Folders of the packages that a package takes from its own checkout (`file:`, `link:`). */
export function linkedFolders(folder: string): string[] {
  const manifest = path.join(folder, "package.json");
  if (!existsSync(manifest)) return [];
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(readFileSync(manifest, "utf8")) as Record<
    string,
    Record<string, string> | undefined
  >;
  return Object.values({ ...dependencies, ...devDependencies, ...optionalDependencies })
    .map((range) => /^(?:file|link):(.+)$/.exec(range)?.[1])
    .filter((target) => target !== undefined)
    .map((target) => path.resolve(folder, target))
    .filter((target) => existsSync(path.join(target, "package.json")));
}
