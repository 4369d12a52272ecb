import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { k6Scripts } from "../../src/history/k6.ts";

const folder = fileURLToPath(new URL("../../load/", import.meta.url));
const host = fileURLToPath(new URL("./script-host.ts", import.meta.url));
const urls = { TARGET_URL: "https://api.test/graphql", WEB_URL: "https://web.test", GATEKEEPER_URL: "https://fa.test/" };

interface Hosted {
  options: { thresholds: Record<string, string[]>; scenarios: Record<string, Record<string, unknown>>; hosts: object };
  summary: object;
  runs: Record<
    "right" | "errors" | "empty" | "gateway" | "throws",
    {
      checks: Record<string, boolean[]>;
      whole: boolean[];
      requests: { url: string; tags: Record<string, string> }[];
      thrown: number;
    }
  >;
}
function hosted(script: string, environment: Record<string, string> = urls): Hosted {
  const env = { PATH: process.env.PATH, ...environment };
  return JSON.parse(
    execFileSync(process.execPath, [host, `${folder}${script}.js`], { env, encoding: "utf8", stdio: "pipe" }),
  ) as Hosted;
}

/** What a script of this folder is that is run, and not only used by others. */
const runnable = readdirSync(folder)
  .filter((name) => name.endsWith(".js") && readFileSync(`${folder}${name}`, "utf8").includes("export const options"))
  .map((name) => name.slice(0, -3));

it("every script in load/ is one that the runner knows", () => {
  expect(runnable.toSorted()).toEqual([...k6Scripts].toSorted());
});

describe.each(k6Scripts)("%s", (name) => {
  const { options, runs, summary } = hosted(name);
  const { thresholds } = options;

  it("cannot end with 0 when nothing was sent: in all, in any scenario, or of any kind of request that has a threshold", () => {
    expect(thresholds).toMatchObject({ http_reqs: ["count>0"], iterations: ["count>0"] });
    for (const scenario of Object.keys(options.scenarios))
      expect(thresholds).toMatchObject({
        [`http_reqs{scenario:${scenario}}`]: ["count>0"],
        [`iterations{scenario:${scenario}}`]: ["count>0"],
      });
    const selectors = Object.keys(thresholds).flatMap((metric) => /^http_req_duration(\{.*\})$/.exec(metric)?.[1] ?? []);
    for (const selector of selectors) expect(thresholds[`http_reqs${selector}`]).toEqual(["count>0"]);
  });

  it("cannot end with 0 when checks failed, iterations broke off, requests failed, or the rate was not kept", () => {
    expect(thresholds).toMatchObject({
      checks: ["rate>0.99"],
      whole: ["rate>0.99"],
      http_req_failed: ["rate<0.01"],
      dropped_iterations: ["count<1"],
    });
  });

  it("holds times against an objective, by an open model", () => {
    expect(Object.keys(thresholds).some((metric) => metric.startsWith("http_req_duration"))).toBe(true);
    for (const { executor } of Object.values(options.scenarios)) expect(executor).toMatch(/-arrival-rate$/);
  });

  it("sends each kind of request that has a threshold, and checks every answer", () => {
    const { requests, checks, whole, thrown } = runs.right;
    for (const metric of Object.keys(thresholds)) {
      const [, key, value] = /^http_reqs\{(\w+):(.*)\}$/.exec(metric) ?? [];
      if (key && key !== "scenario")
        expect(
          requests.some(({ tags }) => tags[key] === value),
          metric,
        ).toBe(true);
    }
    expect(thrown).toBe(0);
    expect(whole.length).toBeGreaterThan(0);
    expect(whole.every(Boolean)).toBe(true);
    expect(Object.values(checks).flat().length).toBeGreaterThanOrEqual(requests.length);
    expect(Object.values(checks).flat().every(Boolean)).toBe(true);
  });

  it.each(["errors", "empty", "gateway"] as const)("takes no answer with %s for a good one", (kind) => {
    const { checks, whole } = runs[kind];
    // One page says no more than that it is there.
    if (name !== "web" || kind === "gateway") expect(whole.some(Boolean)).toBe(false);
    expect(Object.values(checks).flat().includes(false)).toBe(true);
  });

  it("counts an iteration that breaks off as not whole", () => {
    expect(runs.throws.thrown).toBe(runs.throws.whole.length);
    expect(runs.throws.whole.length).toBeGreaterThan(0);
    expect(runs.throws.whole.some(Boolean)).toBe(false);
  });

  it("prints its summary alone", () => {
    expect(summary).toEqual({ stdout: '{"a":1}' });
  });
});

describe("settings", () => {
  it("refuse to send nowhere", () => {
    expect(() => hosted("steady", {})).toThrow("TARGET_URL is not set");
    expect(() => hosted("web", {})).toThrow("WEB_URL is not set");
  });
  it("can turn thresholds off, to measure only", () => {
    const { options, runs } = hosted("steady", { ...urls, THRESHOLDS: "off" });
    expect(options.thresholds).toEqual({});
    expect(runs.right.requests.length).toBeGreaterThan(0);
  });
  it("take rate, time and names", () => {
    const { options } = hosted("graphql-mix", {
      ...urls,
      RATE: "100",
      TIME_UNIT: "1s",
      DURATION: "7s",
      HOSTS: '{"api.test":"10.0.0.1"}',
    });
    expect(
      Object.entries(options.scenarios).map(([name, { rate, timeUnit, duration }]) => [name, rate, timeUnit, duration]),
    ).toEqual([
      ["reads", 80, "1s", "7s"],
      ["writes", 15, "1s", "7s"],
      ["stores", 5, "1s", "7s"],
    ]);
    expect(options.hosts).toEqual({ "api.test": "10.0.0.1" });
  });
  it("make a ramp of as many steps as asked, each with its own threshold", () => {
    const { options } = hosted("ramp", { ...urls, RATE: "100", MAX_RATE: "800", STEPS: "4", STEP_DURATION: "3s" });
    expect(options.scenarios.ramp?.stages).toEqual(
      [100, 200, 400, 800].flatMap((target) => [
        { target, duration: "0s" },
        { target, duration: "3s" },
      ]),
    );
    for (const rate of [100, 200, 400, 800]) expect(options.thresholds[`http_req_duration{rate:${rate}}`]).toEqual(["p(95)<500"]);
  });
  it("leave the gatekeeper out where nobody says where it is", () => {
    const { GATEKEEPER_URL: _, ...without } = urls;
    const { options, runs } = hosted("login", without);
    expect(Object.keys(options.thresholds).some((metric) => metric.includes("gatekeeper"))).toBe(false);
    expect(runs.right.whole.every(Boolean)).toBe(true);
  });
});
