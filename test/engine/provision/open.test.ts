import { expect, it } from "vitest";
import { openEngine } from "../../../src/engine/provision/open.ts";
import { preflight, requireEngine } from "../../../src/engine/provision/preflight.ts";

const nowhere = { DOCKER_HOST: "unix:///nowhere/docker.sock" };

it.each(["never", "auto"] as const)(
  "an engine that DOCKER_HOST names is never replaced by another one (%s)",
  async (provision) => {
    const said: string[] = [];
    await expect(openEngine({ provision, env: nowhere, onProgress: (line) => said.push(line) })).rejects.toMatchObject({
      code: "E_NO_ENGINE",
      exitCode: 4,
      message: expect.stringContaining("unix:///nowhere/docker.sock (DOCKER_HOST)"),
      cure: expect.stringContaining("DOCKER_HOST"),
    });
    expect(said).toEqual([]);
  },
);

it("a preflight without an engine says so as a finding, and what needs one is refused with it", async () => {
  const met = await preflight({ need: ["node", "docker", "disk"], provision: "never", env: nowhere, onProgress: () => {} });
  expect(met.engine).toBeUndefined();
  expect(met.findings.map(({ id, severity }) => [id, severity])).toEqual([
    ["node", "info"],
    ["docker", "error"],
  ]);
  expect(() => requireEngine(met)).toThrow(expect.objectContaining({ code: "E_NO_ENGINE", exitCode: 4 }));
});

it("a wrong address is bad input, not a missing engine", async () => {
  const options = {
    need: ["docker"] as const,
    provision: "never" as const,
    env: { DOCKER_HOST: "ftp://x" },
    onProgress: () => {},
  };
  await expect(preflight(options)).rejects.toMatchObject({ code: "E_DOCKER_HOST", exitCode: 3 });
});
