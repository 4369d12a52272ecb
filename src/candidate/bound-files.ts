import type { Substitution } from "../history/events.ts";
import { isClosedFile } from "./closed-files.ts";
import type { BoundFile, DefinedService } from "./types.ts";

/** Where the folder that a definition is deployed from lies on a node of the replica, and in the container that evaluates a program. */
export const checkoutFolder = "/checkout";

/** One file of the deployers' folder. */
export interface FolderFile {
  /** Relative to the folder, with slashes. */
  path: string;
  /** Undefined where it could not be read. */
  content: Uint8Array | undefined;
  executable: boolean;
}

/** Swarm's own limit of a config; what is larger is data, and no part of a definition. */
export const largestBoundFile = 1000 * 1024;
/** For each bind; a folder with more files holds data. */
export const mostBoundFiles = 200;

/**
 * What of the deployers' folder services bind, as it has to lie on a node. Files that hold secrets by their names are not opened, and what is no text or too large is left
 * out: each such file lies empty on the node, and is a difference.
 *
 * @param below the file at a path of the folder, or all files below it
 */
export async function boundFiles(
  services: readonly DefinedService[],
  below: (path: string) => Promise<FolderFile[]> | FolderFile[],
): Promise<{ files: BoundFile[]; differences: Substitution[] }> {
  const files = new Map<string, BoundFile>();
  const differences: Substitution[] = [];
  const sources = new Map<string, string[]>();
  for (const { name, mounts } of services)
    for (const { type, source } of mounts)
      if (type === "bind" && source.startsWith(`${checkoutFolder}/`)) sources.set(source, [...(sources.get(source) ?? []), name]);
  for (const [source, by] of sources) {
    const all = await below(source.slice(checkoutFolder.length + 1));
    const left: string[] = [];
    for (const [index, { path, content, executable }] of all.entries()) {
      if (index >= mostBoundFiles) {
        left.push(`all after the first ${mostBoundFiles} files`);
        break;
      }
      const text = textOf(path, content);
      if (typeof text !== "string") left.push(`${path} (${text.why})`);
      const mode = executable ? 0o755 : 0o644;
      files.set(path, { path: `${checkoutFolder}/${path}`, content: typeof text === "string" ? text : "", mode });
    }
    if (left.length > 0) differences.push(notRead(source, by, left));
  }
  return { files: [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1)), differences };
}

function textOf(path: string, content: Uint8Array | undefined): string | { why: string } {
  if (isClosedFile(path.split("/").at(-1) ?? "")) return { why: "its name says that it holds secrets" };
  if (content === undefined) return { why: "it cannot be read" };
  if (content.length > largestBoundFile) return { why: `more than ${largestBoundFile} bytes` };
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return { why: "no text in UTF-8" };
  }
}

function notRead(source: string, services: readonly string[], left: readonly string[]): Substitution {
  const shown = left.length > 6 ? [...left.slice(0, 6), `and ${left.length - 6} more`] : left;
  return {
    subject: `services:${[...new Set(services)].join(",")}`,
    kind: "host-resource",
    asked: `${source.slice(checkoutFolder.length + 1)} of the folder that is deployed from: ${shown.join(", ")}`,
    got: "empty files of these names",
    why: "Secrets of the deployers are never read, and data is no part of a definition",
    hides: [],
  };
}
