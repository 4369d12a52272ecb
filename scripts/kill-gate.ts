import { spawn } from "node:child_process";
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type Dockerode from "dockerode";
import { runLabel, runnerLabel } from "../src/engine/labels.ts";
import { openEngine } from "../src/engine/provision/open.ts";
import { cloneOwners } from "../src/engine/remove-run.ts";
import { mulberry32 } from "../src/experiment/draw.ts";

/**
 * Kills the gate with SIGKILL at seeded random moments and shows that nothing of it is left 15 s later; then the gate is green.
 * `node scripts/kill-gate.ts [N] [--seed S] [--only PATTERN]`
 */
const withinMs = 15_000;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: "string", default: "1" }, only: { type: "string" } },
});
const count = Number(positionals[0] ?? 10);
const random = mulberry32(Number(values.seed));
const only = values.only === undefined ? [] : ["--only", values.only];
const bin = fileURLToPath(new URL("../bin/sprocket-resilience.mjs", import.meta.url));

interface Gate {
  pid: number;
  runId: string | undefined;
  /** Last thing that it said it was doing. */
  doing: string;
  ended: Promise<number | null>;
}

function startGate(): Gate {
  const child = spawn(process.execPath, [bin, "gate", ...only], { stdio: ["ignore", "ignore", "pipe"] });
  const gate: Gate = {
    pid: child.pid ?? 0,
    runId: undefined,
    doing: "starting",
    ended: new Promise((resolve) => child.on("close", resolve)),
  };
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    gate.runId ??= /\brun (\d{8}-\d{6}-[0-9a-f]{4}):/.exec(text)?.[1];
    gate.doing = text.trimEnd().split("\n").at(-1)?.trim() || gate.doing;
  });
  return gate;
}

/** Everything on this Docker that belongs to that gate: by its run's label and clones, and by its process. */
async function leftOf(docker: Dockerode, gate: Gate): Promise<string[]> {
  const filters = JSON.stringify({ label: [runLabel] });
  const mine = (labels: Record<string, string> = {}) =>
    labels[runLabel] === gate.runId || (labels[runnerLabel] ?? "").startsWith(`${hostname()}:${gate.pid}:`);
  const containers = await docker.listContainers({ all: true, filters });
  const networks = await docker.listNetworks({ filters });
  return [
    ...containers.filter((one) => mine(one.Labels)).map((one) => `container ${one.Names[0]}`),
    ...networks.filter((one) => mine(one.Labels)).map((one) => `network ${one.Name}`),
    ...(await cloneOwners(docker)).filter((owner) => owner === gate.runId).map((owner) => `store clone of ${owner}`),
  ];
}

async function green(): Promise<{ code: number | null; ms: number; runId: string | undefined }> {
  const began = performance.now();
  const gate = startGate();
  return { code: await gate.ended, ms: performance.now() - began, runId: gate.runId };
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
const { docker } = await openEngine({ provision: "never", onProgress: () => {} });
const first = await green();
console.log(`usual length: ${seconds(first.ms)}, exit code ${first.code}, run ${first.runId}; seed ${values.seed}`);
console.log(`${"kill".padEnd(5)}${"run".padEnd(22)}${"killed after".padEnd(14)}${"nothing left after".padEnd(20)}while`);
let failed = first.code === 0 ? 0 : 1;
for (let index = 1; index <= count; index += 1) {
  const afterMs = random() * first.ms;
  const gate = startGate();
  const early = await Promise.race([gate.ended.then(() => "ended"), new Promise((resolve) => setTimeout(resolve, afterMs))]);
  const { doing } = gate;
  if (early !== "ended") process.kill(gate.pid, "SIGKILL");
  const killed = performance.now();
  await gate.ended;
  let left = await leftOf(docker, gate);
  // What a dying start still had under way may turn up late, so nothing must be left at two looks in a row.
  let cleanAt: number | undefined = left.length === 0 ? performance.now() : undefined;
  let clean = cleanAt === undefined ? 0 : 1;
  while (clean < 2 && performance.now() - killed < withinMs) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    left = await leftOf(docker, gate);
    clean = left.length === 0 ? clean + 1 : 0;
    cleanAt = left.length === 0 ? (cleanAt ?? performance.now()) : undefined;
  }
  // The helper of the last look carries no run's label of the gate; only what the gate made counts.
  const verdict = cleanAt === undefined ? `LEFT: ${left.join(", ")}` : seconds(cleanAt - killed);
  if (cleanAt === undefined) failed += 1;
  console.log(
    `${String(index).padEnd(5)}${(gate.runId ?? "none yet").padEnd(22)}${seconds(afterMs).padEnd(14)}${verdict.padEnd(20)}${doing}`,
  );
}
const last = await green();
if (last.code !== 0) failed += 1;
console.log(`the next gate: exit code ${last.code}, ${seconds(last.ms)}, run ${last.runId}`);
process.exit(failed === 0 ? 0 : 1);
