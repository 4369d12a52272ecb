import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import type { Imported } from "../../../src/candidate/types.ts";
import { importPulumi } from "../../../src/engine/pulumi/import.ts";
import { docker } from "../images/running.ts";

/** A checkout of its own, away from this repository: its projects are each other's neighbours, and nothing may be written into it. */
const temporary = mkdtempSync(path.join(tmpdir(), "sprocket-pulumi-"));
const checkout = path.join(temporary, "checkout");
cpSync(fileURLToPath(new URL("../../fixtures/pulumi", import.meta.url)), checkout, { recursive: true });
const before = contentOf(checkout);
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const lines: string[] = [];
const evaluate = (name: string, seconds?: number): Promise<Imported> =>
  importPulumi({
    folder: path.join(checkout, name),
    docker: async () => docker,
    relaxLock: false,
    cacheDir: path.join(temporary, "cache"),
    signal: new AbortController().signal,
    onProgress: (line) => lines.push(line),
    ...(seconds === undefined ? {} : { seconds }),
  });
const servicesOf = async (name: string) => (await evaluate(name)).definition.services;
/** Packages are installed by the first test that runs. */
const cold = 600_000;

describe("a program that can be evaluated", () => {
  it(
    "says everything that a definition holds, and no secret of it",
    async () => {
      const { definition, differences } = await evaluate("base");
      expect(definition.services).toHaveLength(1);
      const [store] = definition.services;
      const [volume, network, config, secret] = [
        definition.volumes[0],
        definition.networks[0],
        definition.configs[0],
        definition.secrets.find((each) => each.name.startsWith("store-secret-")),
      ];
      expect(volume?.name).toMatch(/^store-data-[0-9a-f]{7}$/);
      expect(network).toMatchObject({ name: expect.stringMatching(/^store-net-[0-9a-f]{7}$/), internal: true, encrypted: true });
      expect(secret).toMatchObject({ shape: { length: 40 }, place: expect.stringContaining("base: ") });
      expect(config?.content).toBe(`password \${secret:${secret?.name}}\ntoken \${secret:token}\n`);
      expect(store).toMatchObject({
        name: expect.stringMatching(/^store-[0-9a-f]{6}$/),
        stack: "base",
        place: "base: pitfalls:Store > docker:index/service:Service store-service",
        image: "example/store:1.2",
        digestAtDeploy: true,
        args: ["--requirepass", `\${secret:${secret?.name}}`],
        env: { URL: `redis://:\${secret:${secret?.name}}@store`, TOKEN: "${secret:token}", PLAIN: "in clear" },
        mounts: [{ type: "volume", source: volume?.name, target: "/data", readOnly: false }],
        networks: [network?.name],
        configs: [{ source: config?.name, target: "/store.conf" }],
        secrets: [{ source: secret?.name, target: "/run/secret" }],
        healthcheck: { test: ["CMD", "true"], intervalNs: 90e9, timeoutNs: 500e6, retries: 2, startPeriodNs: 0 },
        restart: { condition: "on-failure", delayNs: 2e9 },
        labels: { "traefik.enable": "true" },
      });
      expect(differences.map(({ subject, asked }) => `${subject} ${asked}`)).toEqual([
        `service:${store?.name} taskSpec.containerSpec.capAdds: ["NET_ADMIN"]`,
      ]);
      expect(JSON.stringify(definition)).not.toMatch(/zzs[0-9a-z]{20}zz|never-read/);
    },
    cold,
  );

  it("is an ES module, and gets what it refers to from a stack that is evaluated before it", async () => {
    const { definition } = await evaluate("after");
    expect(definition.services).toMatchObject([
      { name: expect.stringMatching(/^after-/), image: "example/after:1", env: { TOKEN: "${secret:token}" } },
    ]);
    // Only asked for was the one; of the other there is what it uses.
    expect(definition.networks.map((each) => each.name)).toEqual(definition.services[0]?.networks);
    expect(definition.origin).toEqual({ kind: "pulumi", stacks: [{ project: "after", stack: "test", folder: "after" }] });
  });

  it("has two copies of the SDK, with one configuration and one list of resources", async () => {
    const [shared, own] = await servicesOf("two-copies");
    expect(shared).toMatchObject({ image: "example/shared:1", env: { TOKEN: "from the stack" } });
    expect(own).toMatchObject({ image: "example/own:1", env: { OTHER: shared?.name, STACK: "test" } });
  });

  it.each([
    ["javascript", ["example/javascript:1"]],
    ["tsx", ["example/tsx:1"]],
    ["late", ["example/early:1", "example/late:1"]],
  ])("yields every resource: %s", async (name, images) => {
    expect((await servicesOf(name)).map((each) => each.image)).toEqual(images);
  });

  it("sees an empty environment, and what it asked of it is listed", async () => {
    const { definition, differences } = await evaluate("environment");
    expect(definition.services).toMatchObject([{ image: "example/environment:latest", env: { SEEN: "" } }]);
    expect(differences).toMatchObject([{ subject: "environment:IMAGE_TAG", kind: "setting" }]);
  });

  it("prints its secrets: nobody sees them, and it is told which", async () => {
    const { definition } = await evaluate("prints");
    expect(definition.services).toMatchObject([{ env: { TOKEN: "${secret:token}" } }]);
    expect(definition.origin).toMatchObject({ stacks: [{ project: "prints", printed: ["token"] }] });
    expect(lines.join("\n")).not.toContain("token:");
  });
});

