import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { Agent, request } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openEngine } from "../../src/engine/provision/open.ts";
import { removeRun } from "../../src/engine/remove-run.ts";
import { sweep } from "../../src/engine/sweep.ts";
import { attachReplica } from "../../src/replica/attach.ts";
import { violations } from "../cli/schemas.ts";
import { startCommand } from "./gate-process.ts";

// One kept replica serves the file, from `up` to `down`; the tests stand in that order.
let docker: Dockerode;
let runs: string;
let run: string;
let up: {
  exitCode: number | string;
  document: Record<string, unknown> & { urls: { host: string; port: number; url: string }[] };
};

async function command(...args: string[]): Promise<{ code: number | string; out: string; err: string }> {
  const started = startCommand([...args, "--runs-dir", runs, "--json"]);
  const code = await started.ended;
  return { code, out: started.out, err: started.err };
}

beforeAll(async () => {
  docker = (await openEngine({ provision: "never", onProgress: () => {} })).docker;
  runs = await mkdtemp(join(tmpdir(), "sprocket-resilience-up-"));
  const { code, out, err } = await command("up", "--tier", "layer1");
  expect(code, err + out).toBe(0);
  expect(violations(out)).toEqual([]);
  up = { exitCode: code, document: JSON.parse(out) };
  run = up.document.run as string;
});
afterAll(async () => {
  if (run) expect((await removeRun(docker, run)).left).toEqual([]);
  await rm(runs, { recursive: true, force: true });
});

it("up keeps the replica without a runner, under its owner's eyes alone", async () => {
  expect(up.document).toMatchObject({ verdict: "pass", kept: true, replicaFolder: join(runs, run, "replica") });
  const folder = join(runs, run, "replica");
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(folder)) expect([name, statSync(join(folder, name)).mode & 0o777]).toEqual([name, 0o600]);
  expect(await sweep(docker, { dryRun: true, among: [run] })).toEqual({ removed: [], kept: [run], live: [], stores: [] });
  // No secret of the replica stands anywhere else in the run's folder.
  const secrets = Object.values(JSON.parse(readFileSync(join(folder, "secrets.json"), "utf8"))) as string[];
  const artifacts = readdirSync(join(runs, run)).filter((name) => statSync(join(runs, run, name)).isFile());
  expect(artifacts).toContain("report.html");
  for (const name of artifacts)
    for (const secret of secrets) expect(readFileSync(join(runs, run, name), "utf8")).not.toContain(secret);
});

it("its URLs answer on loopback, by host name, with a certificate of the run's authority", async () => {
  const url = up.document.urls.find((one) => one.url.startsWith("https:"));
  const ca = readFileSync(join(runs, run, "replica/authority.pem"));
  const dispatcher = new Agent({
    connect: { ca, servername: url?.host, timeout: 5000 },
    headersTimeout: 5000,
    bodyTimeout: 5000,
  });
  const answer = await request(`https://127.0.0.1:${url?.port}/`, { dispatcher, headers: { host: url?.host ?? "" } });
  await answer.body.dump();
  await dispatcher.close();
  expect(answer.statusCode).toBe(302);
});

it("verify judges what runs with the checks that only observe, and changes nothing", async () => {
  const before = (await docker.listContainers({ all: true })).filter((one) => one.Names[0]?.includes(run)).map((one) => one.Id);
  const { code, out, err } = await command("verify", run);
  expect(code, err + out).toBe(0);
  const verdict = JSON.parse(out);
  expect(verdict).toMatchObject({ verdict: "pass", command: `verify ${run}`, tiers: [{ tier: "layer1" }] });
  expect(verdict.runId).not.toBe(run);
  expect(new Set(verdict.checks.map((check: { effect: string }) => check.effect))).toEqual(new Set(["observe"]));
  expect(verdict.checks).toContainEqual(
    expect.objectContaining({
      id: "access/tailnet-direct",
      verdict: "not-applicable",
      reason: expect.stringContaining("--tailnet"),
    }),
  );
  const judged = verdict.checks.filter(
    (check: { tier: string; id: string }) => check.tier === "layer1" && !check.id.startsWith("up/"),
  );
  expect(judged.length).toBeGreaterThan(3);
  expect(verdict.checks.find((check: { id: string }) => check.id === "run/clean")).toMatchObject({ verdict: "not-applicable" });
  const after = (await docker.listContainers({ all: true })).filter((one) => one.Names[0]?.includes(run)).map((one) => one.Id);
  expect(after.sort()).toEqual(before.sort());
});

it("drift finds what runs to be the candidate, and changes nothing", async () => {
  const { code, out, err } = await command("drift", "--run", run);
  expect(code, err + out).toBe(0);
  expect(violations(out)).toEqual([]);
  const { rows, running } = JSON.parse(out);
  expect(running).toBe(run);
  expect(rows.filter((row: { says: string }) => row.says === "differs")).toEqual([]);
  // The generated client secret is never shown.
  expect(rows).toContainEqual({
    service: "traefik-fa-service",
    field: "environment CLIENT_SECRET",
    says: "unknown",
    candidate: "unknown (secret)",
    running: "set, and not shown",
  });
});

it("verify names a service that no longer answers, and drift says what was changed", async () => {
  const { replica } = await attachReplica(docker, join(runs, run));
  const service = replica.node.daemon.getService("traefik-fa-service");
  const seen = (await service.inspect()) as { Version: { Index: number }; Spec: Record<string, unknown> };
  await service.update({ ...seen.Spec, version: seen.Version.Index, Mode: { Replicated: { Replicas: 0 } } });
  await expect.poll(() => replica.swarm.running("traefik-fa-service"), { timeout: 30_000 }).toBeUndefined();
  await replica.nodeAgent.close();
  const { code, out } = await command("verify", run);
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    verdict: "fail",
    cause: expect.stringMatching(/^traefik-fa-service did not come up: .*no running task/),
  });
  const drifted = await command("drift", "--run", run);
  expect(drifted.code, drifted.err).toBe(1);
  expect(JSON.parse(drifted.out).rows).toContainEqual(
    expect.objectContaining({ service: "traefik-fa-service", field: "replicas", candidate: "not set", running: "0" }),
  );
});

it("down refuses a run that is not kept, and takes this one down with its secrets", async () => {
  const refused = await command("down", "20261122-000000-none");
  expect(refused).toMatchObject({
    code: 3,
    err: expect.stringMatching(/^E_REPLICA_UNKNOWN: No replica of run 20261122-000000-none is kept: .*\ncure: /),
  });
  const verifyRefused = await command("verify", "20261122-000000-none");
  expect(verifyRefused).toMatchObject({ code: 3, err: expect.stringContaining("E_REPLICA_UNKNOWN") });
  const { code, out } = await command("down", run);
  expect(code).toBe(0);
  expect(violations(out)).toEqual([]);
  expect(JSON.parse(out)).toMatchObject({ removed: [{ run, left: [] }] });
  expect((await docker.listContainers({ all: true })).filter((one) => one.Names[0]?.includes(run))).toEqual([]);
  expect((await docker.listNetworks()).filter((one) => one.Name.includes(run))).toEqual([]);
  expect(existsSync(join(runs, run, "replica"))).toBe(false);
  expect(existsSync(join(runs, run, "history.jsonl"))).toBe(true);
});
