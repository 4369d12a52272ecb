import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { kindLabel, runLabel } from "../../src/engine/labels.ts";
import { openEngine } from "../../src/engine/provision/open.ts";
import { cloneOwners } from "../../src/engine/remove-run.ts";
import { startAgent } from "../../src/engine/vantage/vantage.ts";
import { runJudge } from "../../src/experiment/judge.ts";
import { startReplica } from "../replica/a-replica.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { type Command, runIdOf, startCommand } from "./gate-process.ts";

const quick = "layer1/vantages";
let docker: Dockerode;
beforeAll(async () => {
  docker = (await openEngine({ provision: "never", onProgress: () => {} })).docker;
});

async function containersOf(runId: string | undefined): Promise<Dockerode.ContainerInfo[]> {
  return runId === undefined
    ? []
    : await docker.listContainers({ all: true, filters: JSON.stringify({ label: [`${runLabel}=${runId}`] }) });
}

async function leftOf(runId: string): Promise<string[]> {
  const filters = JSON.stringify({ label: [`${runLabel}=${runId}`] });
  return [
    ...(await docker.listContainers({ all: true, filters })).map((one) => one.Names[0] ?? one.Id),
    ...(await docker.listNetworks({ filters })).map((one) => one.Name),
    ...(await cloneOwners(docker)).filter((owner) => owner === runId),
  ];
}

/** Waits until a command has said something, or has ended. */
async function said(command: Command, what: RegExp): Promise<void> {
  await expect
    .poll(() => what.test(command.err) || command.child.exitCode !== null, { timeout: 120_000, interval: 50 })
    .toBe(true);
  expect(command.err).toMatch(what);
}

