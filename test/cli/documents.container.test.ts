import { expect, it } from "vitest";
import { runInProcess } from "./io.ts";
import { violations } from "./schemas.ts";

it.each([
  ["doctor", ["doctor", "--json"]],
  ["sweep", ["sweep", "--dry-run", "--json"]],
  ["images", ["images", "list", "--json"]],
])("%s prints a document that its schema allows, and nothing else", async (format, args) => {
  const { exitCode, out } = await runInProcess(args, { env: process.env });
  expect(exitCode).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ format, version: 1 });
  expect(violations(out)).toEqual([]);
});
