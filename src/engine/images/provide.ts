import os from "node:os";
import type Dockerode from "dockerode";
import { ResilienceError } from "../../history/errors.ts";
import { ImageBuilder, recipeTag } from "./build.ts";
import { entryNamed } from "./catalogue.ts";
import { Puller } from "./pull.ts";
import { hash12 } from "./recipe-hash.ts";
import { parseReference } from "./reference.ts";
import { removeAbandonedSteps } from "./step.ts";
import type { ImageEntry, ImageOrigin, ImagePhase, ImagePolicy, ImageProgress, ImageSource, ProvidedImage } from "./types.ts";

/** What `planImage` says: how an image would be had, without acting. */
export interface PlannedImage {
  name: string;
  /** The local tag that is there, else the reference that would be pulled, else the recipe's tag. */
  image: string;
  source: ImageSource;
  present: boolean;
}

/** Local tag of a pulled image: another one than the recipe's, since it may differ. */
export const pulledTag = (reference: string, name: string): string => `sprocket-resilience/${name}:pulled-${hash12(reference)}`;

/** SPROCKET_IMAGES, or "auto". Errors: E_BAD_INPUT. */
export function policyFromEnvironment(value: string | undefined = process.env.SPROCKET_IMAGES): ImagePolicy {
  if (value === undefined || value === "") return "auto";
  if (value === "auto" || value === "pull" || value === "build" || value === "local") return value;
  throw new ResilienceError("E_BAD_INPUT", `SPROCKET_IMAGES should be auto, pull, build or local but is "${value}".`, {
    cure: "Unset it, or set one of the four.",
    exitCode: 3,
  });
}

/** How an image of the catalogue would be had under a policy; asks the engine what is there, and nothing else. */
export async function planImage(
  docker: Dockerode,
  name: string,
  policy: ImagePolicy = policyFromEnvironment(),
): Promise<PlannedImage> {
  const entry = entryNamed(name);
  const there = await presentImage(docker, entry, policy);
  if (there !== undefined) return { name, image: there.tag, source: sourceOf(entry, there.pulled), present: true };
  const pulls = entry.reference !== undefined && (policy === "pull" || policy === "auto");
  return { name, image: pulls ? (entry.reference as string) : recipeTag(entry), source: sourceOf(entry, pulls), present: false };
}

export interface ProvideOptions {
  policy: ImagePolicy;
  /** Images at work at the same time; by default the cores. */
  concurrency?: number;
  /** At every phase and line, and every two seconds while an image is at work. */
  onProgress: (progress: ImageProgress) => void;
  signal?: AbortSignal;
  /** Mirror "host:port/prefix"; by default SPROCKET_REGISTRY. */
  mirror?: string;
}

/**
 * Has the named images in the engine and nothing else, in the order of `names`. The longest builds begin first.
 * Errors: E_IMAGE_UNKNOWN, E_IMAGE_ABSENT (policy `local`), E_IMAGE_PULL, E_IMAGE_BUILD; the first one stops the others.
 */
export async function provideImages(docker: Dockerode, names: string[], options: ProvideOptions): Promise<ProvidedImage[]> {
  const wanted = [...new Set(names)].map(entryNamed);
  const failed = new AbortController();
  const signal = options.signal === undefined ? failed.signal : AbortSignal.any([options.signal, failed.signal]);
  const puller = new Puller(docker, options.mirror);
  const pullBase = { auto: "first", pull: "only", build: "never", local: "never" } as const;
  const builder = new ImageBuilder(docker, { puller, pullBase: pullBase[options.policy], signal });
  if (options.policy !== "local") await removeAbandonedSteps(docker);

  const queue = [...wanted].sort((a, b) => b.recipe.coldSeconds - a.recipe.coldSeconds);
  const results = new Map<string, ProvidedImage>();
  const worker = async () => {
    for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
      signal.throwIfAborted();
      results.set(entry.name, await provideOne(docker, entry, { ...options, signal }, puller, builder));
    }
  };
  const workers = Array.from({ length: options.concurrency ?? os.availableParallelism() }, async () => {
    try {
      await worker();
    } catch (error) {
      if (!failed.signal.aborted) failed.abort(error);
      throw error;
    }
  });
  const settled = await Promise.allSettled(workers);
  // The others' errors are only echoes of the first one.
  if (failed.signal.aborted) throw options.signal?.aborted ? options.signal.reason : failed.signal.reason;
  for (const result of settled) if (result.status === "rejected") throw result.reason;
  return wanted.map((entry) => results.get(entry.name) as ProvidedImage);
}

