import { describe, expect, it } from "vitest";
import { type DriftRow, drift, type Running } from "../../../src/candidate/drift/drift.ts";
import { swarmView } from "../../../src/candidate/drift/swarm-view.ts";
import { readExport } from "../../../src/candidate/pulumi-state/export.ts";
import { referenceCandidate } from "../../../src/candidate/reference/reference.ts";
import type { CandidateService } from "../../../src/candidate/types.ts";
import { serviceSpec } from "../../../src/engine/swarm/service-spec.ts";
import { aCandidate, aService } from "../findings/a-candidate.ts";
import { anExport, ciphertext, recorded, recordedAs, urn } from "../pulumi-state/an-export.ts";

const plain = (name: string, changes: Partial<CandidateService> = {}): CandidateService => {
  const { healthcheck: _, ...service } = aService(name, changes);
  return service;
};
const exported = (...resources: object[]) => [readExport(anExport(resources), "state.json")];
const web = (container: object = {}, more: object = {}) =>
  recorded("web-0a1b2c3", { image: "registry.test/web:1.2.3", ...container }, more);
const rows = (service: CandidateService, ...resources: object[]) => drift(aCandidate([service]), exported(...resources)).rows;
const running = (services: object[], brought: string[], substituted: Record<string, string[]> = {}): Running => ({
  services: services.map((spec) => swarmView(spec, new Map([["net-id", "prod-net-0a1b2c3"]]))),
  brought: new Set(brought),
  substituted: new Map(Object.entries(substituted).map(([name, fields]) => [name, new Set(fields)])),
});
const spec = (name: string, container: object = {}, task: object = {}, more: object = {}) => ({
  Name: name,
  TaskTemplate: { ContainerSpec: { Image: "registry.test/web:1.2.3", ...container }, ...task },
  Mode: { Replicated: { Replicas: 1 } },
  EndpointSpec: { Mode: "vip" },
  ...more,
});

