import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { appsFolder, nowhere, render } from "./stand-in.ts";

const folder = join(appsFolder, "config");
const templates = readdirSync(folder);
const placeholders = (text: string) => [...text.matchAll(/\{\{([^}]+)\}\}/g)].map(([, name]) => name);

test("docs/stand-ins.md lists exactly the placeholders that the templates have", () => {
  const used = new Set(templates.flatMap((template) => placeholders(readFileSync(join(folder, template), "utf8"))));
  const rows = readFileSync(new URL("../../docs/stand-ins.md", import.meta.url), "utf8").match(/^\| `\{\{.*$/gm) ?? [];
  expect(rows.flatMap(placeholders).sort()).toEqual([...used].sort());
});

test.each(templates)("%s is valid before and after it is filled in", (template) => {
  const before = parse(readFileSync(join(folder, template), "utf8"));
  const after = parse(render(template, nowhere));
  expect(Object.keys(after)).toEqual(Object.keys(before));
  expect(JSON.stringify(after)).not.toContain("{{");
});
