import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
let project: string;
let packed: string[];

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "sprocket-resilience-pack-"));
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", project], { cwd: root, maxBuffer: 2 ** 26 });
  // What `prepare` and the build print comes first, and may be JSON itself; npm 12 gives one entry a package, older ones a list.
  const report = JSON.parse(stdout.slice([...stdout.matchAll(/^[[{]$/gm)].at(-1)?.index));
  const [pack] = Object.values(report) as { filename: string; files: { path: string }[] }[];
  packed = (pack?.files ?? []).map((file) => file.path);
  await writeFile(join(project, "package.json"), '{ "private": true }');
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", join(project, pack?.filename ?? "")], {
    cwd: project,
  });
}, 300_000);
afterAll(async () => await rm(project, { recursive: true, force: true }));

/** Runs the installed program with this Node, as npx would with the project's own. */
async function installed(args: string[], env: Record<string, string> = {}): Promise<{ code: number; out: string; err: string }> {
  const bin = join(project, "node_modules/.bin/sprocket-resilience");
  return await run(process.execPath, [bin, ...args], { cwd: project, env: { ...process.env, ...env }, maxBuffer: 2 ** 26 }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({ code: error.code, out: error.stdout, err: error.stderr }),
  );
}

it("carries the program, the suites, the documents and every committed fixture, and nothing else", async () => {
  for (const file of ["bin/sprocket-resilience.mjs", "dist/src/cli/main.js", "docs/errors.md", "LICENSE", "package.json"])
    expect(packed).toContain(file);
  expect(packed.filter((file) => !/^(bin|dist|docs)\/|^(README\.md|LICENSE|package\.json)$/.test(file))).toEqual([]);
  expect(packed.filter((file) => /(^|\/)node_modules\/|\.ts$/.test(file) && !file.startsWith("dist/fixtures/"))).toEqual([]);
  const { stdout } = await run("git", ["ls-files", "fixtures", "load", "suites"], { cwd: root, maxBuffer: 2 ** 26 });
  // npm never packs settings of npm and git.
  const tracked = stdout.split("\n").filter((file) => file !== "" && !/\.(npmrc|gitignore)$/.test(file));
  const expected = tracked.map((file) => `dist/${file.startsWith("suites/") ? file.replace(/\.ts$/, ".js") : file}`);
  expect(expected.filter((file) => !packed.includes(file))).toEqual([]);
});

it("says its version and its help from the installed place", async () => {
  const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  expect(await installed(["--version"])).toEqual({ code: 0, out: `${version}\n`, err: "" });
  expect((await installed(["gate", "--help"])).out).toContain("--keep-on-fail");
});

it("runs doctor", async () => {
  const { code, out, err } = await installed(["doctor", "--json"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(JSON.parse(out)).toMatchObject({ format: "doctor", version: 1, usable: true });
});

it("knows the same images as the checkout: what one built, the other uses", async () => {
  const env = { ...process.env, SPROCKET_IMAGES: "build" };
  const bin = join(root, "bin/sprocket-resilience.mjs");
  const { stdout } = await run(process.execPath, [bin, "images", "list", "--json"], { env, maxBuffer: 2 ** 26 });
  const names = (text: string) => JSON.parse(text).images.map((image: { image: string }) => image.image);
  expect(names((await installed(["images", "list", "--json"], { SPROCKET_IMAGES: "build" })).out)).toEqual(names(stdout));
});

it("runs plan", async () => {
  const { code, out, err } = await installed(["plan", "--json"]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const plan = JSON.parse(out);
  expect(plan.services.map((service: { name: string }) => service.name)).toEqual(expect.arrayContaining(["traefik", "vault"]));
  expect(plan.checks.map((check: { id: string }) => check.id)).toContain("layer1/vantages");
});

it("runs a real check: a replica up, judged and down, with nothing left", async () => {
  const { code, out, err } = await installed(["gate", "--only", "layer1/vantages", "--json"]);
  expect(code, err + out).toBe(0);
  const verdict = JSON.parse(out);
  expect(verdict).toMatchObject({ verdict: "pass", exitCode: 0 });
  const of = (id: string) => verdict.checks.find((check: { id: string }) => check.id === id)?.verdict;
  expect([of("layer1/vantages"), of("run/clean")]).toEqual(["pass", "pass"]);
  const run = join(project, "runs", verdict.runId);
  expect(await readFile(join(run, "verdict.json"), "utf8")).toBe(out);
  expect(await installed(["judge", run, "--json"])).toEqual({ code: 0, out, err: "" });
}, 240_000);