describe("candidate and export", () => {
  it("of one service under its suffixed name say nothing when they are alike", () => {
    const service = plain("web", { env: { A: "b" }, networks: ["prod-net-7654321"], restart: { condition: "any" } });
    const task = { networksAdvanceds: [{ name: "prod-net-0a1b2c3" }], restartPolicy: { condition: "any", delay: "0s" } };
    expect(rows(service, web({ env: { A: "b" } }, { task }))).toEqual([]);
  });
  it.each<[string, Partial<CandidateService>, object, DriftRow]>([
    [
      "another image",
      {},
      { image: "registry.test/web:1.2.4" },
      {
        service: "web",
        field: "image",
        says: "differs",
        candidate: "registry.test/web:1.2.3",
        export: "registry.test/web:1.2.4",
      },
    ],
    [
      "a variable more",
      { env: { A: "b" } },
      {},
      { service: "web", field: "environment A", says: "differs", candidate: "b", export: "not set" },
    ],
    [
      "a variable less",
      {},
      { env: { A: "b" } },
      { service: "web", field: "environment A", says: "differs", candidate: "not set", export: "b" },
    ],
    [
      "a limit",
      { limits: { memoryBytes: 5 } },
      {},
      { service: "web", field: "memory limit", says: "differs", candidate: "5", export: "not set" },
    ],
    [
      "no replica at all",
      { replicas: 0 },
      {},
      { service: "web", field: "replicas", says: "differs", candidate: "0", export: "not set" },
    ],
    [
      "global mode",
      { global: true },
      {},
      { service: "web", field: "mode", says: "differs", candidate: "global", export: "not set" },
    ],
  ])("name %s", (_, candidate, state, row) => {
    expect(rows(plain("web", candidate), web(state))).toEqual([row]);
  });
  it("take an id and its name for one, and an image with the digest that was added for the same", () => {
    const id = "aaaaaaaaaabbbbbbbbbbccccc";
    const service = plain("web", { configs: [{ source: id, target: "/ca.crt" }] });
    const configs = [{ configId: id, configName: "ca-v1", fileName: "/ca.crt" }];
    expect(rows(service, web({ configs, image: "registry.test/web:1.2.3@sha256:00" }))).toEqual([]);
    expect(
      rows(
        { ...service, image: "registry.test/web:1.2.3@sha256:01" },
        web({ configs, image: "registry.test/web:1.2.3@sha256:00" }),
      ),
    ).toHaveLength(1);
    expect(rows(service, web({ configs, image: "registry.test/web@sha256:00" }))).toEqual([]);
    expect(rows(service, web({ configs, image: "registry.test/other@sha256:00" }))).toHaveLength(1);
  });
  it("take an address with another suffix of the same service for the same, and no other", () => {
    const service = (host: string) => plain("web", { env: { URL: `amqp://${host}:5672/x` } });
    const state = web({ env: { URL: "amqp://web-0a1b2c3:5672/x" } });
    expect(rows(service("web-7654321"), state)).toEqual([]);
    expect(rows(service("web"), state)).toEqual([]);
    expect(rows(service("api-0a1b2c3"), state)).toHaveLength(1);
    expect(rows(plain("web", { env: { SHA: "main-1a7b170" } }), web({ env: { SHA: "main-1a7b171" } }))).toHaveLength(1);
  });
  it("call a secret unknown, and different only from what is not set", () => {
    const service = plain("web", { env: { PASSWORD: "${secret:db}" } });
    expect(rows(service, web({ env: { PASSWORD: ciphertext } }))).toEqual([
      {
        service: "web",
        field: "environment PASSWORD",
        says: "unknown",
        candidate: "unknown (secret)",
        export: "unknown (secret)",
      },
    ]);
    expect(rows(service, web())).toEqual([
      { service: "web", field: "environment PASSWORD", says: "differs", candidate: "unknown (secret)", export: "not set" },
    ]);
    expect(rows(service, web({ env: ciphertext }))).toEqual([expect.objectContaining({ says: "unknown", export: "unknown" })]);
  });
  it("never show the other side of a secret, nor what is called a password", () => {
    const service = plain("web", { env: { A: "shown", DB_PASSWORD: "hunter2" } });
    const found = rows(service, web({ env: { A: ciphertext, DB_PASSWORD: "hunter3" } }));
    expect(found).toEqual([
      { service: "web", field: "environment A", says: "unknown", candidate: "set, and not shown", export: "unknown (secret)" },
      {
        service: "web",
        field: "environment DB_PASSWORD",
        says: "differs",
        candidate: "set, and not shown",
        export: "set, and not shown",
      },
    ]);
  });
  it("name a service that one of them lacks, but not one of a stack that was not exported", () => {
    const candidate = aCandidate([plain("web"), plain("api"), plain("traefik", { stack: "layer_1" })]);
    expect(drift(candidate, exported(web(), recorded("old-1234567", { image: "old:1" }))).rows).toEqual([
      { service: "api", field: "service", says: "differs", candidate: "defined", export: "missing" },
      { service: "old", field: "service", says: "differs", candidate: "missing", export: "recorded" },
    ]);
  });
  it("tell a service's stack by its place as well", () => {
    const place = urn("docker:index/service:Service", "api");
    const candidate = aCandidate([plain("api", { stack: "?", place }), plain("traefik", { stack: "layer_1" })]);
    expect(drift(candidate, exported(web())).rows.map((row) => row.service)).toEqual(["api", "web"]);
  });
});

it("the reference, recorded as Pulumi records it, has no drift", () => {
  const candidate = referenceCandidate();
  const found = drift(candidate, exported(...candidate.services.map(recordedAs)));
  expect(found.rows.filter((row) => row.says === "differs")).toEqual([]);
  expect(found).toMatchObject({ services: candidate.services.length, notes: [] });
});

describe("notes", () => {
  it("say what makes an export doubtful", () => {
    const text = anExport(
      [
        web(),
        recorded("web-7654321", { image: "web:0" }, { resource: { delete: true } }),
        recorded("a-1234567", { image: "a" }),
        recorded("a-7654321", { image: "a" }),
      ],
      { pending: [{ type: "creating", resource: { urn: "urn:x", type: "y" } }] },
    );
    expect(
      drift(aCandidate([plain("web")]), [readExport(text, "f"), readExport('{"version":3,"deployment":{}}', "empty.json")]).notes,
    ).toEqual([
      "stack platform/prod: nobody knows how creating of urn:x ended.",
      "stack platform/prod: service web-7654321 is marked for deletion and may still run.",
      "empty.json: records no resource at all.",
      "the exports: a-1234567 and a-7654321 have one name without Pulumi's suffix; compared is the first.",
    ]);
  });
});

