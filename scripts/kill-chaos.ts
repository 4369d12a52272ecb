import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type Dockerode from "dockerode";
import { openEngine } from "../src/engine/provision/open.ts";
import { removeRun } from "../src/engine/remove-run.ts";
import { UndoJournal } from "../src/engine/undo/journal.ts";
import { mulberry32 } from "../src/experiment/draw.ts";
import { attachReplica } from "../src/replica/attach.ts";

/**
 * Kills `chaos` on a kept replica with SIGKILL at seeded random moments, while faults are held, and shows each time that within 15 s everything is undone by
 * the reaper, and the replica healthy: every check that only observes passes.
 * `npm run kill-chaos [N] -- [--seed S]`
 */
const withinMs = 15_000;
const { values, positionals } = parseArgs({ allowPositionals: true, options: { seed: { type: "string", default: "1" } } });
const count = Number(positionals[0] ?? 20);
const random = mulberry32(Number(values.seed));
const bin = fileURLToPath(new URL("../bin/sprocket-resilience.mjs", import.meta.url));
const runs = mkdtempSync(join(tmpdir(), "sprocket-resilience-kill-chaos-"));

/** Experiments whose faults last, so that there is something to undo, and how long each takes on a kept replica, at most: kills are drawn within that. */
const lasting = [
  { name: "postgres-gone", lengthMs: 55_000 },
  { name: "redis-paused", lengthMs: 20_000 },
  { name: "postgres-slow", lengthMs: 50_000 },
  { name: "s3-gone", lengthMs: 55_000 },
  { name: "broker-disk-full", lengthMs: 55_000 },
] as const;

interface Started {
  pid: number;
  out: string;
  err: string;
  ended: Promise<number | null>;
}

function start(...args: string[]): Started {
  const child = spawn(process.execPath, [bin, ...args, "--runs-dir", runs], { stdio: ["ignore", "pipe", "pipe"] });
  const started: Started = {
    pid: child.pid ?? 0,
    out: "",
    err: "",
    ended: new Promise((resolve) => child.on("close", resolve)),
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    started.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    started.err += text;
  });
  return started;
}

async function whole(...args: string[]): Promise<{ code: number | null; started: Started; ms: number }> {
  const began = performance.now();
  const started = start(...args);
  return { code: await started.ended, started, ms: performance.now() - began };
}

/** What faults leave on the node while they are there: proxies, rules in the namespaces of tasks, files that fill its disk. */
const traces = [
  "grep -lzs '^SPROCKET_FAULT=' /proc/[0-9]*/environ | sed 's/^/process /'",
  'for task in $(docker ps -q); do pid=$(docker inspect -f "{{.State.Pid}}" "$task"); nsenter -t "$pid" -n iptables-save 2>/dev/null | grep SRF; done',
  "find / -xdev -name '.sprocket-fill-*' 2>/dev/null; df --output=target | tail -n +2 | while read -r at; do ls \"$at\"/.sprocket-fill-* 2>/dev/null; done",
].join("; ");

/** What is still hurt, by the state of the containers and not by the journal. */
async function hurtNow(docker: Dockerode, run: string): Promise<string[]> {
  const journal = new UndoJournal(join(runs, run));
  const { replica } = await attachReplica(docker, join(runs, run));
  try {
    const parties = await Promise.all(
      [...replica.parties].map(async ([name, id]) => {
        const { State } = await docker.getContainer(id).inspect();
        return State.Running && !State.Paused ? [] : [`${name} is ${State.Status}`];
      }),
    );
    const paused = (await replica.node.daemon.listContainers({ filters: JSON.stringify({ status: ["paused"] }) })).map(
      ({ Names }) => `${Names[0]} is paused`,
    );
    const { stdout } = await replica.node.exec(["sh", "-c", traces]);
    const traced = stdout.split("\n").filter(Boolean);
    return [...parties.flat(), ...paused, ...traced, ...journal.left().map(({ fault }) => `${fault} stands open in the journal`)];
  } finally {
    await Promise.all([...new Set([...replica.vantages.values()].map(({ agent }) => agent))].map((agent) => agent.close()));
  }
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
const { docker } = await openEngine({ provision: "auto", onProgress: (line) => process.stderr.write(`${line}\n`) });
const up = await whole("up", "--data-disk", "--json");
const run = up.code === 0 ? (JSON.parse(up.started.out) as { run: string }).run : "";
if (!run) throw new Error(`no replica came up: ${up.started.err}`);
console.log(`replica ${run}, up in ${seconds(up.ms)}; seed ${values.seed}`);
let failed = 0;
try {
  const usual = await whole("chaos", lasting[0].name, "--on", run);
  console.log(`usual length: ${seconds(usual.ms)}, exit code ${usual.code}`);
  if (usual.code !== 0) failed += 1;
  console.log(
    `${"kill".padEnd(5)}${"experiment".padEnd(18)}${"killed after".padEnd(14)}${"undone after".padEnd(14)}${"verify".padEnd(8)}while`,
  );
  for (let index = 1; index <= count; index += 1) {
    const { name, lengthMs } = lasting[Math.floor(random() * lasting.length)] ?? lasting[0];
    const afterMs = random() * lengthMs;
    const chaos = start("chaos", name, "--on", run);
    const early = await Promise.race([chaos.ended.then(() => "ended"), new Promise((resolve) => setTimeout(resolve, afterMs))]);
    const doing = chaos.err.trimEnd().split("\n").at(-1)?.trim() ?? "";
    if (early !== "ended") process.kill(chaos.pid, "SIGKILL");
    const killed = performance.now();
    await chaos.ended;
    let left = await hurtNow(docker, run);
    while (left.length > 0 && performance.now() - killed < withinMs) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      left = await hurtNow(docker, run);
    }
    const undone = performance.now() - killed;
    const verify = await whole("verify", run);
    if (left.length > 0 || verify.code !== 0) failed += 1;
    console.log(
      `${String(index).padEnd(5)}${name.padEnd(18)}${seconds(afterMs).padEnd(14)}${(left.length > 0 ? `LEFT: ${left.join(", ")}` : seconds(undone)).padEnd(14)}${String(verify.code).padEnd(8)}${doing}`,
    );
  }
} finally {
  await removeRun(docker, run);
}
console.log(failed === 0 ? `${count} of ${count}: undone, and healthy` : `${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
