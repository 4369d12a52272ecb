import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { explain } from "../../src/cli/explain.ts";
import { ResilienceError } from "../../src/history/errors.ts";
import { runInProcess } from "./io.ts";

const bin = fileURLToPath(new URL("../../bin/sprocket-resilience.mjs", import.meta.url));

function start(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const seen = { out: "", err: "" };
  child.stdout.on("data", (chunk) => {
    seen.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    seen.err += chunk;
  });
  return { child, seen };
}

it("runs on Node 24 or newer", () => {
  expect(Number(process.versions.node.split(".")[0])).toBeGreaterThanOrEqual(24);
});

it("ends with the outcome's exit code, as a process", async () => {
  const { child, seen } = start(["gaet"]);
  expect((await once(child, "close"))[0]).toBe(3);
  expect(seen).toMatchObject({ out: "", err: expect.stringContaining('did you mean "gate"?') });
});

it("an engine that is nowhere, and may not be provided, ends with 4 and the cure, and one document", async () => {
  const env = { DOCKER_HOST: "unix:///nowhere/docker.sock", SPROCKET_PROVISION: "never" };
  const { child, seen } = start(["sweep", "--json"], env);
  expect((await once(child, "close"))[0]).toBe(4);
  expect(seen.err).toMatch(/^E_NO_ENGINE: .*unix:\/\/\/nowhere\/docker\.sock \(DOCKER_HOST\).*\ncure: .*DOCKER_HOST/);
  expect(JSON.parse(seen.out)).toMatchObject({ format: "error", version: 1, error: { code: "E_NO_ENGINE" }, exitCode: 4 });
});

it("a reader that goes away is no error", async () => {
  const { child, seen } = start(["--help"]);
  child.stdout.destroy();
  expect((await once(child, "close"))[0]).toBe(0);
  expect(seen.err).toBe("");
});

it("an unexpected exception says what to report, and an error of ours only its sentence and cure", () => {
  const strange = explain(new TypeError("x is not a function", { cause: new Error("inner") }));
  expect(strange).toMatchObject({ code: "E_INTERNAL", exitCode: 2, sentence: expect.stringContaining("x is not a function") });
  expect(strange.detail).toContain("process.test.ts");
  expect(strange.detail).toContain("caused by: Error: inner");
  expect(explain(new ResilienceError("E_TEST", "A.", { cure: "B." }))).toEqual({
    code: "E_TEST",
    sentence: "A.",
    cure: "B.",
    exitCode: 4,
  });
});

describe("signals", () => {
  /** An engine that answers who it is, and then no more: what is asked of it next waits for ever. */
  async function mute(): Promise<string> {
    const server = createServer((request, response) => {
      if (request.url?.endsWith("/version"))
        response.setHeader("content-type", "application/json").end('{"Version":"99.0","ApiVersion":"1.77"}');
      else server.emit("asked");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    asked = once(server, "asked");
    return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  let asked: Promise<unknown>;

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s ends what waits, with 130 and one document", async (signal) => {
    const { child, seen } = start(["doctor", "--json"], { DOCKER_HOST: await mute() });
    await asked;
    child.kill(signal);
    expect((await once(child, "close"))[0]).toBe(130);
    expect(seen.err).toContain(`E_INTERRUPTED: The command was ended by ${signal}.`);
    expect(JSON.parse(seen.out)).toMatchObject({ format: "error", error: { code: "E_INTERRUPTED" }, exitCode: 130 });
  });

  it("a second one ends at once what does not end by itself", async () => {
    const { child, seen } = start(["sweep"], { DOCKER_HOST: await mute() });
    await asked;
    child.kill("SIGINT");
    await expect.poll(() => seen.err).toContain("once more ends at once");
    expect(child.exitCode).toBeNull();
    child.kill("SIGINT");
    expect((await once(child, "close"))[0]).toBe(130);
  });
});

it("colours errors on a terminal only, and not where NO_COLOR asks for none", async () => {
  const colour = "\u001b[";
  expect((await runInProcess(["gaet"], { interactive: true })).err).toContain(colour);
  expect((await runInProcess(["gaet"], { interactive: true, env: { NO_COLOR: "1" } })).err).not.toContain(colour);
  expect((await runInProcess(["gaet"])).err).not.toContain(colour);
});
