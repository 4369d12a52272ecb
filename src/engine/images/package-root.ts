import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

let found: string | undefined;

/** The folder with this package's package.json: fixtures lie below it, in a checkout and in an installed package alike. */
export function packageRoot(): string {
  if (found !== undefined) return found;
  let folder = import.meta.dirname;
  for (;;) {
    const file = path.join(folder, "package.json");
    if (existsSync(file) && JSON.parse(readFileSync(file, "utf8")).name === "sprocket-resilience") break;
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error(`no package.json of sprocket-resilience above ${import.meta.dirname}`);
    folder = parent;
  }
  found = folder;
  return folder;
}
