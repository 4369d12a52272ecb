import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mostBytes, readExport } from "../../../src/candidate/pulumi-state/export.ts";
import { namesById, stateServices } from "../../../src/candidate/pulumi-state/services.ts";
import { ResilienceError } from "../../../src/history/errors.ts";
import { anExport, ciphertext, network, recorded, urn } from "./an-export.ts";

const refused = (text: string) => {
  try {
    readExport(text, "state.json");
  } catch (error) {
    if (error instanceof ResilienceError) return [error.code, error.message];
    throw error;
  }
  return "read";
};

/** The fields of the one service of an export. */
function fieldsOf(...resources: object[]) {
  const state = readExport(anExport(resources), "state.json");
  const [service] = stateServices(state, namesById([state])).services;
  if (!service) throw new Error("no service");
  const said = [...service.fields].map(([field, value]) => [field, value.kind === "text" ? value.text : value.kind]);
  return { fields: Object.fromEntries(said), opaque: service.opaque };
}

describe("an export is refused", () => {
  it.each([
    ["hello", "E_STATE_NOT_EXPORT", "it is not JSON"],
    ["", "E_STATE_NOT_EXPORT", "it is not JSON"],
    ["[]", "E_STATE_NOT_EXPORT", "no `version`"],
    ["null", "E_STATE_NOT_EXPORT", "a null instead of an object"],
    ["{}", "E_STATE_NOT_EXPORT", "no `version` with a `deployment`"],
    ['{"version":3,"checkpoint":{"latest":{}}}', "E_STATE_NOT_EXPORT", "a `checkpoint`"],
    ['{"version":3,"deployment":{"resources":[{"urn":7,"type":"x"}]}}', "E_STATE_NOT_EXPORT", "deployment.resources.0.urn"],
    [anExport([], { version: 2 }), "E_STATE_VERSION", "it is of version 2"],
    [anExport([], { version: 5 }), "E_STATE_VERSION", "it is of version 5"],
  ])("%.60s", (text, code, met) => {
    expect(refused(text)).toEqual([code, expect.stringContaining(met)]);
  });
  it("when it ends anywhere before its end", () => {
    const whole = anExport([recorded("web", { image: "web:1", env: { A: 'quoted "b" \\' } })]);
    expect(refused(whole)).toBe("read");
    for (let length = 1; length < whole.length; length += 1)
      expect([length, refused(whole.slice(0, length))[0]]).toEqual([length, "E_STATE_TRUNCATED"]);
  });
  it("when it is too large", () => {
    expect(refused(`${" ".repeat(mostBytes)}{}`)[0]).toBe("E_STATE_SIZE");
  });
});

