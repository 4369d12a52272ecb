import { describe, expect, it } from "vitest";
import { parseReference, pullReference } from "../../../src/engine/images/reference.ts";

describe("parseReference", () => {
  it.each([
    ["traefik:v2.11", { registry: "docker.io", repository: "library/traefik", tag: "v2.11" }],
    ["traefik", { registry: "docker.io", repository: "library/traefik" }],
    ["docker.io/library/traefik:v2.11", { registry: "docker.io", repository: "library/traefik", tag: "v2.11" }],
    ["redislabs/rejson:2.0.7", { registry: "docker.io", repository: "redislabs/rejson", tag: "2.0.7" }],
    ["asaxplayinghorse/core@digest", { registry: "docker.io", repository: "asaxplayinghorse/core", digest: "digest" }],
    ["ghcr.io/shopify/toxiproxy:2.12.0", { registry: "ghcr.io", repository: "shopify/toxiproxy", tag: "2.12.0" }],
    ["localhost:5000/a/b:1@sha256:ab", { registry: "localhost:5000", repository: "a/b", tag: "1", digest: "sha256:ab" }],
    ["localhost:5000/a", { registry: "localhost:5000", repository: "a" }],
  ])("takes %s apart", (text, expected) => {
    expect(parseReference(text)).toEqual(expected);
  });
});

describe("pullReference", () => {
  it("pulls from where the reference says without a mirror", () => {
    expect(pullReference("traefik:v2.11", undefined)).toEqual({
      registry: "docker.io",
      repository: "library/traefik",
      tag: "v2.11",
    });
    expect(pullReference("ghcr.io/a/b:1", undefined)).toEqual({ registry: "ghcr.io", repository: "ghcr.io/a/b", tag: "1" });
  });

  it("pulls everything from the mirror, below its prefix", () => {
    expect(pullReference("traefik:v2.11", "127.0.0.1:5000/hub")).toEqual({
      registry: "127.0.0.1:5000",
      repository: "127.0.0.1:5000/hub/library/traefik",
      tag: "v2.11",
    });
    expect(pullReference("ghcr.io/a/b@sha256:ab", "http://m:1/")).toEqual({
      registry: "m:1",
      repository: "m:1/a/b",
      tag: "sha256:ab",
    });
  });
});
