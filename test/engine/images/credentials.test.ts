import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { credentialsFor } from "../../../src/engine/images/credentials.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "docker-config-"));
  vi.stubEnv("DOCKER_CONFIG", folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});
const config = (content: object) => writeFileSync(path.join(folder, "config.json"), JSON.stringify(content));
const pair = (text: string) => Buffer.from(text).toString("base64");

describe("credentialsFor", () => {
  it("is undefined without a configuration, or without a login there", () => {
    expect(credentialsFor("docker.io")).toBeUndefined();
    config({ auths: { "other.example": { auth: pair("a:b") } } });
    expect(credentialsFor("registry.example")).toBeUndefined();
  });

  it("reads what docker login wrote, Docker Hub under its old address, passwords with colons whole", () => {
    config({ auths: { "https://index.docker.io/v1/": { auth: pair("user:pa:ss") }, "127.0.0.1:5000": { auth: pair("x:y") } } });
    expect(credentialsFor("docker.io")).toMatchObject({ username: "user", password: "pa:ss" });
    expect(credentialsFor("127.0.0.1:5000")).toMatchObject({ username: "x", password: "y" });
  });

  it("asks a credential helper, and goes without when it has nothing", () => {
    const helper = path.join(folder, "docker-credential-test");
    writeFileSync(helper, '#!/bin/sh\nread key; [ "$key" = registry.example ] && echo \'{"Username":"u","Secret":"s"}\'\n');
    chmodSync(helper, 0o755);
    vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
    config({ credHelpers: { "registry.example": "test", "none.example": "test" } });
    expect(credentialsFor("registry.example")).toMatchObject({ username: "u", password: "s" });
    expect(credentialsFor("none.example")).toBeUndefined();
  });
});
