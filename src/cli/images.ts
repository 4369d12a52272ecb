import type Docker from "dockerode";
import { catalogue } from "../engine/images/catalogue.ts";
import { planImage, provideImages } from "../engine/images/provide.ts";
import { listImages, loadImages, saveImages } from "../engine/images/store.ts";
import type { ImagePolicy } from "../engine/images/types.ts";
import { preflight, requireEngine } from "../engine/provision/preflight.ts";
import { exitCodes } from "../history/errors.ts";
import { badInput } from "./bad-input.ts";
import type { CommandContext, CommandOutcome } from "./command.ts";
import { imageProgress } from "./image-progress.ts";

/** What `images` was told to do. `names` empty means all of the catalogue. */
export type ImagesAction =
  | { action: "list" }
  | { action: "build" | "pull"; names: string[] }
  | { action: "save" | "load"; file: string };

/** Does it, after checking every name against the catalogue: nothing has started when a name is wrong. */
export async function runImages(what: ImagesAction, context: CommandContext): Promise<CommandOutcome> {
  const known = catalogue().map((entry) => entry.name);
  if ("names" in what)
    for (const name of what.names)
      if (!known.includes(name))
        throw badInput({ where: `of \`images ${what.action}\``, met: name, kind: "image", allowed: known });
  const { docker } = requireEngine(
    await preflight({
      need: what.action === "list" ? ["docker"] : ["docker", "disk"],
      provision: context.environment.provision,
      onProgress: context.progress,
      env: context.env,
      signal: context.signal,
    }),
  );
  switch (what.action) {
    case "list":
      return await list(docker, context.environment.images);
    case "build":
    case "pull":
      return await provide(docker, what.action, what.names, context);
    case "save": {
      const absent = (await planned(docker, "local")).filter((image) => !image.present);
      for (const { name } of absent)
        context.progress(`image ${name} is not here and is not saved; \`images build ${name}\` has it`);
      const saved = await saveImages(docker, what.file);
      return outcome({ action: "save", file: what.file, ...saved }, [
        `${saved.tags.length} images, ${mib(saved.sizeBytes)}, in ${what.file}`,
      ]);
    }
    case "load": {
      const tags = await loadImages(docker, what.file);
      return outcome({ action: "load", file: what.file, tags }, [...tags, `${tags.length} images from ${what.file}`]);
    }
  }
}

async function list(docker: Docker, policy: ImagePolicy): Promise<CommandOutcome> {
  const sizes = new Map((await listImages(docker)).map((image) => [image.tag, image.sizeBytes]));
  const images = (await planned(docker, policy)).map((image) => ({ ...image, sizeBytes: sizes.get(image.image) ?? null }));
  return outcome(
    { action: "list", images },
    images.map(
      (image) =>
        `${image.present ? "here   " : "missing"}  ${image.name.padEnd(16)} ${image.source.padEnd(8)} ${(image.sizeBytes === null ? "" : mib(image.sizeBytes)).padStart(9)}  ${image.image}${image.reference === null ? "" : `  (for ${image.reference})`}`,
    ),
  );
}

/** Each image of the catalogue: whether it is here, and as what it is or would be had. */
async function planned(docker: Docker, policy: ImagePolicy) {
  return await Promise.all(
    catalogue().map(async (entry) => ({ ...(await planImage(docker, entry.name, policy)), reference: entry.reference ?? null })),
  );
}

async function provide(
  docker: Docker,
  action: "build" | "pull",
  names: string[],
  context: CommandContext,
): Promise<CommandOutcome> {
  // Not every image is in a registry; pulling all means all that are.
  const all = catalogue().filter((entry) => action === "build" || entry.reference !== undefined);
  const images = await provideImages(docker, names.length > 0 ? names : all.map((entry) => entry.name), {
    policy: action,
    onProgress: imageProgress(context.progress),
    signal: context.signal,
  });
  return outcome(
    { action, images },
    images.map(
      (image) =>
        `${image.origin.padEnd(7)}  ${image.name.padEnd(16)} ${mib(image.sizeBytes).padStart(9)} ${image.seconds.toFixed(1).padStart(7)} s  ${image.tag}`,
    ),
  );
}

function outcome(body: object, lines: string[]): CommandOutcome {
  return { exitCode: exitCodes.pass, document: { format: "images", version: 1, ...body }, text: `${lines.join("\n")}\n` };
}

const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