async function provideOne(
  docker: Dockerode,
  entry: ImageEntry,
  options: ProvideOptions,
  puller: Puller,
  builder: ImageBuilder,
): Promise<ProvidedImage> {
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 100) / 10;
  let phase: ImagePhase = "look";
  let line = "";
  const tell = (nextPhase: ImagePhase, nextLine: string) => {
    phase = nextPhase;
    line = nextLine;
    options.onProgress({ name: entry.name, phase, line, seconds: seconds() });
  };
  const beat = setInterval(() => options.onProgress({ name: entry.name, phase, line, seconds: seconds() }), 2_000);
  try {
    const { tag, pulled, origin } = await obtain(docker, entry, options, puller, builder, tell);
    const image = await describe(docker, entry, tag, pulled, origin, seconds());
    tell("done", `${image.origin} ${tag}`);
    return image;
  } catch (error) {
    tell("failed", error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    clearInterval(beat);
  }
}

async function obtain(
  docker: Dockerode,
  entry: ImageEntry,
  options: ProvideOptions,
  puller: Puller,
  builder: ImageBuilder,
  tell: (phase: ImagePhase, line: string) => void,
): Promise<{ tag: string; pulled: boolean; origin: ImageOrigin }> {
  const { policy, signal } = options;
  tell("look", "looking in the engine");
  // A forced pull asks the registry even when the tag is there: a tag may have moved.
  const there = policy === "pull" && entry.reference !== undefined ? undefined : await presentImage(docker, entry, policy);
  if (there !== undefined) return { ...there, origin: "present" };
  if (policy === "local") {
    throw new ResilienceError(
      "E_IMAGE_ABSENT",
      `Image "${entry.name}" should be in the engine as ${recipeTag(entry)} but is not.`,
      {
        cure: "Load it (`images load FILE`), or allow to pull or build it (SPROCKET_IMAGES=auto).",
      },
    );
  }
  if (entry.reference !== undefined && policy !== "build") {
    const tag = pulledTag(entry.reference, entry.name);
    const known = puller.unreachable(entry.reference);
    if (known === undefined) tell("pull", entry.reference);
    const result = await puller.pull(entry.reference, tag, (line) => tell("pull", line), signal);
    if (result.ok) return { tag, pulled: true, origin: "pulled" };
    if (policy === "pull") {
      throw new ResilienceError("E_IMAGE_PULL", `${entry.reference} should be pulled but: ${result.reason}`, {
        cure: result.unreachable
          ? "Make the registry reachable (SPROCKET_REGISTRY names a mirror), or allow building: SPROCKET_IMAGES=auto."
          : "Log in with `docker login`, check the reference, or allow building: SPROCKET_IMAGES=auto.",
      });
    }
    tell("pull", `not pulled (${result.reason}): built by its recipe`);
  }
  return { tag: await builder.build(entry, tell), pulled: false, origin: "built" };
}

/** The image that is there: the official one before ours, since nothing differs in it; under `build` only ours. */
async function presentImage(
  docker: Dockerode,
  entry: ImageEntry,
  policy: ImagePolicy,
): Promise<{ tag: string; pulled: boolean } | undefined> {
  const candidates = [{ tag: recipeTag(entry), pulled: false }];
  if (entry.reference !== undefined && policy !== "build")
    candidates.unshift({ tag: pulledTag(entry.reference, entry.name), pulled: true });
  for (const candidate of candidates) {
    try {
      await docker.getImage(candidate.tag).inspect();
      return candidate;
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode !== 404) throw error;
    }
  }
  return undefined;
}

const sourceOf = (entry: ImageEntry, pulled: boolean): ImageSource =>
  pulled ? "registry" : entry.kind === "stand-in" ? "stand-in" : "recipe";

async function describe(
  docker: Dockerode,
  entry: ImageEntry,
  tag: string,
  pulled: boolean,
  origin: ImageOrigin,
  seconds: number,
): Promise<ProvidedImage> {
  const info = await docker.getImage(tag).inspect();
  const asked = entry.reference ?? entry.aliases[0] ?? entry.name;
  const versions = Object.entries(entry.recipe.versions).map(([part, version]) => `${part} ${version}`);
  const digest = info.RepoDigests?.find((each) => each.includes(parseReference(asked).repository)) ?? info.RepoDigests?.[0];
  return {
    name: entry.name,
    tag,
    id: info.Id,
    sizeBytes: info.Size,
    source: sourceOf(entry, pulled),
    origin,
    asked,
    got: pulled ? (digest ?? asked) : (entry.substitution?.got ?? versions.join(", ")) || tag,
    ...(entry.substitution === undefined || pulled ? {} : { substitution: entry.substitution }),
    seconds,
  };
}