it("two gates side by side both pass, share nothing, do not reach each other, and leave nothing", async () => {
  const folder = await temporaryFolder();
  const gates = [0, 1].map(() => startCommand(["gate", "--only", quick, "--runs-dir", folder]));
  onTestFinished(() => void gates.map((gate) => gate.child.kill("SIGKILL")));
  for (const gate of gates) await said(gate, /tier layer1 creating/);
  const [first, second] = (await Promise.all(gates.map((gate) => containersOf(runIdOf(gate))))) as [
    Dockerode.ContainerInfo[],
    Dockerode.ContainerInfo[],
  ];
  const names = (list: Dockerode.ContainerInfo[]) => list.flatMap((one) => one.Names);
  expect(names(first).length).toBeGreaterThanOrEqual(5);
  expect(names(first).filter((name) => names(second).includes(name))).toEqual([]);

  // The control: the same probe reaches the vantage's own node, whether something listens there yet or not.
  const vantage = first.find((one) => one.Names.some((name) => name.endsWith("-vantage-public")))?.Id ?? "";
  const agent = await startAgent(docker, vantage);
  const nodeAddresses = (list: Dockerode.ContainerInfo[]) =>
    Object.entries(list.find((one) => one.Labels[kindLabel] === "node")?.NetworkSettings.Networks ?? {}).map(
      ([network, end]) => ({ network, address: end.IPAddress }),
    );
  const reach = async (address: string) =>
    (await agent.probe<"tcp">({}, { kind: "tcp", host: address, port: 80, timeouts: { totalMs: 1500 } })).error?.kind ??
    "connected";
  const own = nodeAddresses(first).find(({ network }) => network.endsWith("-public"))?.address ?? "";
  expect(await reach(own)).toMatch(/^(connected|connect-refused)$/);
  const others = nodeAddresses(second);
  expect(others).toHaveLength(4);
  for (const { network, address } of others)
    expect([network, await reach(address)]).not.toEqual([network, expect.stringMatching(/^(connected|connect-refused)$/)]);
  await agent.close();

  expect(await Promise.all(gates.map((gate) => gate.ended)), gates.map((gate) => gate.err + gate.out).join("\n")).toEqual([0, 0]);
  for (const gate of gates) expect(await leftOf(runIdOf(gate) as string)).toEqual([]);

  // The verdict of a real run is what its history gives, byte for byte; and a history that was changed gives another.
  const runDir = join(folder, runIdOf(gates[0] as Command) as string);
  const judged = await runJudge({ runDir, json: true });
  expect(judged).toMatchObject({ exitCode: 0, text: expect.stringContaining("byte for byte") });
  expect(`${JSON.stringify(judged.document, null, 2)}\n`).toBe(readFileSync(join(runDir, "verdict.json"), "utf8"));
  const history = readFileSync(join(runDir, "history.jsonl"), "utf8");
  writeFileSync(join(runDir, "history.jsonl"), history.replace(/"left":\[\]/, '"left":["sr-x-node1"]'));
  const changed = await runJudge({ runDir, json: true });
  expect(changed).toMatchObject({
    exitCode: 1,
    document: { verdict: "fail" },
    text: expect.stringMatching(/not what its history gives: line \d+ has `"verdict": "pass"/),
  });
}, 240_000);

describe("a gate that does not come to its end", () => {
  it("leaves nothing after SIGINT, and exits 130", async () => {
    const folder = await temporaryFolder();
    const gate = startCommand(["gate", "--only", quick, "--runs-dir", folder]);
    onTestFinished(() => void gate.child.kill("SIGKILL"));
    await said(gate, /party postgres ready/);
    gate.child.kill("SIGINT");
    expect(await gate.ended).toBe(130);
    const runId = runIdOf(gate) as string;
    expect(await leftOf(runId)).toEqual([]);
    const verdict = JSON.parse(readFileSync(join(folder, runId, "verdict.json"), "utf8"));
    expect(verdict).toMatchObject({ verdict: "unknown", exitCode: 130, ended: { reason: "interrupted" }, counts: { fail: 0 } });
  });

  it("leaves nothing within 15 s of SIGKILL", async () => {
    const folder = await temporaryFolder();
    const gate = startCommand(["gate", "--only", quick, "--runs-dir", folder]);
    await said(gate, /tier layer1 creating/);
    const runId = runIdOf(gate) as string;
    expect((await leftOf(runId)).length).toBeGreaterThan(5);
    gate.child.kill("SIGKILL");
    expect(await gate.ended).toBe("SIGKILL");
    await expect.poll(() => leftOf(runId), { timeout: 15_000, interval: 500 }).toEqual([]);
  });

  it("leaves nothing when an image cannot be had, and says which", async () => {
    const folder = await temporaryFolder();
    const env = { SPROCKET_IMAGES: "pull", SPROCKET_REGISTRY: "127.0.0.1:1" };
    const gate = startCommand(["gate", "--only", quick, "--runs-dir", folder], env);
    expect(await gate.ended).toBe(4);
    expect(gate.err).toMatch(/^E_IMAGE_PULL: .*should be pulled/m);
    const runId = runIdOf(gate) as string;
    expect(await leftOf(runId)).toEqual([]);
    expect(existsSync(join(folder, runId, "verdict.json"))).toBe(true);
  });

  it("leaves nothing when a node cannot start, nothing of it being under way any more", async () => {
    // An image without a Docker daemon in place of the node's own.
    const start = await startReplica({
      upTo: "layer1",
      images: (images) => {
        const dns = images.find((image) => image.name === "dns");
        return images.map((image) => (image.name === "node-image" && dns ? { ...dns, name: "node-image" } : image));
      },
    });
    onTestFinished(async () => void (await start.down()));
    await expect(start.replica).rejects.toMatchObject({ code: expect.stringMatching(/^E_NODE/) });
    const { existing } = start;
    const removal = await start.down();
    expect(removal.found).toBeGreaterThan(0);
    expect(removal.left).toEqual([]);
    // Whatever were still being created would turn up now.
    for (let look = 0; look < 4; look += 1) {
      expect(await existing()).toEqual({ containers: [], networks: [] });
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  });
});
