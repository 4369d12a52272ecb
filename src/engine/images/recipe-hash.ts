import { createHash } from "node:crypto";
import path from "node:path";
import { filesBelow } from "./context-files.ts";
import { packageRoot } from "./package-root.ts";
import type { TarFile } from "./tar.ts";
import type { ArtifactBuild, ImageRecipe } from "./types.ts";

/** Raised when the way of building changes so that what was built before must not be used again. */
export const recipeFormat = 1;
/** The same for package layers alone. */
const layerFormat = 3;

/** Debian release below every recipe. */
export const baseRelease = "bookworm";

export function hash12(...parts: (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    hash.update(String(part.length));
    hash.update("\0");
    hash.update(part);
  }
  return hash.digest("hex").slice(0, 12);
}

function hashFiles(files: TarFile[]): string {
  return hash12(...files.flatMap((file) => [file.path, String(file.mode ?? 0), file.content]));
}

/** Key of the Debian base. */
export function baseKey(): string {
  return hash12(`base ${recipeFormat} ${baseRelease}`);
}

/** Key of the layer that holds these packages. */
export function layerKey(packages: string[]): string {
  return packages.length === 0 ? baseKey() : hash12(`layer ${layerFormat}`, baseKey(), ...[...packages].sort());
}

/** Everything that an artifact is made from, as it will lie in the work folder. */
export function artifactFiles(artifact: ArtifactBuild): TarFile[] {
  return artifact.inputs.flatMap((input) => filesBelow(path.join(packageRoot(), input.from), input.to));
}

export function artifactKey(artifact: ArtifactBuild): string {
  const packages = artifact.packages === undefined ? [] : [layerKey(artifact.packages)];
  return hash12("artifact", String(recipeFormat), artifact.name, artifact.with, hashFiles(artifactFiles(artifact)), ...packages);
}

/** Folder of a recipe: Dockerfile and files/. */
export function recipeFolder(recipe: ImageRecipe): string {
  return path.join(packageRoot(), "fixtures", "images", recipe.folder);
}

/** The Dockerfile, its arguments replaced, and what it may copy. */
export function recipeFiles(recipe: ImageRecipe): TarFile[] {
  const files = filesBelow(recipeFolder(recipe)).filter((file) => file.path === "Dockerfile" || file.path.startsWith("files/"));
  return files.map((file) => {
    if (file.path !== "Dockerfile") return file;
    let content = file.content.toString();
    for (const [name, value] of Object.entries(recipe.args ?? {})) content = content.replaceAll(`@${name}@`, value);
    return { ...file, content };
  });
}

/** Hash of all that goes into the image: Dockerfile, files, packages, artifact, arguments, versions, base. */
export function recipeHash(recipe: ImageRecipe): string {
  return hash12(
    "image",
    layerKey(recipe.packages),
    JSON.stringify(Object.entries(recipe.artifacts ?? {}).map(([arg, artifact]) => [arg, artifactKey(artifact)])),
    hashFiles(recipeFiles(recipe)),
    JSON.stringify(recipe.versions),
  );
}
