import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { Definition } from "../../src/candidate/types.ts";
import { type Importers, type LoadOptions, loadCandidate, planFor } from "../../src/experiment/candidate.ts";
import { aCandidate, aService } from "../candidate/a-service.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const options: LoadOptions = { signal: new AbortController().signal, onProgress: () => {}, images: "auto", provision: "never" };
const { domain: _, parties: __, host: ___, ...rest } = aCandidate([]);
const { tier: ____, ...traefik } = aService("traefik", { image: "traefik:v2.11" });
const definition: Definition = { ...rest, services: [traefik] };
const difference = { subject: "x", kind: "version" as const, asked: "1", got: "2", why: "w", hides: [] };
const importers: Importers = {
  pulumi: async () => ({
    definition: { ...definition, origin: { kind: "pulumi", stacks: [{ project: "p", stack: "prod", folder: "." }] } },
    differences: [],
  }),
  compose: async () => ({ definition, differences: [difference] }),
};

it("derives what an importer read, keeps its differences, and says where it was read from", async () => {
  const root = await temporaryFolder();
  const loaded = await loadCandidate({ kind: "compose", files: [join(root, "docker-stack.yml")], root }, options, importers);
  expect(loaded.candidate.services).toMatchObject([{ name: "traefik", role: "traefik", tier: "layer1" }]);
  expect(loaded.differences).toEqual([difference]);
  expect(loaded.origin).toEqual({ kind: "compose", read: ["docker-stack.yml"] });
});

it("names the commit of a checkout", async () => {
  const folder = await temporaryFolder();
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.test", ...args], { encoding: "utf8" });
  git("init", "-q");
  git("commit", "-q", "--allow-empty", "-m", "x");
  const { origin } = await loadCandidate({ kind: "pulumi", folder, relaxLock: false }, options, importers);
  expect(origin).toEqual({ kind: "pulumi", read: ["p/prod"], commit: git("rev-parse", "HEAD").trim() });
});

it("is the reference without an origin", async () => {
  expect(Object.keys(await loadCandidate({ kind: "reference", profile: "core" }, options))).toEqual(["candidate", "differences"]);
});

it("says of a Pulumi program without an engine that it needs one", async () => {
  const before = process.env.DOCKER_HOST;
  process.env.DOCKER_HOST = "unix:///nowhere/docker.sock";
  onTestFinished(() => {
    if (before === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = before;
  });
  const asking: Importers = {
    ...importers,
    pulumi: async (_source, _options, engine) => engine().then(() => importers.pulumi({} as never, options, engine)),
  };
  await expect(loadCandidate({ kind: "pulumi", folder: "/x", relaxLock: false }, options, asking)).rejects.toMatchObject({
    code: "E_NO_ENGINE",
    exitCode: 4,
    message: expect.stringContaining("A Pulumi program is evaluated in a container, but "),
  });
});

it("asks no engine for a candidate whose images the catalogue has, and plans others without one as to be pulled", async () => {
  let asked = 0;
  const engine = async () => {
    asked += 1;
    return undefined;
  };
  const known = aCandidate([
    aService("traefik", { image: "traefik:v2.11" }),
    aService("core", { image: "asaxplayinghorse/core@digest" }),
  ]);
  expect((await planFor(known, { images: "auto", engine })).services.map((one) => one.image.name)).toEqual([
    "traefik",
    "app-core",
  ]);
  expect(asked).toBe(0);
  const unknown = aCandidate([aService("x", { image: "example/unknown:1" })]);
  expect((await planFor(unknown, { images: "auto", engine })).services[0]?.image).toMatchObject({
    source: "registry",
    own: { reference: "example/unknown:1" },
  });
  expect((await planFor(unknown, { images: "build", engine })).notReproduced).toHaveLength(1);
});
