import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { candidateSource, referenceOnly } from "../../src/cli/candidate-source.ts";

let cwd: string;
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), "sprocket-resilience-"));
  for (const folder of ["infra/layer_1", "plain", "empty"]) await mkdir(join(cwd, folder), { recursive: true });
  for (const file of [
    "infra/layer_1/Pulumi.yaml",
    "infra/layer_1/Pulumi.prod.yaml",
    "plain/docker-stack.yml",
    "a.yml",
    "b.yaml",
    "notes.txt",
  ])
    await writeFile(join(cwd, file), "");
});

afterAll(() => rm(cwd, { recursive: true, force: true }));

const named = (candidate: string[], more: { profile?: "core" | "full"; relaxLock?: boolean } = {}) =>
  candidateSource({ candidate, profile: more.profile, relaxLock: more.relaxLock ?? false }, cwd, "gate");

it("is the reference when nothing is named, by name too, with its profile", async () => {
  expect(await named([])).toEqual({ kind: "reference", profile: "core" });
  expect(await named(["reference"], { profile: "full" })).toEqual({ kind: "reference", profile: "full" });
});

it("is a Pulumi program by Pulumi.yaml in the folder, or one level below", async () => {
  for (const folder of ["infra", "infra/layer_1"])
    expect(await named([folder], { relaxLock: true })).toEqual({ kind: "pulumi", folder: join(cwd, folder), relaxLock: true });
});

it("is stack files by their names, in order, with the folder that they have in common", async () => {
  expect(await named(["b.yaml", "plain/docker-stack.yml"])).toEqual({
    kind: "compose",
    files: [join(cwd, "b.yaml"), join(cwd, "plain/docker-stack.yml")],
    root: cwd,
  });
});

it.each([
  [["refrence"], {}, 'did you mean "reference"?'],
  [["c.yml"], {}, 'Missing file or folder "c.yml" for --candidate of `gate`'],
  [["c.yml"], {}, "the nearest is"],
  [["notes.txt"], {}, 'Wrong file "notes.txt"'],
  [["empty"], {}, "it has no Pulumi.yaml in it or one level below"],
  [["plain"], {}, 'the nearest is the stack file "plain/docker-stack.yml"'],
  [["infra/layer_1/Pulumi.prod.yaml"], {}, 'allowed is its folder, "infra/layer_1"'],
  [["reference", "a.yml"], {}, 'Both "reference" and a path'],
  [["infra", "a.yml"], {}, "one folder, or several stack files"],
  [["a.yml"], { profile: "full" as const }, "Unexpected --profile full"],
  [["a.yml"], { relaxLock: true }, "Unexpected --relax-lock"],
  [[], { relaxLock: true }, "Unexpected --relax-lock"],
])("refuses %j with %j in one sentence", async (given, more, words) => {
  await expect(named(given, more)).rejects.toMatchObject({
    code: "E_BAD_INPUT",
    exitCode: 3,
    message: expect.stringContaining(words),
  });
});

it("refuses any other than the reference for what knows only that one", () => {
  expect(() => referenceOnly({ kind: "pulumi", folder: "/x", relaxLock: false }, "mutate")).toThrow(
    /of `mutate`: allowed is reference/,
  );
});
