import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { installDependencies } from "../../../src/engine/pulumi/dependencies.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

afterEach(() => void vi.unstubAllEnvs());

/** An npm whose registry serves every package but `@x/lost` 3.16.0; it notes how it was called. */
const npm = `#!/usr/bin/env node
const fs = require("node:fs");
const [command, name] = process.argv.slice(2);
fs.appendFileSync(process.env.NPM_CALLS, process.argv.slice(2).join(" ") + "\\n");
if (command === "view") {
  console.log(JSON.stringify(["3.2.0", "3.16.2", "3.17.0"]));
} else {
  const locked = JSON.parse(fs.readFileSync("package-lock.json", "utf8")).packages["node_modules/@x/lost"];
  if (locked && locked.version === "3.16.0") {
    console.error("npm error code E404\\nnpm error 404 Not Found - GET https://registry.example/@x/lost/-/lost-3.16.0.tgz");
    process.exit(1);
  }
  fs.mkdirSync("node_modules/@x/lost", { recursive: true });
  fs.symlinkSync("../../linked", "node_modules/linked");
}
`;

async function program() {
  const folder = await temporaryFolder();
  const [root, bin, cacheDir] = ["root", "bin", "cache"].map((name) => path.join(folder, name)) as [string, string, string];
  const write = (file: string, value: unknown) => {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value), { mode: 0o755 });
  };
  write(path.join(bin, "npm"), npm);
  write(path.join(root, "app/package.json"), { dependencies: { "@x/lost": "^3.0.0", linked: "file:../linked" } });
  write(path.join(root, "app/package-lock.json"), { packages: { "node_modules/@x/lost": { version: "3.16.0" } } });
  write(path.join(root, "linked/package.json"), { name: "linked", version: "1.0.0", dependencies: { other: "1.0.0" } });
  write(path.join(root, "linked/package-lock.json"), { packages: {} });
  vi.stubEnv("PATH", `${bin}:${process.env.PATH}`);
  vi.stubEnv("NPM_CALLS", path.join(folder, "calls"));
  const install = (relax: boolean) =>
    installDependencies({
      root,
      folders: ["app"],
      relax,
      cacheDir,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
  return { root, cacheDir, install, calls: () => readFileSync(path.join(folder, "calls"), "utf8").trim().split("\n") };
}

it("refuses a locked version that the registry does not serve, says which, and leaves nothing half installed", async () => {
  const { install, cacheDir } = await program();
  await expect(install(false)).rejects.toMatchObject({
    code: "E_PULUMI_PACKAGE",
    exitCode: 3,
    message: "app/package-lock.json asks for @x/lost 3.16.0, which the registry does not serve.",
    cure: expect.stringContaining("--relax-lock"),
  });
  expect(readdirSync(cacheDir)).toEqual([]);
});

it("moves it to the nearest served one when that is asked for, lists it, and writes nothing into the checkout", async () => {
  const { install, root, calls } = await program();
  const before = readFileSync(path.join(root, "app/package-lock.json"), "utf8");
  const installed = await install(true);
  expect(installed.differences).toMatchObject([{ subject: "package:@x/lost", kind: "version", asked: "3.16.0", got: "3.16.2" }]);
  expect(installed.packages).toEqual(["app", "linked"]);
  expect(installed.links).toContainEqual({ at: "app/node_modules/linked", to: "linked" });
  const manifest = JSON.parse(readFileSync(path.join(installed.folder, "app/package.json"), "utf8"));
  expect(manifest).toMatchObject({ dependencies: { "@x/lost": "3.16.2" }, overrides: { "@x/lost": "3.16.2" } });
  expect(
    calls()
      .filter((line) => !line.startsWith("view"))
      .every((line) => line.includes("--ignore-scripts")),
  ).toBe(true);
  expect(readFileSync(path.join(root, "app/package-lock.json"), "utf8")).toBe(before);
  expect(readdirSync(path.join(root, "app")).sort()).toEqual(["package-lock.json", "package.json"]);
});

it("does not install again what is there", async () => {
  const { install, calls } = await program();
  const first = await install(true);
  const before = calls().length;
  expect(await install(true)).toEqual(first);
  expect(calls()).toHaveLength(before);
});
