import { cp, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { $ } from "zx";

/**
 * Builds dist/, which is laid out like the checkout (dist/src, dist/suites, dist/fixtures, dist/package.json), so that a path relative to
 * a module is the same in both.
 */
process.chdir(fileURLToPath(new URL("..", import.meta.url)));
await rm("dist", { recursive: true, force: true });
const compiled = await $({ stdio: "inherit", nothrow: true })`tsc -p tsconfig.build.json`;
// tsc has said why on its own output.
if (compiled.exitCode !== 0) process.exit(1);
await cp("package.json", "dist/package.json");
for (const folder of ["fixtures", "load"]) await cp(folder, join("dist", folder), { recursive: true, filter: isShipped });
// What tsc does not emit but modules read: data beside them.
for (const folder of ["src", "suites"])
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && !/\.(ts|json)$/.test(entry.name)) {
      const path = join(entry.parentPath, entry.name);
      await cp(path, join("dist", path));
    }

function isShipped(path: string): boolean {
  // npm packs neither of the two settings files, so dist/ is what an installed package will be.
  return !["node_modules", ".gitignore", ".npmrc"].includes(basename(path));
}
