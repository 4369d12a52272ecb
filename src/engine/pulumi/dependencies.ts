import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { nearestVersion } from "../../candidate/pulumi/nearest-version.ts";
import { ResilienceError } from "../../history/errors.ts";
import type { Substitution } from "../../history/events.ts";
import { linkedFolders } from "./checkout.ts";
import { modulesOf } from "./packages-volume.ts";

/** Packages of a checkout, installed outside it. */
export interface Dependencies {
  /** Absolute; below it the checkout's folders, each with the `node_modules` of its package. */
  folder: string;
  /** Relative folders that have a `node_modules`. */
  packages: string[];
  /** Packages of the checkout itself that npm links: where the link is below `folder`, and the folder of the checkout that it means. */
  links: { at: string; to: string }[];
  differences: Substitution[];
}

/** Raised when the way of installing changes, so that what was installed before is not used again. */
const format = 2;

/** How many packages may be moved to another version before it is called hopeless. */
const mostRelaxed = 20;

interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  overrides?: Record<string, unknown>;
  workspaces?: unknown;
}
interface Lock {
  packages?: Record<string, { version?: string }>;
  dependencies?: unknown;
}

/**
 * Installs what programs depend on with the host's npm, as their lock files say and without running any script of a package, into a folder
 * outside the checkout that is named by those files' hash: the next time it is there already.
 *
 * @param folders relative folders of the projects
 * @param relax moves a locked version that the registry does not serve to the nearest one, and says so in `differences`
 * Errors: E_PULUMI_PACKAGE where a locked version is not served; E_PULUMI_INSTALL for everything else that npm says.
 */
export async function installDependencies(options: {
  root: string;
  folders: readonly string[];
  relax: boolean;
  cacheDir: string;
  signal: AbortSignal;
  onProgress: (line: string) => void;
}): Promise<Dependencies> {
  const { root, relax, signal, onProgress } = options;
  const packages = packagesOf(root, options.folders);
  const texts = packages.flatMap((each) => ["package.json", "package-lock.json", ".npmrc"].map((name) => [each, name] as const));
  const hash = createHash("sha256").update(`${format} ${relax}`);
  for (const [folder, name] of texts) {
    const file = path.join(root, folder, name);
    hash.update(`${folder}/${name}\0`).update(existsSync(file) ? readFileSync(file) : "absent");
  }
  const folder = path.join(options.cacheDir, `packages-${hash.digest("hex").slice(0, 24)}`);
  const record = path.join(folder, "installed.json");
  if (existsSync(record)) {
    const { links, differences } = JSON.parse(readFileSync(record, "utf8")) as Pick<Dependencies, "links" | "differences">;
    return { folder, packages, links, differences };
  }
  const building = `${folder}.${process.pid}`;
  rmSync(building, { recursive: true, force: true });
  try {
    for (const [inside, name] of texts) {
      const from = path.join(root, inside, name);
      if (!existsSync(from)) continue;
      const to = path.join(building, inside, name);
      mkdirSync(path.dirname(to), { recursive: true });
      writeFileSync(to, readFileSync(from));
    }
    const moves = new Moves(building, packages, signal, onProgress);
    const unlocked = packages.filter((each) => !existsSync(path.join(root, each, "package-lock.json")));
    // The first that fails ends the others: they would write on into a folder that is gone.
    const failed = new AbortController();
    const both = AbortSignal.any([signal, failed.signal]);
    const results = await Promise.allSettled(
      packages.map(async (each) => {
        try {
          await installOne(path.join(building, each), each, { relax, moves, signal: both, onProgress });
        } catch (error) {
          if (!failed.signal.aborted) failed.abort(error);
          throw error;
        }
      }),
    );
    if (results.some(({ status }) => status === "rejected")) throw signal.aborted ? signal.reason : failed.signal.reason;
    const differences = [
      ...[...moves.all].sort().map(([name, { locked, got }]) => ({
        subject: `package:${name}`,
        kind: "version" as const,
        asked: locked,
        got,
        why: "the registry does not serve the locked version",
        hides: [],
      })),
      ...unlocked.map((each) => ({
        subject: `package:${each}`,
        kind: "version" as const,
        asked: "versions that a package-lock.json pins",
        got: "what the registry serves",
        why: "the program has no such file",
        hides: [],
      })),
    ];
    const links = packages.flatMap((each) => linksBelow(building, modulesOf(each)));
    writeFileSync(path.join(building, "installed.json"), JSON.stringify({ links, differences }));
    rmSync(folder, { recursive: true, force: true });
    renameSync(building, folder);
    return { folder, packages, links, differences };
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

/** Relative folders of every package that the projects need: their own or the next one above, and the linked ones. */
function packagesOf(root: string, folders: readonly string[]): string[] {
  const found = new Set<string>();
  const visit = (folder: string) => {
    const relative = path.relative(root, folder) || ".";
    if (relative.startsWith("..") || found.has(relative)) return;
    found.add(relative);
    for (const each of linkedFolders(folder)) visit(each);
  };
  for (const project of folders) {
    for (let up = path.resolve(root, project); ; up = path.dirname(up)) {
      if (dependsOnAnything(up)) {
        visit(up);
        break;
      }
      if (up === root || up === path.dirname(up)) break;
    }
  }
  // A workspace is installed at its root, which links its members.
  const top = path.join(root, "package.json");
  if (existsSync(top) && (JSON.parse(readFileSync(top, "utf8")) as Manifest).workspaces !== undefined) found.add(".");
  return [...found].sort();
}

/** Links of a `node_modules` that lead out of it: linked packages and members of a workspace. */
function linksBelow(root: string, modules: string): Dependencies["links"] {
  const folder = path.join(root, modules);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory() && entry.name.startsWith("@")) return linksBelow(root, `${modules}/${entry.name}`);
    if (!entry.isSymbolicLink()) return [];
    const to = path.relative(root, path.resolve(folder, readlinkSync(path.join(folder, entry.name))));
    return to.split(path.sep).includes("node_modules") || to.startsWith("..") ? [] : [{ at: `${modules}/${entry.name}`, to }];
  });
}