describe("an export is read", () => {
  it("with its stack, its time, what is pending and what waits to be removed", () => {
    const gone = recorded("fluentd-1234567", { image: "fluentd" }, { resource: { delete: true } });
    const pending = [
      { type: "updating", resource: { urn: urn("docker:index/service:Service", "web"), type: "docker:index/service:Service" } },
    ];
    const state = readExport(anExport([gone, recorded("web", { image: "web:1" })], { pending }), "state.json");
    expect(state).toMatchObject({ file: "state.json", stack: "prod", project: "platform", time: "2026-01-17T10:00:00Z" });
    expect(state.pending).toEqual([{ operation: "updating", urn: urn("docker:index/service:Service", "web") }]);
    const { services, deleting } = stateServices(state, new Map());
    expect(services.map((service) => service.name)).toEqual(["web"]);
    expect(deleting.map((service) => service.name)).toEqual(["fluentd-1234567"]);
  });
  it("also in version 4, and when it holds no resource", () => {
    expect(readExport(anExport([], { version: 4 }), "f").resources).toHaveLength(1);
    expect(readExport('{"version":3,"deployment":{}}', "f")).toEqual({
      file: "f",
      project: "",
      stack: "",
      resources: [],
      pending: [],
    });
  });
  it("field by field, defaults left out", () => {
    const web = recorded(
      "web-abcdef0",
      {
        image: "web:1",
        command: ["node", "main js"],
        args: ["--a"],
        env: { NODE_ENV: "production" },
        mounts: [{ type: "volume", source: "data-0123abc", target: "/data" }],
        configs: [{ configId: "aaaaaaaaaabbbbbbbbbbccccc", configName: "web-config-0123abc", fileName: "/app/c.json" }],
        healthcheck: { tests: ["CMD", "true"], interval: "10s", timeout: "1m0s", retries: 3 },
      },
      {
        task: {
          networksAdvanceds: [{ name: "nnnnnnnnnnnnnnnnnnnnnnnnn" }],
          placement: { constraints: ["node.labels.role==storage"], maxReplicas: 2 },
          logDriver: { name: "fluentd", options: { tag: "x" } },
          resources: { limits: { memoryBytes: 268435456, nanoCpus: 250000000 } },
          restartPolicy: { condition: "any", delay: "0s" },
        },
        spec: {
          mode: { replicated: { replicas: 1 } },
          endpointSpec: { mode: "vip", ports: [{ publishedPort: 443, targetPort: 443, protocol: "tcp", publishMode: "host" }] },
          labels: [{ label: "traefik.enable", value: "true" }],
        },
      },
    );
    expect(fieldsOf(network("prod-net-0123abc", "nnnnnnnnnnnnnnnnnnnnnnnnn"), web)).toEqual({
      opaque: [],
      fields: {
        image: "web:1",
        command: 'node "main js"',
        arguments: "--a",
        "environment NODE_ENV": "production",
        networks: "prod-net",
        "mount /data": "volume data",
        "config /app/c.json": "web-config",
        "label traefik.enable": "true",
        "health check": "CMD true",
        "health check interval": "10 s",
        "health check timeout": "60 s",
        "health check retries": "3",
        "published ports": "443/tcp to 443 (host)",
        placement: "node.labels.role==storage",
        "most replicas of a node": "2",
        "log driver": "fluentd",
        "log option tag": "x",
        "memory limit": "268435456",
        "CPU limit": "250000000",
      },
    });
  });
  it("with what is ciphertext as a secret that is there, and what lies inside ciphertext as unknown", () => {
    expect(fieldsOf(recorded("a", { image: "a:1", args: ["--x", ciphertext], env: { PASSWORD: ciphertext, A: "b" } }))).toEqual({
      fields: { image: "a:1", arguments: "secret", "environment PASSWORD": "secret", "environment A": "b" },
      opaque: [],
    });
    expect(fieldsOf(recorded("a", { image: "a:1", env: ciphertext })).opaque).toEqual(["environment "]);
  });
  it("never with a secret's plain text, should somebody have exported it", () => {
    const plaintext = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: '"hunter2"' };
    expect(JSON.stringify(fieldsOf(recorded("a", { image: "a", env: { A: plaintext } })))).not.toContain("hunter2");
  });
  it("with a network as unknown when no export names its id", () => {
    const stray = recorded("a", { image: "a" }, { task: { networksAdvanceds: [{ name: "nnnnnnnnnnnnnnnnnnnnnnnnn" }] } });
    expect(fieldsOf(stray).opaque).toEqual(["networks"]);
  });
});

describe("whatever the file holds", () => {
  const value = fc.jsonValue({ maxDepth: 5 });
  it("reading gives an export or a refusal, never a crash", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({ unit: "binary" }),
          value.map((one) => JSON.stringify(one)),
        ),
        (text) => void refused(text),
      ),
      {
        numRuns: 500,
      },
    );
  });
  it("a service of any shape gives a view", () => {
    const odd = fc.oneof(value, fc.constant(ciphertext), fc.constant("04da6b54-80e4-46f7-96ec-b56ff0331ba9"));
    const list = fc.oneof(odd, fc.array(odd, { maxLength: 3 }));
    const keys = "image command args env user hosts mounts configs secrets healthcheck stopGracePeriod".split(" ");
    const container = fc.oneof(odd, fc.record(Object.fromEntries(keys.map((key) => [key, list])), { requiredKeys: [] }));
    const task = fc.record(
      { networksAdvanceds: list, placement: odd, logDriver: odd, resources: odd, restartPolicy: odd },
      { requiredKeys: [] },
    );
    const spec = fc.record({ mode: odd, endpointSpec: odd, labels: list, name: odd }, { requiredKeys: [] });
    fc.assert(
      fc.property(container, task, spec, (inner, around, beside) => {
        const text = anExport([recorded("a", inner as object, { task: around, spec: beside })]);
        const state = readExport(text, "f");
        const { services } = stateServices(state, namesById([state]));
        expect(services).toHaveLength(1);
        expect(JSON.stringify([...(services[0]?.fields ?? [])])).not.toContain(ciphertext.ciphertext);
      }),
      { numRuns: 500 },
    );
  });
  it("deep nesting does not overflow", () => {
    const deep = `${"[".repeat(5000)}${"]".repeat(5000)}`;
    const text = `{"version":3,"deployment":{"resources":[{"urn":"u","type":"docker:index/service:Service","inputs":{"taskSpec":{"containerSpec":{"env":${deep}}}}}]}}`;
    expect(stateServices(readExport(text, "f"), new Map()).services).toHaveLength(1);
  });
});
