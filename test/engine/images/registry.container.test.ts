import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { followed } from "../../../src/engine/images/base.ts";
import { decideImages, provideOwnImages } from "../../../src/engine/images/own.ts";
import { provideImages, pulledTag } from "../../../src/engine/images/provide.ts";
import { Puller } from "../../../src/engine/images/pull.ts";
import { listImages, loadImages, saveImages } from "../../../src/engine/images/store.ts";
import { docker, type Running, start } from "./running.ts";

const quiet = { onProgress: () => undefined };
let folder: string;
let server: Running;
let host: string;
let tag: string;

const login = (user: string, password: string) =>
  writeFileSync(
    path.join(folder, "config.json"),
    JSON.stringify({ auths: { [host]: { auth: Buffer.from(`${user}:${password}`).toString("base64") } } }),
  );

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "registry-test-"));
  vi.stubEnv("DOCKER_CONFIG", folder);
  const [image] = await provideImages(docker, ["registry"], { policy: "build", ...quiet });
  tag = image?.tag ?? "";
  // htpasswd is made inside, then the registry starts with basic authentication; the port is a random one on loopback.
  server = await start(tag, {
    Entrypoint: ["/bin/sh", "-c"],
    Cmd: ["htpasswd -Bbn tester sesame > /htpasswd && exec /entrypoint.sh /etc/docker/registry/config.yml"],
    Env: ["REGISTRY_AUTH=htpasswd", "REGISTRY_AUTH_HTPASSWD_REALM=test", "REGISTRY_AUTH_HTPASSWD_PATH=/htpasswd"],
    HostConfig: { PortBindings: { "5000/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] } },
  });
  const port = (await server.container.inspect()).NetworkSettings.Ports["5000/tcp"]?.[0]?.HostPort;
  host = `127.0.0.1:${port}`;
  await server.until("401 from the registry", async () => (await fetch(`http://${host}/v2/`)).status === 401);
  // What the mirror holds as registry:2 is the image itself.
  const name = `${host}/hub/library/registry`;
  await docker.getImage(tag).tag({ repo: name, tag: "2" });
  const stream = await docker
    .getImage(`${name}:2`)
    .push({ authconfig: { username: "tester", password: "sesame", serveraddress: host } });
  await followed(docker, stream, () => undefined);
  await docker.getImage(`${name}:2`).remove();
}, 600_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  if (folder) rmSync(folder, { recursive: true });
  for (const name of [`${host}/hub/library/registry:2`, pulledTag("registry:2", "registry")]) {
    await docker
      .getImage(name)
      .remove()
      .catch(() => undefined);
  }
  await server?.[Symbol.asyncDispose]();
});

describe("pulling from a local registry", () => {
  it("is refused without credentials, with the registry's own reason", async () => {
    await expect(provideImages(docker, ["registry"], { policy: "pull", mirror: `${host}/hub`, ...quiet })).rejects.toMatchObject({
      code: "E_IMAGE_PULL",
      message: expect.stringMatching(/no basic auth credentials|unauthorized|authentication required/),
      cure: expect.stringContaining("docker login"),
    });
  });

  it("is refused with wrong credentials", async () => {
    login("tester", "wrong");
    await expect(provideImages(docker, ["registry"], { policy: "pull", mirror: `${host}/hub`, ...quiet })).rejects.toMatchObject({
      code: "E_IMAGE_PULL",
    });
  });

  it("works with the credentials that docker login left, and names the digest that it got", async () => {
    login("tester", "sesame");
    const [image] = await provideImages(docker, ["registry"], { policy: "pull", mirror: `${host}/hub`, ...quiet });
    expect(image).toMatchObject({ origin: "pulled", source: "registry", tag: pulledTag("registry:2", "registry") });
    expect(image?.got).toMatch(/@sha256:[0-9a-f]{64}$/);
    expect(image?.substitution).toBeUndefined();
  });

  it("takes the pulled image before its own under auto, and its own under build", async () => {
    const [auto] = await provideImages(docker, ["registry"], { policy: "auto", mirror: `${host}/hub`, ...quiet });
    const [build] = await provideImages(docker, ["registry"], { policy: "build", ...quiet });
    expect(auto).toMatchObject({ source: "registry", origin: "present" });
    expect(build).toMatchObject({ source: "recipe", origin: "present" });
  });

  it("says so when the registry lacks the image, which is no reason to call it unreachable", async () => {
    const puller = new Puller(docker, `${host}/hub`);
    const result = await puller.pull("nothing:1", "sprocket-resilience/nothing:1", () => undefined);
    expect(result).toMatchObject({ ok: false, unreachable: false, reason: expect.stringMatching(/not found|unknown/) });
    expect(puller.unreachable("nothing:1")).toBeUndefined();
  });

  it("asks an unreachable registry once, and remembers why", async () => {
    const puller = new Puller(docker, "127.0.0.1:9/hub");
    const first = await puller.pull("registry:2", "sprocket-resilience/registry:never", () => undefined);
    expect(first).toMatchObject({ ok: false, unreachable: true, reason: expect.stringContaining("refused") });
    const began = performance.now();
    const second = await puller.pull("traefik:v2.11", "sprocket-resilience/traefik:never", () => undefined);
    expect(performance.now() - began).toBeLessThan(20);
    expect(second).toMatchObject({ ok: false, unreachable: true, reason: expect.stringContaining("cannot be reached") });
  });
});