describe("a program that cannot be evaluated", () => {
  it.each([
    ["rejected", "E_PULUMI_REJECTED", "rejected/index.ts:5: ", "no such tag"],
    ["swallowed", "E_PULUMI_NETWORK", "swallowed/index.ts:4: ", "https://registry.example/v2/tags"],
    ["missing-reference", "E_PULUMI_REFERENCE", "missing-reference: ", '"anybody/elsewhere/prod"'],
    ["missing-output", "E_PULUMI_REFERENCE", "missing-output: ", 'the output "net" of stack "anybody/base/test"'],
    ["exits", "E_PULUMI_EXIT", "exits/index.ts:4: ", "process.exit(0)"],
    ["waits", "E_PULUMI_UNFINISHED", "waits: ", "never made"],
    ["socket", "E_PULUMI_NETWORK", "socket/index.ts:3: ", "db.example:5432"],
    ["starts", "E_PULUMI_PROCESS", "starts/index.ts:3: ", "(git)"],
    ["writes", "E_PULUMI_WRITE", "writes/index.ts:4: ", "writes/made.txt"],
    ["unknown", "E_PULUMI_UNKNOWN", "unknown: docker:index/service:Service lost ", "taskSpec.containerSpec.env.ADDRESS"],
    ["encoded", "E_PULUMI_ENCODED", "encoded: docker:index/service:Service encoded ", '"token"'],
  ])("says which, where and what to do: %s", async (name, code, place, what) => {
    const error = await evaluate(name).then(
      () => undefined,
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ code, exitCode: 3, cure: expect.stringMatching(/\S/) });
    expect(error.message.slice(0, place.length)).toBe(place);
    expect(error.message).toContain(what);
  });

  it("loops for ever: its time is bounded", async () => {
    await expect(evaluate("endless", 5)).rejects.toMatchObject({
      code: "E_PULUMI_TIMEOUT",
      message: expect.stringContaining("endless: "),
    });
  });
});

describe("an evaluation", () => {
  it("is not made again for what did not change, and is for what did", async () => {
    const first = await evaluate("late");
    lines.length = 0;
    expect(await evaluate("late")).toEqual(first);
    expect(lines).toEqual(["nothing changed since the last evaluation"]);
  });

  it("leaves the checkout as it was, byte for byte, and nothing of itself in the engine", async () => {
    expect(contentOf(checkout)).toEqual(before);
    const mine = `sprocket-resilience-import-${process.pid}-`;
    expect(await docker.listContainers({ all: true, filters: JSON.stringify({ name: [mine] }) })).toEqual([]);
    expect((await docker.listVolumes({ filters: JSON.stringify({ name: [mine] }) })).Volumes ?? []).toEqual([]);
  });
});

function contentOf(folder: string): Record<string, string> {
  const out: Record<string, string> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    const full = path.join(folder, name);
    out[name] = statSync(full).isFile() ? readFileSync(full, "base64") : "folder";
  }
  return out;
}
