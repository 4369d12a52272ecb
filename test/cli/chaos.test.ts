import { expect, it } from "vitest";
import { checks } from "../../src/check/check.ts";
import { runChaos } from "../../src/experiment/chaos/chaos.ts";
import { chosen } from "../../src/experiment/chaos/choose.ts";
import { loadSuites } from "../../suites/index.ts";
import { experiments } from "../../suites/resilience/experiment.ts";
import { violations } from "./schemas.ts";

await loadSuites();

const dry = (wanted: Parameters<typeof chosen>[0]) => runChaos({ wanted, dry: true } as Parameters<typeof runChaos>[0]);

it("shows targets and steps of the whole catalogue without an engine, as its schema has it", async () => {
  const { document, text } = await dry({ names: [], tags: [], all: true });
  expect(violations(JSON.stringify(document))).toEqual([]);
  for (const { name } of experiments()) expect(text).toContain(`${name}: `);
});

it("each experiment has its checks, and each of its checks its name", () => {
  for (const { name, ledger, bystanders } of experiments()) {
    const ids = checks().flatMap(({ id, observation }) => (observation === `resilience/${name}` ? [id] : []));
    const wanted = ["recovers", ...(bystanders.length > 0 ? ["spares-others"] : []), ...(ledger ? ["keeps"] : [])];
    expect(ids).toEqual(expect.arrayContaining(wanted.map((suffix) => `resilience/${name}-${suffix}`)));
  }
});

it("chooses by name, by tag, and all", () => {
  expect(chosen({ names: ["redis-killed"], tags: [], all: false }).experiments.map(({ name }) => name)).toEqual(["redis-killed"]);
  // The name of another begins with it: that one was not asked for.
  const { only } = chosen({ names: ["redis-killed"], tags: [], all: false });
  expect(only).toContain("resilience/redis-killed-recovers");
  expect(only.filter((id) => id.startsWith("resilience/redis-killed-while-postgres-is-gone"))).toEqual([]);
  const crashes = chosen({ names: [], tags: ["crash"], all: false }).experiments.map(({ name }) => name);
  expect(crashes).toContain("vault-killed");
  expect(crashes).not.toContain("postgres-gone");
  expect(chosen({ names: [], tags: [], all: true }).experiments).toEqual(experiments());
  expect(chosen({ names: ["capacity"], tags: [], all: false })).toMatchObject({ experiments: [], only: ["slo/capacity"] });
  expect(chosen({ names: [], tags: ["load"], all: false })).toMatchObject({
    experiments: [],
    only: ["slo/capacity", "slo/k6-*"],
  });
});

it("refuses what there is not with the nearest, and nothing at all with what there is", () => {
  expect(() => chosen({ names: ["redis-kiled"], tags: [], all: false })).toThrow(
    /no experiment redis-kiled; nearest is redis-killed/,
  );
  expect(() => chosen({ names: [], tags: ["crsh"], all: false })).toThrow(/nearest is crash/);
  expect(() => chosen({ names: [], tags: [], all: false })).toThrow(/given no experiment/);
});
