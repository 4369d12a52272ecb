import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { actualService, actualStack } from "../../../src/candidate/reference/actual.ts";
import type { Definition, Imported } from "../../../src/candidate/types.ts";
import { importPulumi } from "../../../src/engine/pulumi/import.ts";
import { docker } from "../images/running.ts";

/** A checkout of the deployers' infrastructure repository. It is no part of this project: where there is none, this has not been run. */
const checkout = process.env.SPROCKET_INFRA_CHECKOUT;
const cold = 900_000;

describe.skipIf(checkout === undefined)("the deployers' own program (not run: SPROCKET_INFRA_CHECKOUT names no checkout)", () => {
  const temporary = mkdtempSync(path.join(tmpdir(), "sprocket-infra-"));
  afterAll(() => rmSync(temporary, { recursive: true, force: true }));
  const evaluate = (folder = checkout as string): Promise<Imported> =>
    importPulumi({
      folder,
      docker: async () => docker,
      relaxLock: true,
      cacheDir: path.join(temporary, "cache"),
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });

  let imported: Imported;
  let definition: Definition;
  beforeAll(async () => {
    imported = await evaluate();
    definition = imported.definition;
  }, cold);

  const recorded = ["layer_1", "layer_2", "platform"];
  /** A recorded name and the imported one mean the same when only the suffix that Pulumi makes differs. */
  const bare = (name: string) => name.replace(/-[0-9a-f]{7}$/, "");

  it("registers 29 services in three stacks", () => {
    const count = (stack: string) => definition.services.filter((each) => each.stack === stack).length;
    expect(recorded.map(count)).toEqual([3, 7, 19]);
    expect(definition.origin).toMatchObject({ stacks: recorded.map((project) => ({ project })) });
  });

  it("says of each what was recorded of it: image, rules, networks, mounts, files, command, ports, placement, log driver", () => {
    const { domain } = definition;
    expect(domain).toBeDefined();
    for (const found of definition.services) {
      const asked = actualService(bare(found.name), domain as string);
      // Where a deploy pins what a tag names, the recording has a digest and the definition the tag.
      const pinned = asked.image.endsWith("@digest");
      expect(found.digestAtDeploy ?? false, found.name).toBe(pinned);
      expect({ ...found, image: pinned ? found.image.replace(/:[\w.-]+$/, "@digest") : found.image }).toMatchObject({
        image: asked.image,
        stack: asked.stack,
        labels: asked.labels,
        endpointMode: asked.endpointMode,
        ports: asked.ports,
        global: asked.global,
        ...(asked.command ? { command: asked.command } : {}),
        ...(asked.user ? { user: asked.user } : {}),
        ...(asked.hostname ? { hostname: asked.hostname } : {}),
        ...(asked.healthcheck ? { healthcheck: asked.healthcheck } : {}),
        ...(asked.limits ? { limits: asked.limits } : {}),
        ...(asked.logDriver ? { logDriver: asked.logDriver } : {}),
      });
      expect(found.networks.map(bare).sort(), found.name).toEqual([...asked.networks].sort());
      expect(
        found.mounts.map((each) => ({ ...each, source: bare(each.source) })),
        found.name,
      ).toEqual(asked.mounts.map((each) => ({ ...each, source: bare(each.source) })));
      expect(
        found.configs.map((each) => each.target),
        found.name,
      ).toEqual(asked.configs.map((each) => each.target));
      expect(found.secrets.map((each) => [bare(each.source), each.target]).sort(), found.name).toEqual(
        asked.secrets.map((each) => [secretName(each.source), each.target]).sort(),
      );
      expect(Object.keys(found.env).sort(), found.name).toEqual(Object.keys(asked.env).sort());
      expect(found.placement.constraints, found.name).toEqual(asked.placement.constraints);
      expect(
        (found.args ?? []).map((each) => (each.startsWith("${secret:") ? "<secret>" : each)),
        found.name,
      ).toEqual(asked.args ?? []);
      expect(found.place).toContain("docker:index/service:Service");
    }
  });

  it("makes the recorded networks, volumes, configs and secrets", () => {
    const all = recorded.map(actualStack);
    const sorted = (names: string[]) => names.map(bare).sort();
    expect(sorted(definition.networks.map((each) => each.name))).toEqual(sorted(all.flatMap((each) => each.networks)));
    expect(sorted(definition.volumes.map((each) => each.name))).toEqual(
      sorted(all.flatMap((each) => each.volumes.map(({ name }) => name))),
    );
    expect(sorted(definition.configs.map((each) => each.name))).toEqual(sorted(all.flatMap((each) => each.configs)));
    const swarm = definition.secrets.filter((each) => each.place !== undefined).map((each) => each.name);
    expect(sorted(swarm)).toEqual(sorted(all.flatMap((each) => each.secrets).map(secretName)));
    expect(definition.services.flatMap((each) => each.secrets)).toHaveLength(32);
  });

  it("renders every config, and shows what is wrong in it", () => {
    expect(definition.configs).toHaveLength(22);
    for (const { name, content } of definition.configs)
      expect(content, name).not.toMatch(/\{\{\s*\w+[\w.]*\s*\}\}|\[object Object\]|Calling \[toString\]/);
    const celery = definition.configs.find((each) => each.name.includes("replay-parse"));
    expect(celery?.content).toMatch(/amqp:\/\/prod-datastores-rmq-service-[0-9a-f]{7}\?heartbeat&#x3D;60/);
    const ids = definition.services
      .flatMap((each) => each.configs.map(({ source }) => source))
      .filter((source) => /^[0-9a-z]{25}$/.test(source));
    expect(ids).toHaveLength(3);
  });

  it("knows the external parties", () => {
    expect(definition.parties).toMatchObject({
      postgres: { port: 25060, user: "doadmin", sslmode: "require", databases: ["sprocket_main", "grafana"] },
      s3: { buckets: ["sprocket-main-1", "sprocket-image-gen-main-1", "sprocket-replays-main-1"] },
    });
  });

  it("holds no secret value, no placeholder and no ciphertext", () => {
    const text = JSON.stringify(imported);
    expect(text).not.toMatch(/zzs[0-9a-z]{20}zz|\bv1:[A-Za-z0-9+/=]{8,}:/);
    const named = new Set(definition.secrets.map((each) => each.name));
    for (const [, name] of text.matchAll(/\$\{secret:([\w-]+)\}/g)) expect(named).toContain(name);
    for (const { source } of definition.services.flatMap((each) => each.secrets)) expect(named).toContain(source);
    expect(definition.origin).toMatchObject({
      stacks: expect.arrayContaining([
        expect.objectContaining({ printed: expect.arrayContaining(["postgres-password-legacy"]) }),
      ]),
    });
  });

  it("is evaluated in the same way again, and within 5 s when nothing changed", async () => {
    const began = performance.now();
    expect(await evaluate()).toEqual(imported);
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it(
    "evaluates one stack alone, with what it refers to before it",
    async () => {
      const { definition: alone } = await evaluate(path.join(checkout as string, "platform"));
      expect(alone.services.map((each) => each.name)).toEqual(
        definition.services.filter((each) => each.stack === "platform").map((each) => each.name),
      );
      expect(alone.networks.map((each) => each.name)).toContain("traefik-ingress");
    },
    cold,
  );
});

/** A secret that pins its name is recorded by its resource. */
const secretName = (recorded: string) => (recorded === "prod-elo-service-secret" ? "prod-elo-service-creds" : recorded);

it.skipIf(checkout !== undefined)(
  "SPROCKET_INFRA_CHECKOUT is not set: nothing is said of the deployers' own program",
  ({ skip }) => {
    skip("set SPROCKET_INFRA_CHECKOUT to a checkout of the infrastructure repository");
  },
);
