import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type Dockerode from "dockerode";
import { ResilienceError } from "../../history/errors.ts";
import { followed } from "./base.ts";
import { recipeTag } from "./build.ts";
import { catalogue } from "./catalogue.ts";
import { pulledTag } from "./provide.ts";

/** An image of ours in the engine. */
export interface ListedImage {
  name: string;
  tag: string;
  id: string;
  sizeBytes: number;
  /** Seconds since 1970, as the engine has it. */
  created: number;
  /** Whether the catalogue would use it today: false for the leavings of an older recipe. */
  current: boolean;
}

const namespace = "sprocket-resilience/";
/** What images are made from; not run, and not carried to another machine. */
const intermediate = new Set(["base", "layer", "artifact"]);

/** Every image of ours that is in the engine, by name; bases, layers and artifacts are left out. */
export async function listImages(docker: Dockerode): Promise<ListedImage[]> {
  const current = new Set(
    catalogue().flatMap((entry) => [
      recipeTag(entry),
      ...(entry.reference === undefined ? [] : [pulledTag(entry.reference, entry.name)]),
    ]),
  );
  const out: ListedImage[] = [];
  for (const info of await docker.listImages()) {
    for (const tag of info.RepoTags ?? []) {
      if (!tag.startsWith(namespace)) continue;
      const name = tag.slice(namespace.length, tag.lastIndexOf(":"));
      if (intermediate.has(name)) continue;
      out.push({ name, tag, id: info.Id, sizeBytes: info.Size, created: info.Created, current: current.has(tag) });
    }
  }
  return out.sort((a, b) => (a.tag < b.tag ? -1 : 1));
}

/**
 * Writes all current images into one file (a Docker archive), for a machine without any registry. The file appears whole or not at all.
 * Errors: E_IMAGE_ABSENT if there is none.
 */
export async function saveImages(
  docker: Dockerode,
  file: string,
  names?: string[],
): Promise<{ tags: string[]; sizeBytes: number }> {
  const listed = (await listImages(docker)).filter(
    (image) => image.current && (names === undefined || names.includes(image.name)),
  );
  const tags = listed.map((image) => image.tag);
  if (tags.length === 0) {
    throw new ResilienceError("E_IMAGE_ABSENT", "Images to save were expected but the engine has none of ours.", {
      cure: "Have them first: `images build` or `images pull`.",
    });
  }
  const partial = `${file}.partial`;
  try {
    await pipeline(await getTar(docker, "/images/get?", { names: tags }), createWriteStream(partial));
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
  return { tags, sizeBytes: (await stat(file)).size };
}

/** A GET whose answer is a stream: dockerode has no call for several images in one archive. */
function getTar(docker: Dockerode, path: string, options: object): Promise<NodeJS.ReadableStream> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        path,
        method: "GET",
        options,
        isStream: true,
        statusCodes: { 200: true, 404: "no such image", 500: "server error" },
      } as never,
      (error: unknown, stream: unknown) => (error ? reject(error) : resolve(stream as NodeJS.ReadableStream)),
    );
  });
}

/** Loads what `saveImages` wrote; returns the tags that are there now. Errors: E_BAD_INPUT (no such file), E_IMAGE_LOAD. */
export async function loadImages(docker: Dockerode, file: string): Promise<string[]> {
  await stat(file).catch(() => {
    throw new ResilienceError("E_BAD_INPUT", `A file of images was expected at "${file}" but there is none.`, {
      cure: "Give the path of a file that `images save` wrote.",
      exitCode: 3,
    });
  });
  const tags: string[] = [];
  const stream = (await docker.loadImage(createReadStream(file), { quiet: true })) as unknown as NodeJS.ReadableStream;
  try {
    await followed(docker, stream, (line) => {
      const tag = /^Loaded image: (\S+)/.exec(line)?.[1];
      if (tag !== undefined) tags.push(tag);
    });
  } catch (error) {
    throw new ResilienceError("E_IMAGE_LOAD", `"${file}" should hold images but the engine said: ${String(error)}`, {
      cure: "Save the file again with `images save`; it is damaged or something else.",
      cause: error,
    });
  }
  return tags;
}
