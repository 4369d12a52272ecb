import { describe, expect, it } from "vitest";
import { configPlaceholder } from "../../../src/candidate/pulumi/config-placeholder.ts";
import { definitionOf } from "../../../src/candidate/pulumi/definition.ts";
import { base64, registration, secret, service, stack } from "./a-program.ts";

const password = { value: "zzs00000000000000000001zz", name: "db-password", urn: "urn", length: 40, loose: false };
const token = configPlaceholder("shop:token");

describe("secrets", () => {
  it("go by the name of the docker.Secret that holds nothing else, wherever they stand", () => {
    const { definition } = definitionOf("shop", [
      stack(
        [
          registration("docker:index/secret:Secret", "held", { data: secret(base64(password.value)) }),
          registration("docker:index/serviceConfig:ServiceConfig", "conf", {
            data: base64(`p=${password.value};t=${token.value}`),
          }),
          service("app", { env: { URL: secret(`redis://:${password.value}@r`) }, args: ["--token", token.value] }),
        ],
        { placeholders: [password, token], secretKeys: ["shop:token"] },
      ),
    ]);
    expect(definition.services[0]).toMatchObject({
      env: { URL: "redis://:${secret:held-abc1234}@r" },
      args: ["--token", "${secret:token}"],
    });
    expect(definition.configs[0]?.content).toBe("p=${secret:held-abc1234};t=${secret:token}");
    expect(definition.secrets).toMatchObject([
      { name: "held-abc1234", shape: { length: 40, alphabet: "alphanumeric" } },
      { name: "token", shape: { length: 32 } },
    ]);
  });

  it("keep what stands around them in a docker.Secret", () => {
    const { definition } = definitionOf("shop", [
      stack([registration("docker:index/secret:Secret", "url", { data: base64(`amqp://app:${password.value}@broker`) })], {
        placeholders: [password],
      }),
    ]);
    expect(definition.secrets).toMatchObject([
      { name: "db-password" },
      { name: "url-abc1234", content: "amqp://app:${secret:db-password}@broker" },
    ]);
  });

  it("are generated where the program says them in clear, everywhere the same", () => {
    const { definition, differences } = definitionOf("shop", [
      stack([
        registration("docker:index/secret:Secret", "access", { data: base64("AKIDINCLEAR") }),
        service("app", { env: { KEY: "AKIDINCLEAR" } }),
      ]),
    ]);
    expect(JSON.stringify(definition)).not.toContain("AKIDINCLEAR");
    expect(definition.services[0]?.env).toEqual({ KEY: "${secret:access-abc1234}" });
    expect(differences).toMatchObject([{ subject: "secret:access-abc1234", kind: "secret" }]);
  });

  it("of one key in two stacks are one, and that is said", () => {
    const app = (project: string) =>
      stack([service(`${project}-app`, { env: { TOKEN: token.value } })], {
        project,
        placeholders: [token],
        secretKeys: [`${project}:token`],
      });
    const { definition, differences } = definitionOf("shop", [app("one"), app("two")]);
    expect(definition.services.map((each) => each.env)).toEqual([{ TOKEN: "${secret:token}" }, { TOKEN: "${secret:token}" }]);
    expect(differences).toMatchObject([{ subject: "secret:token", asked: "token of its own in each of one, two" }]);
  });

  it.each([
    ["base64", base64(`user:${token.value}`)],
    ["base64 behind other characters", `x${base64(`u:${token.value}`)}`],
    ["upper case", token.value.toUpperCase()],
  ])("are refused in another encoding: %s", (_, value) => {
    const program = stack([service("app", { env: { HEADER: value } })], { placeholders: [token] });
    expect(() => definitionOf("shop", [program])).toThrow(
      expect.objectContaining({ code: "E_PULUMI_ENCODED", message: expect.stringContaining('"token"') }),
    );
  });

  it("are none where a random string names something", () => {
    const suffix = { value: "zzs00000000000000000002zz", name: "suffix", urn: "urn", length: 6, loose: true };
    const { definition } = definitionOf("shop", [
      stack([service("app", { env: { SELF: `app-${suffix.value}` } }, { name: `app-${suffix.value}` })], {
        placeholders: [suffix],
      }),
    ]);
    expect(definition.services[0]?.name).toMatch(/^app-[0-9a-f]{6}$/);
    expect(definition.services[0]?.env.SELF).toBe(definition.services[0]?.name);
    expect(definition.secrets).toEqual([]);
  });
});

