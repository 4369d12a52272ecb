import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { faultKinds } from "../../src/fault/kinds.ts";

test("docs/faults.md has a row for each kind of fault, and for no other", () => {
  const text = readFileSync(new URL("../../docs/faults.md", import.meta.url), "utf8");
  const rows = [...text.matchAll(/^\| `([a-z]+\/[a-z-]+)` \|/gm)].map(([, kind]) => kind);
  expect(rows.toSorted()).toEqual([...faultKinds].toSorted());
});
