import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { crossed, type Guarded } from "../../../src/experiment/chaos/guardrails.ts";
import { TrackedClient } from "../../../src/experiment/chaos/tracked-client.ts";
import type { ExperimentDefinition } from "../../../src/history/experiment.ts";
import { sampleOf } from "../../check/a-history.ts";
import { good } from "../../check/samples.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

async function guarded(more: Partial<Guarded> = {}): Promise<Guarded> {
  const folder = await temporaryFolder();
  const definition = { mayEnd: ["redis"] } as unknown as ExperimentDefinition;
  return { definition, bystanders: [], ended: () => [], stopFile: join(folder, "stop"), folder, ...more };
}

const bystander = (statuses: number[]) => {
  const client = new TrackedClient({ client: "web", from: "public" }, "public/web", good);
  client.add(statuses.map((status, at) => sampleOf({ dueMs: at * 1000, status })));
  return client;
};

test("nothing is crossed while all is as declared", async () => {
  expect(
    await crossed(await guarded({ ended: () => ["redis"], bystanders: [bystander([200, 200, 503, 200, 200, 200])] })),
  ).toBeUndefined();
});

test("a task outside the declared blast radius", async () => {
  expect(await crossed(await guarded({ ended: () => ["redis", "core"] }))).toMatchObject({
    guard: "blast-radius",
    why: expect.stringContaining("core"),
  });
});

test("bystanders who get mostly bad answers, once there are enough to say so", async () => {
  expect(await crossed(await guarded({ bystanders: [bystander([503, 503, 503, 503])] }))).toBeUndefined();
  expect(await crossed(await guarded({ bystanders: [bystander([503, 503, 503, 200, 503])] }))).toMatchObject({
    guard: "error-budget",
    why: expect.stringContaining("80 %"),
  });
});

test("an order to stop from another terminal", async () => {
  const one = await guarded();
  writeFileSync(one.stopFile, "");
  expect(await crossed(one)).toMatchObject({ guard: "stopped" });
});