describe("a candidate's own image", () => {
  const unknown = "example/unknown:1";
  const secret = "asaxplayinghorse/core:main";
  const engine = async () => docker;
  const decide = async (reference: string, policy: "auto" | "build" | "local" = "auto") =>
    (await decideImages([reference], { policy, engine, mirror: `${host}/hub` })).get(reference);
  let ours: string | undefined;

  beforeAll(async () => {
    for (const reference of [unknown, secret]) {
      const [repo, version] = `${host}/hub/${reference}`.split(/:(?=[^:]+$)/) as [string, string];
      await docker.getImage(tag).tag({ repo, tag: version });
      const image = docker.getImage(`${repo}:${version}`);
      const auth = { username: "tester", password: "sesame", serveraddress: host };
      await followed(docker, await image.push({ authconfig: auth }), () => undefined);
      await image.remove();
    }
  });
  afterAll(async () => {
    for (const name of [ours, `${host}/hub/${unknown}`]) {
      if (name)
        await docker
          .getImage(name)
          .remove()
          .catch(() => undefined);
    }
  });

  it("is what the registry has, where its user is logged in; nothing else is, and nothing is pulled to know it", async () => {
    login("tester", "sesame");
    expect(await decide(unknown)).toMatchObject({ how: "own", image: { reference: unknown, present: false } });
    expect(await decide("example/nowhere:1")).toMatchObject({ how: "none" });
    expect(await decide("traefik:v9.9")).toMatchObject({ how: "catalogue", entry: { name: "traefik" } });
  });

  it("is a private one for who may pull it, and a stand-in for who may not", async () => {
    login("tester", "sesame");
    expect(await decide(secret)).toMatchObject({ how: "own", image: { present: false } });
    login("tester", "wrong");
    expect(await decide(secret)).toMatchObject({ how: "catalogue", entry: { name: "app-core" } });
    rmSync(path.join(folder, "config.json"));
    expect(await decide(secret)).toMatchObject({ how: "catalogue", entry: { name: "app-core" } });
    expect(await decide(unknown)).toMatchObject({ how: "none" });
  });

  it("is not looked for in a registry under local or build", async () => {
    login("tester", "sesame");
    expect(await decide(unknown, "local")).toMatchObject({ how: "none", why: expect.stringContaining("SPROCKET_IMAGES=local") });
    expect(await decide(unknown, "build")).toMatchObject({ how: "none", why: expect.stringContaining("SPROCKET_IMAGES=build") });
  });

  it("is pulled under a tag of ours, and is there from then on", async () => {
    login("tester", "sesame");
    const decision = await decide(unknown);
    if (decision?.how !== "own") throw new Error("not its own");
    const options = { policy: "auto" as const, mirror: `${host}/hub`, ...quiet };
    const [pulled] = await provideOwnImages(docker, [decision.image], options);
    ours = pulled?.tag;
    expect(pulled).toMatchObject({ source: "registry", origin: "pulled", asked: unknown, name: decision.image.name });
    expect(await decide(unknown, "local")).toMatchObject({ how: "own", image: { present: true } });
    expect((await provideOwnImages(docker, [decision.image], { ...options, policy: "local" }))[0]?.origin).toBe("present");
  });

  it("from a registry that cannot be reached is not to be had, and its other images are not asked for", async () => {
    const decided = await decideImages(["example/a:1", "example/b:1"], { policy: "auto", engine, mirror: "127.0.0.1:9/hub" });
    expect(decided.get("example/a:1")).toMatchObject({ how: "none", why: expect.stringContaining("refused") });
    expect(decided.get("example/b:1")).toMatchObject({ how: "none", why: expect.stringContaining("cannot be reached") });
  });
});

describe("one file for a machine without registries", () => {
  it("carries an image there and back under its tag", async () => {
    const file = path.join(folder, "images.tar");
    const saved = await saveImages(docker, file, ["registry"]);
    expect(saved.tags).toContain(tag);
    expect(saved.sizeBytes).toBeGreaterThan(10_000_000);
    await docker.getImage(tag).remove(); // the container keeps the layers, the tag is gone
    expect((await listImages(docker)).map((image) => image.tag)).not.toContain(tag);
    expect(await loadImages(docker, file)).toContain(tag);
    expect(await listImages(docker)).toContainEqual(expect.objectContaining({ tag, name: "registry", current: true }));
  });

  it("refuses a file that is none, and one that is not there", async () => {
    const file = path.join(folder, "text");
    writeFileSync(file, "not an archive");
    await expect(loadImages(docker, file)).rejects.toMatchObject({ code: "E_IMAGE_LOAD" });
    await expect(loadImages(docker, path.join(folder, "nowhere"))).rejects.toMatchObject({ code: "E_BAD_INPUT", exitCode: 3 });
  });
});