/** A package.json that only says what kind of modules lie beside it is no package to install. */
function dependsOnAnything(folder: string): boolean {
  const file = path.join(folder, "package.json");
  if (!existsSync(file)) return false;
  const manifest = JSON.parse(readFileSync(file, "utf8")) as Manifest;
  return Object.keys({ ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies }).length > 0;
}

interface Missing {
  name: string;
  version: string;
}

/** Which packages are moved to which version; shared by all of a checkout, since what one has met the others need not. */
class Moves {
  readonly all = new Map<string, { locked: string; got: string }>();
  readonly #looks = new Map<string, Promise<void>>();
  readonly #building: string;
  readonly #packages: readonly string[];
  readonly #signal: AbortSignal;
  readonly #onProgress: (line: string) => void;

  constructor(building: string, packages: readonly string[], signal: AbortSignal, onProgress: (line: string) => void) {
    this.#building = building;
    this.#packages = packages;
    this.#signal = signal;
    this.#onProgress = onProgress;
  }

  /** Finds the nearest version of a package that is not served, and looks at its siblings too: one install less for each that lacks one. */
  async add(missing: Missing): Promise<void> {
    const scope = /^@[^/]+\//.exec(missing.name)?.[0];
    const siblings =
      scope === undefined ? [] : this.#packages.flatMap((each) => directlyLocked(path.join(this.#building, each), scope));
    await Promise.all([missing, ...siblings].map((each) => this.#look(each, each === missing)));
  }

  #look({ name, version }: Missing, missing: boolean): Promise<void> {
    const key = `${name}@${version}`;
    const known = this.#looks.get(key);
    // A sibling that looked served may still lack its archive.
    if (known !== undefined && !(missing && !this.all.has(name))) return known;
    const look = (async () => {
      const served = await servedVersions(name, this.#building, this.#signal);
      if (!missing && (served.length === 0 || served.includes(version))) return;
      const got = nearestVersion(
        version,
        served.filter((each) => each !== version),
      );
      if (got === undefined) return;
      this.#onProgress(`${name} ${version} is not served: ${got} instead`);
      this.all.set(name, { locked: version, got });
    })();
    this.#looks.set(key, look);
    return look;
  }
}

/** Locked versions of a package's own dependencies of one scope. */
function directlyLocked(folder: string, scope: string): Missing[] {
  const file = path.join(folder, "package-lock.json");
  if (!existsSync(file)) return [];
  const { packages } = JSON.parse(readFileSync(file, "utf8")) as Lock;
  const manifest = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as Manifest;
  return Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })
    .filter((name) => name.startsWith(scope))
    .flatMap((name) => {
      const version = packages?.[`node_modules/${name}`]?.version;
      return version === undefined ? [] : [{ name, version }];
    });
}

interface InstallOptions {
  relax: boolean;
  moves: Moves;
  signal: AbortSignal;
  onProgress: (line: string) => void;
}

