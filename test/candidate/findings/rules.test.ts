import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { staticRules } from "../../../src/candidate/findings/index.ts";

it("docs/candidates.md lists every rule, each once, and no other", () => {
  const text = readFileSync(new URL("../../../docs/candidates.md", import.meta.url), "utf8");
  const listed = [...text.matchAll(/^\| `(static\/[a-z-]+)` \| \S.* \| \S.* \|$/gm)].map((row) => row[1]);
  expect(listed).toEqual(staticRules().map((rule) => rule.id));
});
