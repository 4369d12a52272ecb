import type Dockerode from "dockerode";
import { ResilienceError } from "../../history/errors.ts";
import { imageFor } from "./catalogue.ts";
import { credentialsFor } from "./credentials.ts";
import { Puller } from "./pull.ts";
import { hash12 } from "./recipe-hash.ts";
import { parseReference, pullReference } from "./reference.ts";
import type { ImageEntry, ImagePolicy, ImageProgress, ProvidedImage } from "./types.ts";

/** An image of the candidate itself: what its reference names, and no recipe or stand-in of ours. */
export interface OwnImage {
  /** Ours, made of the reference, so that two references never share one. */
  name: string;
  reference: string;
  /** Whether the engine has it already; undefined where no engine was asked. */
  present?: boolean;
}

/** How a candidate's image is to be had: itself, by an entry of the catalogue, or not at all. */
export type ImageDecision =
  | { how: "own"; image: OwnImage }
  | { how: "catalogue"; entry: ImageEntry }
  | { how: "none"; why: string };

interface DecideOptions {
  policy: ImagePolicy;
  /** The engine, asked for only when something has to be looked up; undefined where none answers and none may be started. */
  engine: () => Promise<Dockerode | undefined>;
  signal?: AbortSignal;
  /** Mirror "host:port/prefix"; by default SPROCKET_REGISTRY. */
  mirror?: string;
}

/** A registry that has not answered by then is taken as unreachable, and asked no more. */
const answerMs = 8_000;

/**
 * Decides for each reference how its image is to be had, and has none of them. What the catalogue has under the very reference is the catalogue's; of any other the image
 * itself comes first, where the engine has it or a registry would give it; then the catalogue's entry for the same repository; then nothing.
 */
export async function decideImages(references: readonly string[], options: DecideOptions): Promise<Map<string, ImageDecision>> {
  const asker = new Asker(options);
  const decided = new Map<string, ImageDecision>();
  for (const reference of new Set(references)) decided.set(reference, await decide(reference, options.policy, asker));
  return decided;
}

async function decide(reference: string, policy: ImagePolicy, asker: Asker): Promise<ImageDecision> {
  const entry = imageFor(reference);
  const fallback = (why: string): ImageDecision => (entry ? { how: "catalogue", entry } : { how: "none", why });
  if (entry?.reference !== undefined && same(entry.reference, reference)) return { how: "catalogue", entry };
  if (!askable(reference)) return fallback(`"${reference}" names no image that a registry could give`);
  if (policy === "build") return fallback("the catalogue has no recipe for it, and SPROCKET_IMAGES=build takes nothing else");
  const own = ownImage(reference);
  const here = await asker.here(reference, own);
  if (here === undefined && !entry && policy !== "local") return { how: "own", image: own };
  if (here) return { how: "own", image: { ...own, present: true } };
  if (policy === "local") return fallback("the engine does not have it, and SPROCKET_IMAGES=local takes nothing else");
  // A private image is asked for where somebody logged in: everybody else is only refused.
  if (entry?.kind === "stand-in" && !asker.loggedIn(reference)) return fallback("");
  // For another version than the catalogue's a registry that cannot be reached leaves the catalogue's.
  const refusal = await asker.refusal(reference);
  return refusal === undefined ? { how: "own", image: { ...own, present: false } } : fallback(refusal);
}

/** Local tag of a candidate's own image. */
const ownTag = (name: string) => `sprocket-resilience/${name}:own`;

