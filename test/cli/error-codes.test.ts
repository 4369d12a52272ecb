import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

it("docs/errors.md lists every error code of the source, each once, and no other", async () => {
  const used = new Set<string>();
  for (const folder of ["src", "bin", "suites"])
    for (const entry of await readdir(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !/\.(ts|mjs)$/.test(entry.name)) continue;
      const text = await readFile(join(entry.parentPath, entry.name), "utf8");
      for (const [code] of text.matchAll(/\bE_[A-Z]+(?:_[A-Z]+)*\b/g)) used.add(code);
    }
  const table = await readFile(join(root, "docs/errors.md"), "utf8");
  const listed = [...table.matchAll(/^\| `(E_[A-Z_]+)` \| (0|1|2|3|4|130|none) \| \S.* \| \S.* \|$/gm)].map(
    (row) => row[1] ?? "",
  );
  expect([...listed].sort()).toEqual([...new Set(listed)].sort());
  expect(listed.sort()).toEqual([...used].sort());
});