describe("what runs", () => {
  it("is held against the candidate and the export at once", () => {
    const found = drift(
      aCandidate([plain("web", { env: { A: "1" } })]),
      exported(web({ env: { A: "1" } })),
      running([spec("web", { Env: ["A=2", "B=3"] })], ["web"]),
    );
    expect(found.rows).toEqual([
      { service: "web", field: "environment A", says: "differs", candidate: "1", export: "1", running: "2" },
      { service: "web", field: "environment B", says: "differs", candidate: "not set", export: "not set", running: "3" },
    ]);
  });
  it("is no drift where the replica changed it on purpose", () => {
    const container = { Image: "sha256:1", Env: ["EXTRA=1"] };
    const run = running([spec("web", container)], ["web"], { web: ["image", "environment EXTRA"] });
    expect(drift(aCandidate([plain("web")]), [], run).rows).toEqual([]);
    expect(drift(aCandidate([plain("web")]), exported(web({ image: "registry.test/web:2.0.0" })), run).rows).toEqual([
      {
        service: "web",
        field: "image",
        says: "differs",
        candidate: "registry.test/web:1.2.3",
        export: "registry.test/web:2.0.0",
        running: "sha256:1",
        substitution: true,
      },
    ]);
  });
  it("lacks only what was to be brought up", () => {
    const found = drift(
      aCandidate([plain("web"), plain("api"), plain("db")]),
      [],
      running([spec("web"), spec("stray")], ["web", "api"]),
    );
    expect(found.rows).toEqual([
      { service: "api", field: "service", says: "differs", candidate: "defined", running: "missing" },
      { service: "stray", field: "service", says: "differs", candidate: "missing", running: "runs" },
    ]);
  });
  it("never shows a generated secret", () => {
    const run = running([spec("web", { Env: ["TOKEN=gener4ted"], Args: ["--requirepass", "gener4ted"] })], ["web"]);
    const service = plain("web", { env: { TOKEN: "${secret:t}" }, args: ["--requirepass", "${secret:t}"] });
    expect(JSON.stringify(drift(aCandidate([service]), [], run))).not.toContain("gener4ted");
    expect(JSON.stringify(drift(aCandidate([plain("web")]), [], run))).not.toContain("gener4ted");
  });
  it("of the reference, created as a replica creates it, is the reference", () => {
    const candidate = referenceCandidate();
    const names = (items: { name: string }[]) => new Map(items.map(({ name }) => [name, `id-${name}`]));
    const ids = { networks: names(candidate.networks), configs: names(candidate.configs), secrets: names(candidate.secrets) };
    const specs = candidate.services.map((service) => {
      const image = { name: "x", source: "registry" as const };
      const logDriver = (service.logDriver ?? { name: "json-file", options: {} }) as {
        name: "json-file";
        options: Record<string, string>;
      };
      return serviceSpec(
        {
          candidate: service,
          image,
          endpointMode: service.endpointMode,
          logDriver,
          extraEnv: {},
          extraConfigs: [],
          ports: service.ports,
          constraints: service.placement.constraints,
        },
        service.image,
        ids,
        (text) => text.replaceAll(/\$\{secret:[^}]+\}/g, "generated"),
      );
    });
    const networks = new Map([...ids.networks].map(([name, id]) => [id, name]));
    const run: Running = {
      services: specs.map((one) => swarmView(JSON.parse(JSON.stringify(one)), networks)),
      brought: new Set(candidate.services.map((service) => service.name)),
      // A replica gives every service a log driver, also one that asks for none.
      substituted: new Map([["traefik-fa-service", new Set(["log driver"])]]),
    };
    const found = drift(candidate, [], run);
    expect(found.rows.filter((row) => row.says === "differs")).toEqual([]);
    expect(found.rows.map((row) => `${row.service}: ${row.field}`)).toEqual([
      "traefik-fa-service: environment CLIENT_SECRET",
      "prod-datastores-redis-redis-primary: arguments",
    ]);
  });
});
