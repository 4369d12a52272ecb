import { createHash } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import path from "node:path";
import { isClosedFile } from "../../candidate/closed-files.ts";
import type { TarFile } from "../images/tar.ts";

const skipped = (name: string) => name === "node_modules" || name === ".git" || isClosedFile(name);

export interface CheckoutFile extends TarFile {
  content: Buffer;
  executable: boolean;
}

/** Every file of a checkout but packages, history and what holds secrets by its name. Links that lead out of it are left out. */
export function checkoutFiles(root: string): CheckoutFile[] {
  const out: CheckoutFile[] = [];
  const add = (name: string, from: string) =>
    out.push({ path: name, content: readFileSync(from), executable: (statSync(from).mode & 0o111) !== 0 });
  const walk = (folder: string, inside: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (skipped(entry.name)) continue;
      const full = path.join(folder, entry.name);
      const name = inside === "" ? entry.name : `${inside}/${entry.name}`;
      if (entry.isDirectory()) walk(full, name);
      else if (entry.isFile()) add(name, full);
      else if (entry.isSymbolicLink()) {
        const target = path.resolve(folder, readlinkSync(full));
        // What a linked file holds is there under its link's name; a linked folder is copied by whoever walks it.
        if (target.startsWith(root + path.sep) && statSync(target, { throwIfNoEntry: false })?.isFile()) add(name, target);
      }
    }
  };
  walk(root, "");
  return out;
}

/** Hash of files by path and content. */
export function hashFiles(files: readonly TarFile[], ...more: string[]): string {
  const hash = createHash("sha256");
  for (const part of more) hash.update(`${part.length}\0${part}`);
  for (const file of files) {
    hash.update(`${file.path}\0${file.content.length}\0`);
    hash.update(file.content);
  }
  return hash.digest("hex");
}
