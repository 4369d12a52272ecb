import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { type FolderFile, largestBoundFile, mostBoundFiles } from "../bound-files.ts";
import { isClosedFile } from "../closed-files.ts";
import { isInside } from "./read-text.ts";

/**
 * The file at a path of the candidate's folder, or those below it in the order of their names, links followed as long as they stay in the folder. Nothing where there is
 * nothing. A file that holds secrets by its name, or that is larger than any definition, is named and not opened.
 */
export async function folderFiles(root: string, path: string): Promise<FolderFile[]> {
  const top = await realpath(root);
  const out: FolderFile[] = [];
  const walk = async (at: string, within: readonly string[]): Promise<void> => {
    if (out.length > mostBoundFiles) return;
    const real = await realpath(at).catch(() => undefined);
    // A link to a folder that it lies in would never end.
    if (real === undefined || !isInside(real, top) || within.includes(real)) return;
    const info = await stat(real);
    if (info.isDirectory()) {
      const names = await readdir(real).catch(() => []);
      for (const name of names.sort())
        if (name !== ".git" && name !== "node_modules") await walk(join(at, name), [...within, real]);
    } else if (info.isFile()) {
      const named = relative(root, at).split(sep).join("/");
      const open = !isClosedFile(at.split(sep).at(-1) ?? "") && !isClosedFile(real.split(sep).at(-1) ?? "");
      // One byte more than is allowed says that it is too large.
      const content =
        info.size > largestBoundFile
          ? new Uint8Array(largestBoundFile + 1)
          : open
            ? await readFile(real).catch(() => undefined)
            : undefined;
      out.push({ path: named, content, executable: (info.mode & 0o111) !== 0 });
    }
  };
  await walk(join(root, path), []);
  return out;
}
