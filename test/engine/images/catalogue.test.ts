import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { catalogue, entryNamed, imageFor } from "../../../src/engine/images/catalogue.ts";
import { artifactFiles, recipeFiles, recipeFolder, recipeHash } from "../../../src/engine/images/recipe-hash.ts";

describe("the catalogue", () => {
  it.each([
    ["traefik:v2.11", "traefik"],
    ["vault:1.10.0", "vault"],
    ["tecnativa/docker-socket-proxy:latest", "socket-proxy"],
    ["redislabs/rejson:2.0.7", "redis"],
    ["rabbitmq:3.9.14-management-alpine", "rabbitmq"],
    ["docker.io/library/rabbitmq:3", "rabbitmq"],
    ["asaxplayinghorse/core@digest", "app-core"],
    ["asaxplayinghorse/web@sha256:0123", "app-web"],
    ["asaxplayinghorse/matchmaking-service@digest", "app-matchmaking"],
    ["asaxplayinghorse/submission-service@digest", "app-submission"],
    ["asaxplayinghorse/notification-service@digest", "app-notification"],
    ["asaxplayinghorse/discord-forward-auth@digest", "app-forward-auth"],
    ["asaxplayinghorse/discord-bot@digest", "app-discord-bot"],
    ["asaxplayinghorse/image-generation-service@digest", "app-image-generation"],
    ["asaxplayinghorse/image-generation-frontend@digest", "app-image-generation-frontend"],
    ["asaxplayinghorse/server-analytics-service@digest", "app-analytics"],
    ["asaxplayinghorse/replay-parse-service@digest", "app-replay-parse"],
    ["asaxplayinghorse/elo-service@digest", "app-elo"],
    ["asaxplayinghorse/worker@digest", "app-legacy-worker"],
    ["asaxplayinghorse/bot@digest", "app-legacy-bot"],
    ["influxdb:2.1-alpine", "influx"],
    ["telegraf:1.22-alpine", "telegraf"],
    ["grafana/grafana:main", "grafana"],
    ["grafana/loki:main-1a7b170", "loki"],
    ["fluentd:latest", "fluentd"],
    ["twinproduction/gatus:v5.1.0", "gatus"],
    ["dgraph/dgraph:v21.12.0", "dgraph"],
    ["neo4j:4.4.7-community", "neo4j"],
    ["n8nio/n8n", "n8n"],
  ])("answers for %s with %s", (reference, name) => {
    expect(imageFor(reference)?.name).toBe(name);
  });

  it.each(["asaxplayinghorse/unknown@digest", "other.example/traefik:v2.11", "traefik-extra:1", "grafana/tempo:main"])(
    "does not answer for %s",
    (reference) => {
      expect(imageFor(reference)).toBeUndefined();
    },
  );

  it("answers for every image of the services that Sprocket's program registers", () => {
    const file = new URL("../../../src/candidate/reference/actual-services.json", import.meta.url);
    const { stacks } = JSON.parse(readFileSync(file, "utf8")) as { stacks: Record<string, { services: { image: string }[] }> };
    const images = Object.values(stacks).flatMap(({ services }) => services.map(({ image }) => image));
    expect(images).toHaveLength(29);
    expect(images.filter((image) => imageFor(image) === undefined)).toEqual([]);
  });

  it("gives all stand-ins one beginning, so that they share their layers", () => {
    const standIns = catalogue().filter((entry) => entry.kind === "stand-in");
    const beginnings = standIns.map(({ recipe }) => {
      const text = String(recipeFiles(recipe).find((file) => file.path === "Dockerfile")?.content);
      return `${recipe.packages.join(" ")}\n${text.slice(text.indexOf("ARG BASE"), text.indexOf("COPY --from=apps /out/src /app/src"))}`;
    });
    expect(new Set(beginnings).size).toBe(1);
  });

  it("names each entry once and refuses other names, naming the known ones", () => {
    const names = catalogue().map((entry) => entry.name);
    expect(new Set(names).size).toBe(names.length);
    expect(() => entryNamed("nginx")).toThrow(
      expect.objectContaining({ code: "E_IMAGE_UNKNOWN", cure: expect.stringContaining("traefik") }),
    );
  });

  it("pins every reference and cites every promise without an address", () => {
    for (const entry of catalogue()) {
      if (entry.reference !== undefined) expect(entry.reference, entry.name).toMatch(/:[\w.-]+$/);
      expect(entry.promise.source, entry.name).not.toMatch(/https?:/);
      expect(entry.promise.source.length).toBeGreaterThan(10);
    }
  });

  it("declares a substitution for every service and stand-in, since none of them is what was asked for", () => {
    for (const entry of catalogue().filter((each) => each.kind === "service" || each.kind === "stand-in")) {
      expect(entry.substitution?.why, entry.name).toBeTruthy();
      expect(entry.substitution?.hides, entry.name).not.toEqual([]);
    }
  });

  it("has the files of every recipe, and a hash of its own for each", () => {
    const hashes = new Set<string>();
    for (const entry of catalogue()) {
      expect(existsSync(path.join(recipeFolder(entry.recipe), "Dockerfile")), entry.name).toBe(true);
      const dockerfile = recipeFiles(entry.recipe).find((file) => file.path === "Dockerfile");
      expect(dockerfile?.content.toString(), entry.name).not.toMatch(/@[A-Z]+@/);
      for (const artifact of Object.values(entry.recipe.artifacts ?? {}))
        expect(artifactFiles(artifact).length, artifact.name).toBeGreaterThan(0);
      hashes.add(recipeHash(entry.recipe));
    }
    expect(hashes.size).toBe(catalogue().length);
  });
});
