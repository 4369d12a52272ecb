import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import type { TarFile } from "./tar.ts";

/** Never part of a recipe: they change without changing what is built. */
const ignored = (name: string): boolean =>
  name === "node_modules" ||
  name === ".git" ||
  name === ".gitignore" ||
  name.endsWith("_test.go") ||
  name.endsWith(".test.ts") ||
  name.endsWith(".md");

/** A file as `to`, or all files below a folder with their paths prefixed by it. What is missing has none. */
export function filesBelow(folder: string, to = ""): TarFile[] {
  if (!existsSync(folder)) return [];
  if (statSync(folder).isFile()) return [{ path: to, content: readFileSync(folder) }];
  const out: TarFile[] = [];
  for (const name of readdirSync(folder).sort()) {
    if (ignored(name)) continue;
    const full = path.join(folder, name);
    const inside = to === "" ? name : `${to}/${name}`;
    const stat = statSync(full);
    if (stat.isDirectory()) out.push(...filesBelow(full, inside));
    else out.push({ path: inside, content: readFileSync(full), ...(stat.mode & 0o100 ? { mode: 0o755 } : {}) });
  }
  return out;
}
