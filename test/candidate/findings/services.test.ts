import { describe, expect, it } from "vitest";
import { imageName, tagKind } from "../../../src/candidate/findings/image.ts";
import { staticFindings } from "../../../src/candidate/findings/index.ts";
import { aCandidate, aService, aTraefik, said } from "./a-candidate.ts";

describe("image-floats and image-line", () => {
  it.each([
    ["n8nio/n8n", "floats"],
    ["redis:latest", "floats"],
    ["grafana/grafana:main", "floats"],
    ["asaxplayinghorse/bot:master", "floats"],
    ["chatwoot/chatwoot:latest-ce", "floats"],
    ["registry.test:5000/web", "floats"],
    ["node:alpine", "floats"],
    ["traefik:v2.11", "line"],
    ["influxdb:2.1-alpine", "line"],
    ["postgres:15", "line"],
    ["redislabs/rejson:2.0.7", "fixed"],
    ["rabbitmq:3.9.14-management-alpine", "fixed"],
    ["grafana/loki:main-1a7b170", "fixed"],
    ["minio/minio:RELEASE.2022-04-30T22-23-53Z", "fixed"],
    ["web:main@sha256:0000000000000000000000000000000000000000000000000000000000000000", "fixed"],
    ["registry.test:5000/web:1.2.3", "fixed"],
    ["web:build42", "fixed"],
  ])("%s: %s", (reference, kind) => {
    expect(tagKind(imageName(reference))).toBe(kind);
  });
  it("say nothing of a tag whose digest is looked up and pinned at the deploy", () => {
    const pinned = aService("a", { image: "own/web:main", digestAtDeploy: true });
    expect([...said("image-floats", aCandidate([pinned])), ...said("image-line", aCandidate([pinned]))]).toEqual([]);
  });
  it("are two findings, so that the lesser one can be accepted by itself", () => {
    const candidate = aCandidate([aService("a", { image: "redis" }), aService("b", { image: "traefik:v2.11" }), aService("c")]);
    expect(said("image-floats", candidate)).toEqual([
      "service:a: redis has no tag, so it is `latest`: what runs changes without a change of the definition.",
    ]);
    expect(said("image-line", candidate)).toEqual([
      "service:b: traefik:v2.11 names a line of versions: every patch release of it takes the tag `v2.11` over.",
    ]);
  });
});

describe("store-on-ingress", () => {
  const on = (image: string, networks: string[]) =>
    aCandidate([aTraefik(), aService("it", { image, networks }), aService("web", { networks: ["ingress-net"] })]);
  it("names the network and how many share it", () => {
    expect(said("store-on-ingress", on("redislabs/rejson:2.0.7", ["prod", "ingress-net"]))).toEqual([
      "service:it: it is on ingress-net with Traefik and 1 other services.",
    ]);
    const byRole = aCandidate([
      aTraefik(),
      aService("g", { role: "dgraph-zero", image: "own/graph:1.0.0", networks: ["ingress-net"] }),
    ]);
    expect(said("store-on-ingress", byRole)).toHaveLength(1);
  });
  it("says nothing of a store on its own network, nor of a store's exporter or console", () => {
    expect(said("store-on-ingress", on("redis:7.0.1", ["prod"]))).toEqual([]);
    expect(said("store-on-ingress", on("oliver006/redis_exporter:1.0.0", ["ingress-net"]))).toEqual([]);
    expect(said("store-on-ingress", on("redis/redis-commander:1.0.0", ["ingress-net"]))).toEqual([]);
  });
});

describe("no-health-check", () => {
  it("names a service without one, and one that turns it off", () => {
    const { healthcheck: _, ...without } = aService("web");
    const off = aService("api", { healthcheck: { test: ["NONE"], intervalNs: 0, timeoutNs: 0, retries: 0, startPeriodNs: 0 } });
    expect(said("no-health-check", aCandidate([without, off, aService("fine")]))).toEqual([
      "service:web: web has no health check: Swarm calls it running as soon as its process is.",
      "service:api: api turns its health check off: Swarm calls it running as soon as its process is.",
    ]);
  });
});

it("a place of the definition is named where the importer knows it", () => {
  const place = "stack.yml: services.fluentd";
  const ports = [{ published: 24224, target: 24224, protocol: "tcp" as const, mode: "host" as const }];
  expect(staticFindings(aCandidate([aService("fluentd", { place, ports })])).map((finding) => finding.place)).toEqual([place]);
});
