import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
let tree: string;

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), "sprocket-resilience-imports-"));
  for (const file of ["biome.json", ".gitignore"]) await cp(join(root, file), join(tree, file));
});
afterAll(async () => await rm(tree, { recursive: true, force: true }));

/** Plants one file for each statement, runs the linter once with the project's own rules, and returns the statements that it refused. */
async function refused(statements: [folder: string, statement: string][]): Promise<string[]> {
  await rm(join(tree, "src"), { recursive: true, force: true });
  await rm(join(tree, "suites"), { recursive: true, force: true });
  const names = new Map<string, string>();
  for (const [index, [folder, statement]] of statements.entries()) {
    const file = `${folder}/planted-${index}.ts`;
    names.set(file, `${folder}: ${statement}`);
    await mkdir(dirname(join(tree, file)), { recursive: true });
    await writeFile(join(tree, file), `${statement}\n`);
  }
  const report = await biome(["lint", "--only=style/noRestrictedImports", "--reporter=github", "--max-diagnostics=none"]);
  const found = [...report.matchAll(/^::error title=lint\/style\/noRestrictedImports,file=([^,]+),/gm)].map(
    (line) => line[1] ?? "",
  );
  return [...names].filter(([file]) => found.some((path) => path.endsWith(file))).map(([, name]) => name);
}

function biome(args: string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(join(root, "node_modules/.bin/biome"), args, { cwd: tree, maxBuffer: 2 ** 26 }, (_error, out, err) =>
      resolve(out + err),
    );
  });
}

const named = (cases: [folder: string, statement: string][]) => cases.map(([folder, statement]) => `${folder}: ${statement}`);

const order = [
  ["history"],
  ["candidate"],
  ["substitute"],
  ["engine"],
  ["replica"],
  ["probe", "fault", "load"],
  ["experiment"],
  ["drill"],
  ["cli"],
];

it("imports point to the left: everything on the right is refused, everything on the left is not", async () => {
  const left: [string, string][] = [];
  const right: [string, string][] = [];
  for (const [place, level] of order.entries())
    for (const folder of level) {
      for (const other of order.slice(0, place).flat()) left.push([`src/${folder}`, `import "../${other}/x.ts";`]);
      for (const other of order.slice(place + 1).flat()) right.push([`src/${folder}`, `import "../${other}/x.ts";`]);
    }
  expect(right.length).toBeGreaterThan(40);
  expect(await refused([...left, ...right])).toEqual(named(right));
});

it("holds for types, for what is loaded later, for what is exported again, and from deeper folders", async () => {
  const bad: [string, string][] = [
    ["src/engine/node", 'import type { X } from "../../replica/x.ts"; export type Y = X;'],
    ["src/engine/node", 'export const x = () => import("../../cli/main.ts");'],
    ["src/engine/node", 'export * from "../../experiment/x.ts";'],
  ];
  expect(await refused([...bad, ["src/engine/node", 'import "../images/x.ts";']])).toEqual(named(bad));
});

it("lets judges and reports see only the history, and suites all but the command line", async () => {
  const others = order.flat().filter((name) => name !== "history");
  const bad: [string, string][] = [
    ...others.map((name): [string, string] => ["src/check", `import "../${name}/x.ts";`]),
    ...others.map((name): [string, string] => ["src/report", `import "../${name}/x.ts";`]),
    ["src/check", 'import "../report/x.ts";'],
    ["src/check/experiment", 'import "../../experiment/x.ts";'],
    ["src/report", 'import "../experiment/chaos/x.ts";'],
    ["suites/layer1", 'import "../../src/cli/main.ts";'],
    ["src/replica", 'import "../../suites/layer1/x.ts";'],
  ];
  const good: [string, string][] = [
    ["src/check", 'import "../history/x.ts";'],
    ["src/report", 'import "../history/x.ts";'],
    ["src/report", 'import type { X } from "../check/x.ts"; export type Y = X;'],
    // The judges of experiments have the runner's name, and are judges.
    ["src/check", 'import "./experiment/x.ts";'],
    ["src/report", 'import "../check/experiment/x.ts";'],
    ["suites/layer1", 'import "../../src/drill/x.ts";'],
    ["src/experiment", 'import "../../suites/index.ts";'],
  ];
  expect(await refused([...bad, ...good])).toEqual(named(bad));
});