describe("what refers to something", () => {
  it("names it as Swarm does, across stacks; an id that nothing registered stays", () => {
    const ingress = registration("docker:index/network:Network", "net", { driver: "overlay", name: "ingress" });
    const unused = registration("docker:index/network:Network", "other", { driver: "overlay" });
    const app = service("app", {
      configs: [{ configId: "from-elsewhere", configName: "ca", fileName: "/ca.crt", fileMode: 292 }],
    });
    (app.inputs.taskSpec as Record<string, unknown>).networksAdvanceds = [{ name: "id-of-net", aliases: ["web"] }];
    const { definition } = definitionOf("shop", [stack([ingress, unused], { project: "first", wanted: false }), stack([app])]);
    expect(definition.services[0]).toMatchObject({
      networks: ["ingress"],
      aliases: { ingress: ["web"] },
      configs: [{ source: "from-elsewhere", target: "/ca.crt", mode: 0o444 }],
    });
    expect(definition.networks.map((each) => each.name)).toEqual(["ingress"]);
  });

  it("has its tag instead of a digest that was looked up, and the mark that a deploy pins it", () => {
    const { definition } = definitionOf("shop", [
      stack(
        [service("app", { image: secret("example/app@sha256:aa") }), service("other", { image: "example/other@sha256:bb" })],
        {
          digests: { "sha256:aa": "example/app:main" },
        },
      ),
    ]);
    expect(definition.services.map(({ image, digestAtDeploy }) => [image, digestAtDeploy])).toEqual([
      ["example/app:main", true],
      ["example/other@sha256:bb", undefined],
    ]);
  });
});

describe("a service", () => {
  it("has every setting that a candidate knows, and tells the others", () => {
    const app = service(
      "app",
      {
        commands: ["run"],
        dir: "/srv",
        hosts: [{ host: "db", ip: "10.0.0.1" }],
        stopGracePeriod: "1m",
        healthcheck: { tests: ["CMD", "x"], interval: "10s", timeout: "soon" },
        sysctl: { "net.core.somaxconn": "1024" },
        mounts: [{ type: "tmpfs", target: "/run", tmpfsOptions: { sizeBytes: 65536 } }],
      },
      {
        mode: { replicated: { replicas: 3 } },
        labels: [{ label: "a", value: "b" }],
        endpointSpec: { mode: "dnsrr", ports: [{ targetPort: 80, publishedPort: 8080 }] },
        updateConfig: { parallelism: 2 },
      },
    );
    Object.assign(app.inputs.taskSpec as object, {
      resources: { limits: { memoryBytes: 1024 }, reservation: { nanoCpus: 5 } },
      restartPolicy: { condition: "on-failure", delay: "5s", maxAttempts: 3 },
      placement: { constraints: ["node.role==manager"] },
    });
    const { definition, differences } = definitionOf("shop", [stack([app], { project: "layer_1" })]);
    expect(definition.services[0]).toEqual({
      name: "app-abc1234",
      stack: "layer_1",
      tier: "layer1",
      place: "shop: docker:index/service:Service app",
      image: "example/app:1",
      command: ["run"],
      env: {},
      workdir: "/srv",
      hosts: ["10.0.0.1 db"],
      networks: [],
      mounts: [{ type: "tmpfs", source: "", target: "/run", readOnly: false }],
      configs: [],
      secrets: [],
      labels: { a: "b" },
      healthcheck: { test: ["CMD", "x"], intervalNs: 10e9, timeoutNs: 0, retries: 0, startPeriodNs: 0 },
      endpointMode: "dnsrr",
      ports: [{ published: 8080, target: 80, protocol: "tcp", mode: "ingress" }],
      placement: { constraints: ["node.role==manager"] },
      global: false,
      replicas: 3,
      limits: { memoryBytes: 1024 },
      reservations: { nanoCpus: 5 },
      stopGraceNs: 60e9,
      restart: { condition: "on-failure", delayNs: 5e9 },
    });
    expect(differences.map((each) => each.asked).sort()).toEqual([
      "taskSpec.containerSpec.healthcheck.timeout: soon",
      'taskSpec.containerSpec.mounts /run tmpfsOptions: {"sizeBytes":65536}',
      'taskSpec.containerSpec.sysctl: {"net.core.somaxconn":"1024"}',
      "taskSpec.restartPolicy.maxAttempts: 3",
      'updateConfig: {"parallelism":2}',
    ]);
  });
});

describe("external parties", () => {
  it("are what providers are told and what is made with them", () => {
    const { definition } = definitionOf("shop", [
      stack(
        [
          registration("pulumi:providers:postgresql", "pg", {
            host: "db.example",
            port: "25060",
            username: "admin",
            password: password.value,
            sslmode: "require",
            database: "main",
          }),
          registration("postgresql:index/database:Database", "grafana", { name: "grafana" }),
          registration("pulumi:providers:aws", "s3", {
            accessKey: "AKIDINCLEAR",
            secretKey: secret(token.value),
            endpoints: '[{"s3":"https://s3.example"}]',
          }),
          registration("aws:s3/bucket:Bucket", "files", { bucket: "files-1" }),
        ],
        { placeholders: [password, token] },
      ),
    ]);
    expect(definition.parties).toEqual({
      postgres: {
        host: "db.example",
        port: 25060,
        user: "admin",
        passwordSecret: "db-password",
        databases: ["main", "grafana"],
        maxConnections: 100,
        sslmode: "require",
      },
      s3: { host: "s3.example", accessSecret: "s3-access", keySecret: "token", buckets: ["files-1"] },
    });
    expect(definition.secrets.map((each) => each.name)).toEqual(["db-password", "s3-access", "token"]);
  });
});