async function installOne(folder: string, name: string, options: InstallOptions): Promise<void> {
  const { relax, moves, signal, onProgress } = options;
  for (let tries = 0; ; tries += 1) {
    for (const [each, { locked, got }] of moves.all) unlock(folder, each, locked, got);
    const locked = !relax && existsSync(path.join(folder, "package-lock.json"));
    onProgress(`npm ${locked ? "ci" : "install"} in ${name}`);
    const { status, output } = await npm([locked ? "ci" : "install"], folder, signal);
    if (status === 0) return;
    const missing = missingPackage(output);
    if (missing === undefined) {
      const last = output.split("\n").filter((line) => line.startsWith("npm error") && !line.includes("complete log"));
      throw new ResilienceError(
        "E_PULUMI_INSTALL",
        `npm should install the packages of ${name} but did not: ${last.slice(0, 4).join(" | ")}`,
        {
          cure: "Run `npm ci --ignore-scripts` in a copy of that folder and read what it says; most often a registry is out of reach.",
        },
      );
    }
    if (!relax || tries >= mostRelaxed) {
      throw new ResilienceError(
        "E_PULUMI_PACKAGE",
        `${name}/package-lock.json asks for ${missing.name} ${missing.version}, which the registry does not serve.`,
        {
          cure: "Update the lock file, use a registry that has it, or pass --relax-lock to take the nearest version.",
          exitCode: 3,
        },
      );
    }
    await moves.add(missing);
    if (moves.all.get(missing.name)?.locked !== missing.version) {
      throw new ResilienceError(
        "E_PULUMI_PACKAGE",
        `${name}/package-lock.json asks for ${missing.name} ${missing.version}, and the registry serves no other version near it.`,
        { cure: "Use a registry that has it.", exitCode: 3 },
      );
    }
  }
}

/** Name and version of the package whose archive was answered with 404. */
function missingPackage(output: string): Missing | undefined {
  const found = /404[^\n]*?\/((?:@[^/\s]+(?:\/|%2f))?[^/\s]+)\/-\/[^/\s]+?-(\d+\.\d+\.\d+[^\s/]*?)\.tgz/i.exec(output);
  if (found) return { name: (found[1] as string).replace(/%2f/i, "/"), version: found[2] as string };
  const target = /No matching version found for ((?:@[^/\s]+\/)?[^@\s]+)@(\d+\.\d+\.\d+\S*?)\.?(?:\s|$)/.exec(output);
  return target ? { name: target[1] as string, version: target[2] as string } : undefined;
}

/** Takes one package out of a lock file and pins another version of it in the manifest; everything else stays locked. */
function unlock(folder: string, name: string, locked: string, version: string): void {
  const lockFile = path.join(folder, "package-lock.json");
  if (!existsSync(lockFile)) return;
  const lock = JSON.parse(readFileSync(lockFile, "utf8")) as Lock;
  const own = new RegExp(`(^|/)node_modules/${name.replace("/", "\\/")}$`);
  const places = Object.entries(lock.packages ?? {})
    .filter(([key, each]) => own.test(key) && each.version === locked)
    .map(([key]) => key);
  if (places.length === 0) return;
  for (const key of Object.keys(lock.packages ?? {}))
    if (places.some((place) => key === place || key.startsWith(`${place}/node_modules/`))) delete lock.packages?.[key];
  delete lock.dependencies;
  writeFileSync(lockFile, JSON.stringify(lock, null, 2));
  const manifestFile = path.join(folder, "package.json");
  const manifest = JSON.parse(readFileSync(manifestFile, "utf8")) as Manifest;
  for (const kind of ["dependencies", "devDependencies", "optionalDependencies"] as const)
    if (manifest[kind]?.[name] !== undefined) manifest[kind][name] = version;
  manifest.overrides = { ...manifest.overrides, [name]: version };
  writeFileSync(manifestFile, JSON.stringify(manifest, null, 2));
}

async function servedVersions(name: string, folder: string, signal: AbortSignal): Promise<string[]> {
  const { status, stdout } = await npm(["view", name, "versions", "--json"], folder, signal);
  if (status !== 0) return [];
  const found = JSON.parse(stdout || "[]") as unknown;
  return Array.isArray(found) ? found.map(String) : [String(found)];
}

/** Runs the host's npm: its registry, its tokens and its cache hold. Packages' own scripts do not run. */
async function npm(
  args: string[],
  cwd: string,
  signal: AbortSignal,
): Promise<{ status: number; output: string; stdout: string }> {
  signal.throwIfAborted();
  const child = spawn(
    "npm",
    [...args, "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error", "--prefer-offline"],
    {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      signal,
    },
  );
  let output = "";
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const status = await new Promise<number>((resolve) => {
    child.once("error", (error) => {
      output += `npm error ${error.message}`;
      resolve(-1);
    });
    child.once("close", (code) => resolve(code ?? -1));
  });
  signal.throwIfAborted();
  return { status, output, stdout };
}
