import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Folder of fixtures, in a checkout and in the packed product alike. */
export const fixturesFolder = fileURLToPath(new URL("../../fixtures/", import.meta.url));

/** Reads a fixture's text and fills `{{name}}` from `values`; a name without a value is an error, as a deployer's template engine would leave a hole. */
export function renderFixture(path: string, values: Record<string, string>): string {
  const text = readFileSync(fixturesFolder + path, "utf8");
  return text.replace(/\{\{\s*([\w.-]+)\s*\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`fixtures/${path} asks for {{${name}}}, which nothing gives`);
    return value;
  });
}