function ownImage(reference: string): OwnImage {
  const slug = parseReference(reference)
    .repository.replace(/^library\//, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-");
  return { name: `own-${slug}-${hash12(reference)}`, reference };
}

/** Has the candidate's own images in the engine, each under a tag of ours. Errors: E_IMAGE_PULL, E_IMAGE_ABSENT. */
export async function provideOwnImages(
  docker: Dockerode,
  images: readonly OwnImage[],
  options: {
    policy: ImagePolicy;
    onProgress: (progress: ImageProgress) => void;
    signal?: AbortSignal;
    mirror?: string;
  },
): Promise<ProvidedImage[]> {
  const puller = new Puller(docker, options.mirror);
  const provided: ProvidedImage[] = [];
  for (const { name, reference } of images) {
    const began = performance.now();
    const tell = (phase: ImageProgress["phase"], line: string) =>
      options.onProgress({ name, phase, line, seconds: Math.round((performance.now() - began) / 100) / 10 });
    const tag = ownTag(name);
    let origin: ProvidedImage["origin"] = "present";
    if (!(await taggedHere(docker, reference, tag))) {
      if (options.policy === "local")
        throw new ResilienceError("E_IMAGE_ABSENT", `Image ${reference} should be in the engine but is not.`, {
          cure: "Pull it by hand, or allow to pull it (SPROCKET_IMAGES=auto).",
        });
      tell("pull", reference);
      const result = await puller.pull(reference, tag, (line) => tell("pull", line), options.signal);
      if (!result.ok)
        throw new ResilienceError("E_IMAGE_PULL", `${reference} should be pulled but: ${result.reason}`, {
          cure: result.unreachable
            ? "Make the registry reachable (SPROCKET_REGISTRY names a mirror), or pull the image by hand."
            : "Log in with `docker login`, or check the reference.",
        });
      origin = "pulled";
    }
    const info = await docker.getImage(tag).inspect();
    tell("done", `${origin} ${tag}`);
    provided.push({
      name,
      tag,
      id: info.Id,
      sizeBytes: info.Size,
      source: "registry",
      origin,
      asked: reference,
      got: info.RepoDigests?.[0] ?? reference,
      seconds: Math.round((performance.now() - began) / 100) / 10,
    });
  }
  return provided;
}

/** Tags what the engine has under the reference itself, since a node's store is loaded by tags of ours. Whether there is such an image. */
async function taggedHere(docker: Dockerode, reference: string, tag: string): Promise<boolean> {
  const image = docker.getImage(reference);
  const info = await image.inspect().catch(notThere);
  if (!info) return (await docker.getImage(tag).inspect().catch(notThere)) !== undefined;
  const [repo, local] = tag.split(":") as [string, string];
  await image.tag({ repo, tag: local });
  return true;
}

function notThere(error: unknown): undefined {
  const status = (error as { statusCode?: number }).statusCode;
  if (status === 404 || status === 400) return undefined;
  throw error;
}

/** Looks into the engine and asks registries, each that cannot be reached once. */
class Asker {
  readonly #options: DecideOptions;
  readonly #silent = new Map<string, string>();
  #engine: Promise<Dockerode | undefined> | undefined;

  constructor(options: DecideOptions) {
    this.#options = options;
  }

  get #mirror(): string | undefined {
    return this.#options.mirror ?? (process.env.SPROCKET_REGISTRY || undefined);
  }

  #docker(): Promise<Dockerode | undefined> {
    this.#engine ??= this.#options.engine();
    return this.#engine;
  }

  /** Whether the engine has the image, pulled by its user or by us before; undefined where no engine answers. */
  async here(reference: string, own: OwnImage): Promise<boolean | undefined> {
    const docker = await this.#docker();
    if (!docker) return undefined;
    for (const name of [reference, ownTag(own.name)])
      if ((await docker.getImage(name).inspect().catch(notThere)) !== undefined) return true;
    return false;
  }

  loggedIn(reference: string): boolean {
    return credentialsFor(pullReference(reference, this.#mirror).registry) !== undefined;
  }

  /** Why no registry gives the image; undefined when one would. Asks for its manifest only. */
  async refusal(reference: string): Promise<string | undefined> {
    const docker = await this.#docker();
    if (!docker) return "no engine answers, so no registry was asked";
    const { registry, repository, tag } = pullReference(reference, this.#mirror);
    const silent = this.#silent.get(registry);
    if (silent !== undefined) return silent;
    const limit = AbortSignal.timeout(answerMs);
    const signal = this.#options.signal ? AbortSignal.any([limit, this.#options.signal]) : limit;
    try {
      await manifest(docker, `${repository}${tag.startsWith("sha256:") ? "@" : ":"}${tag}`, registry, signal);
      return undefined;
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      const reason = limit.aborted
        ? `no answer from ${registry} in time`
        : error instanceof Error
          ? error.message
          : String(error);
      if (Puller.isUnreachable(reason)) this.#silent.set(registry, `registry ${registry} cannot be reached: ${reason}`);
      return reason;
    }
  }
}

/** `GET /distribution/{name}/json`: the engine asks the registry for a manifest, with the credentials it is given, and pulls nothing. */
function manifest(docker: Dockerode, name: string, registry: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        path: `/distribution/${name}/json`,
        method: "GET",
        authconfig: credentialsFor(registry),
        abortSignal: signal,
        statusCodes: { 200: true, 401: "no such image, or no access to it", 404: "no such image", 500: "server error" },
      } as never,
      (error: unknown) => (error ? reject(error) : resolve()),
    );
  });
}

/** Whether two references name one image: registry, repository, tag, digest. */
function same(one: string, other: string): boolean {
  const [a, b] = [one, other].map(parseReference) as [ReturnType<typeof parseReference>, ReturnType<typeof parseReference>];
  return (
    a.registry === b.registry &&
    a.repository === b.repository &&
    (a.tag ?? "latest") === (b.tag ?? "latest") &&
    a.digest === b.digest
  );
}

/** Whether a registry could be asked for it: a placeholder in the place of a digest or a tag, as in exported definitions, is none. */
function askable(reference: string): boolean {
  const { repository, tag, digest } = parseReference(reference);
  return (
    /^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/.test(repository) &&
    (tag === undefined || /^\w[\w.-]{0,127}$/.test(tag)) &&
    (digest === undefined || /^sha256:[0-9a-f]{64}$/.test(digest))
  );
}
