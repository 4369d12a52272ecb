import { beforeAll, describe, expect, it } from "vitest";
import { catalogue } from "../../../src/engine/images/catalogue.ts";
import { provideImages } from "../../../src/engine/images/provide.ts";
import type { ProvidedImage } from "../../../src/engine/images/types.ts";
import { docker, runToEnd } from "./running.ts";

/** All recipes, cold, on two cores. */
const coldMs = 25 * 60_000;

const provided = new Map<string, ProvidedImage>();
beforeAll(async () => {
  const names = catalogue().map((entry) => entry.name);
  for (const image of await provideImages(docker, names, { policy: "auto", onProgress: () => undefined }))
    provided.set(image.name, image);
}, coldMs);

describe.each(catalogue())("$name", (entry) => {
  const { promise } = entry;

  it("keeps the promise of its configuration", async () => {
    const image = provided.get(entry.name);
    expect(image).toBeDefined();
    const { Config: config } = await docker.getImage(image?.tag ?? "").inspect();
    expect(config.User).toBe(promise.user);
    expect(config.Entrypoint ?? []).toEqual(promise.entrypoint);
    expect(config.Cmd ?? []).toEqual(promise.cmd);
    const env = Object.fromEntries(
      (config.Env ?? []).map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
    );
    expect(env).toMatchObject(promise.env);
    expect(Object.keys(config.ExposedPorts ?? {})).toEqual(expect.arrayContaining(promise.ports));
    expect(Object.keys(config.Volumes ?? {}).sort()).toEqual([...promise.volumes].sort());
  });

  it("has the paths that it promises", async () => {
    // A shell that lies beside the image's own files: official images need not have one.
    const script = promise.paths.map((path) => `[ -e '${path}' ] || echo "missing ${path}"`).join("\n");
    const { status, output } = await runToEnd(provided.get(entry.name)?.tag ?? "", {
      Entrypoint: ["/bin/sh", "-c"],
      Cmd: [script],
      User: "0",
    });
    expect({ status, output }).toEqual({ status: expect.any(Number), output: "" });
  });

  it("carries nothing of this machine's settings", async () => {
    const { Config: config } = await docker.getImage(provided.get(entry.name)?.tag ?? "").inspect();
    for (const pair of config.Env ?? [])
      expect(pair).not.toMatch(/^(GOPROXY|PIP_|NPM_|npm_|SSL_CERT|https?_proxy|HTTPS?_PROXY|APT_CONFIG|DEBIAN_FRONTEND)/);
  });
});
