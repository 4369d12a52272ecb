import { execFile } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type Dockerode from "dockerode";
import { importCompose } from "../candidate/compose/import.ts";
import { derive } from "../candidate/derive/derive.ts";
import { type ReferenceProfile, referenceCandidate } from "../candidate/reference/reference.ts";
import type { Candidate, Imported } from "../candidate/types.ts";
import { decideImages } from "../engine/images/index.ts";
import { kernelFacts, presence } from "../engine/provision/kernel.ts";
import { openEngine } from "../engine/provision/open.ts";
import { importPulumi } from "../engine/pulumi/import.ts";
import { ResilienceError } from "../history/errors.ts";
import type { CandidateOrigin, Substitution } from "../history/events.ts";
import { type ImageOffer, type ReplicaPlan, substitute } from "../substitute/plan.ts";

/** What a command line names as its candidate; paths are absolute. */
export type CandidateSource =
  | { kind: "reference"; profile: ReferenceProfile }
  | { kind: "pulumi"; folder: string; relaxLock: boolean }
  | { kind: "compose"; files: string[]; root: string };

export interface Loaded {
  candidate: Candidate;
  /** What reading it had to change. */
  differences: Substitution[];
  /** For reports; undefined for the reference. */
  origin?: CandidateOrigin;
}

/** Readers of definitions; tests give their own. */
export interface Importers {
  /** @param engine opened only when something has to be evaluated */
  pulumi(
    source: Extract<CandidateSource, { kind: "pulumi" }>,
    options: LoadOptions,
    engine: () => Promise<Dockerode>,
  ): Promise<Imported>;
  compose(source: Extract<CandidateSource, { kind: "compose" }>): Promise<Imported>;
}

const ours: Importers = {
  async pulumi({ folder, relaxLock }, { images, signal, onProgress }, docker) {
    const cacheDir = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "sprocket-resilience", "pulumi");
    return await importPulumi({ folder, relaxLock, images, signal, onProgress, cacheDir, docker });
  },
  compose: ({ files, root }) => importCompose({ files, root }),
};

export interface LoadOptions {
  signal: AbortSignal;
  onProgress: (line: string) => void;
  images: "auto" | "pull" | "build" | "local";
  /** `never` where a command starts nothing. */
  provision: "auto" | "never";
}

/** The candidate that a command line names, read from where it is. Errors: those of the importers; E_NO_ENGINE for a Pulumi program where no engine answers. */
export async function loadCandidate(source: CandidateSource, options: LoadOptions, importers: Importers = ours): Promise<Loaded> {
  if (source.kind === "reference") return { candidate: referenceCandidate(source.profile), differences: [] };
  const { definition, differences } =
    source.kind === "compose"
      ? await importers.compose(source)
      : await importers.pulumi(source, options, () => evaluator(options));
  const candidate = derive(definition);
  const commit = await commitOf(source.kind === "pulumi" ? source.folder : source.root);
  return { candidate, differences, origin: { ...readFrom(candidate), ...(commit ? { commit } : {}) } };
}

/** The engine whose container evaluates a program. */
async function evaluator({ provision, signal, onProgress }: LoadOptions): Promise<Dockerode> {
  try {
    return (await openEngine({ provision, signal, onProgress })).docker;
  } catch (error) {
    if (!(error instanceof ResilienceError) || error.code !== "E_NO_ENGINE") throw error;
    throw new ResilienceError("E_NO_ENGINE", `A Pulumi program is evaluated in a container, but ${error.message}`, {
      cure: error.cure,
      cause: error,
    });
  }
}

function readFrom({ origin }: Candidate): Omit<CandidateOrigin, "commit"> {
  if (origin.kind === "pulumi") return { kind: "pulumi", read: origin.stacks.map(({ project, stack }) => `${project}/${stack}`) };
  return { kind: "compose", read: origin.kind === "compose" ? origin.files : [] };
}

/** The commit that a folder's checkout is at; undefined where it is none, or where there is no git. Runs nothing of the checkout. */
async function commitOf(folder: string): Promise<string | undefined> {
  const { stdout } = await promisify(execFile)("git", ["-C", folder, "rev-parse", "HEAD"], { timeout: 5000 }).catch(() => ({
    stdout: "",
  }));
  return /^[0-9a-f]{40,64}$/.exec(stdout.trim())?.[0];
}

/** How images are decided on before anything starts. */
export interface PlanSettings {
  images: "auto" | "pull" | "build" | "local";
  /** The engine, opened when an image must be looked for; undefined where none answers and none may be started. */
  engine: () => Promise<Dockerode | undefined>;
  signal?: AbortSignal;
}

/** Reads and substitutes the candidate of a command that will start it, or at least may. */
export async function loadPlan(
  source: CandidateSource,
  options: LoadOptions,
  change: (candidate: Candidate) => Candidate = (candidate) => candidate,
): Promise<{ plan: ReplicaPlan; origin?: CandidateOrigin }> {
  const { candidate, differences, origin } = await loadCandidate(source, options);
  const { images, signal, onProgress, provision } = options;
  const engine = async () => (await openEngine({ provision, signal, onProgress })).docker;
  const plan = await planFor(change(candidate), { images, engine, signal }, differences);
  return { plan, ...(origin ? { origin } : {}) };
}

/** Substitutes a candidate for this machine. */
export async function planFor(
  candidate: Candidate,
  settings: PlanSettings,
  differences: readonly Substitution[] = [],
): Promise<ReplicaPlan> {
  const facts = await kernelFacts();
  const ipvs = presence(facts, "IP_VS", "ip_vs");
  const decided = await decideImages(
    candidate.services.map((service) => service.image),
    { policy: settings.images, engine: settings.engine, ...(settings.signal ? { signal: settings.signal } : {}) },
  );
  const offer = (reference: string): ImageOffer | undefined => {
    const decision = decided.get(reference);
    if (!decision || decision.how === "none") return undefined;
    if (decision.how === "own") {
      const { name, present } = decision.image;
      return { name, source: "registry", own: { reference, ...(present === undefined ? {} : { present }) } };
    }
    const { entry } = decision;
    const source = entry.kind === "stand-in" ? "stand-in" : "recipe";
    return { name: entry.name, source, ...(entry.substitution ? { substitution: entry.substitution } : {}) };
  };
  return substitute(candidate, offer, { ipvs: ipvs === "built in" || ipvs === "module" }, differences);
}
