import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { commands } from "../../src/cli/commands/index.ts";
import { spelling } from "../../src/cli/flags.ts";
import { runInProcess } from "./io.ts";

it("names every command, and each command's own help shows every flag and an example", async () => {
  const overall = await runInProcess(["--help"]);
  expect(overall.exitCode).toBe(0);
  for (const command of commands) {
    expect(overall.out).toMatch(new RegExp(`^ {2}${command.name} +\\S`, "m"));
    const own = await runInProcess([command.name, "--help"]);
    expect(own).toMatchObject({ exitCode: 0, err: "" });
    for (const flag of Object.keys(command.flags)) expect(own.out).toMatch(new RegExp(`^ {2}${spelling(flag)}\\b`, "m"));
    expect(own.out).toContain(`examples:\n  sprocket-resilience ${command.name}`);
    expect((await runInProcess(["help", command.name])).out).toBe(own.out);
  }
});

it("has an npm script for every command", async () => {
  const manifest = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  for (const command of commands) expect(manifest.scripts[command.name]).toBe(`node bin/sprocket-resilience.mjs ${command.name}`);
});

it("--version prints the package's version", async () => {
  const manifest = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  expect(await runInProcess(["--version"])).toEqual({ exitCode: 0, out: `${manifest.version}\n`, err: "" });
});
