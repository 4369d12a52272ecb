import Dockerode from "dockerode";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Authority } from "../../../src/engine/authority.ts";
import { provideImages } from "../../../src/engine/images/index.ts";
import { labelsOf } from "../../../src/engine/labels.ts";
import { runnerIdentity } from "../../../src/engine/live-runs.ts";
import type { PartySite } from "../../../src/engine/party/containers.ts";
import { startDns } from "../../../src/engine/party/dns.ts";
import { startTailnet } from "../../../src/engine/party/tailnet/start.ts";
import type { StartedTailnet } from "../../../src/engine/party/tailnet/started-tailnet.ts";
import { removeRun } from "../../../src/engine/remove-run.ts";
import { createRunNetwork } from "../../../src/engine/run-networks.ts";
import { until } from "../../../src/engine/until.ts";
import { startOutsideVantage } from "../../../src/engine/vantage/vantage.ts";
import { newRunId } from "../../../src/experiment/run-folder.ts";

/** A tailnet whose ingress is a plain container in the place of a node. Nobody listens there: that it refuses is its answer. */
const docker = new Dockerode();
const runId = newRunId();
let tailnet: StartedTailnet;
const keys: string[] = [];
const started: string[] = [];

beforeAll(async () => {
  const names = ["headscale", "derper", "tailscale", "agent", "dns"];
  const images = await provideImages(docker, names, { policy: "auto", onProgress: () => {} });
  const image = (name: string) => images.find((one) => one.name === name)?.tag ?? "";
  const labels = (kind: "party" | "vantage" | "network") => labelsOf(runId, kind, runnerIdentity());
  const network = await createRunNetwork(docker, { name: `sr-${runId}-tailnet`, internal: true, labels: labels("network") });
  const site = (kind: "party" | "vantage"): PartySite => ({ network: network.name, labels: labels(kind), image, runId });
  const dns = await startDns(site("party"), { domain: "sprocket.example", address: "192.0.2.1" });
  tailnet = await startTailnet(docker, {
    network,
    party: site("party"),
    vantage: site("vantage"),
    resolver: dns.address,
    ingress: startOutsideVantage(docker, site("vantage"), { name: "ingress", subnet: network.subnet, resolver: "" }),
    authority: await Authority.create("tailnet test"),
    names: ["api.sprocket.example"],
    onStarted: (containerId) => started.push(containerId),
    hide: (_, value) => keys.push(value),
  });
});

afterAll(async () => {
  expect((await removeRun(docker, runId)).left).toEqual([]);
});

const reach = async (from: "vantage" | "stranger", host = tailnet.ingress.name) => {
  const { agent, resolver = "" } = tailnet[from];
  return agent.probe<"tcp">({}, { kind: "tcp", host, port: 80, resolve: { server: resolver }, timeouts: { totalMs: 2000 } });
};
const reached = async () => (await reach("vantage")).error?.kind === "connect-refused";
const soon = (what: string, holds: () => Promise<boolean>) => until(what, { withinMs: 20_000, everyMs: 100 }, holds);

describe("a tailnet", () => {
  test("the client reaches the ingress by MagicDNS's name from its own address, and goes directly", async () => {
    await soon("an answer", reached);
    const { resolved, peer } = await reach("vantage");
    expect(resolved).toMatchObject({ server: "100.100.100.100:53", answers: [tailnet.ingress.address] });
    expect(peer).toBe(`${tailnet.ingress.address}:80`);
    await soon("a direct path", async () => (await tailnet.path()).kind === "direct");
    expect(tailnet.vantage.subnets).toEqual([expect.stringMatching(/^100\.64\.0\.\d+\/32$/)]);
  });

  test("the names that it was given lead to the ingress, every other one is asked of the resolver", async () => {
    const ask = (name: string) => tailnet.vantage.agent.probe<"dns">({}, { kind: "dns", name, server: "100.100.100.100:53" });
    expect((await ask("api.sprocket.example")).response?.answers.map(({ data }) => data)).toEqual([tailnet.ingress.address]);
    expect((await ask("www.sprocket.example")).response?.answers.map(({ data }) => data)).toEqual(["192.0.2.1"]);
    expect((await ask("elsewhere.example")).response?.rcode).toMatch(/NXDOMAIN|REFUSED|SERVFAIL/);
  });

  test("each machine with a network namespace of its own was told of when it started", () => {
    expect(started).toHaveLength(new Set(started).size);
    expect(started).toEqual(expect.arrayContaining([tailnet.vantage.containerId, tailnet.stranger.containerId]));
  });

  test("the ingress keeps its own DNS", async () => {
    const { stdout } = await tailnet.members.ingress.exec(["cat", "/etc/resolv.conf"]);
    expect(stdout).toContain("nameserver");
    expect(stdout).not.toContain("100.100.100.100");
    expect((await tailnet.members.client.exec(["cat", "/etc/resolv.conf"])).stdout).toContain("100.100.100.100");
  });

  test("the stranger's echo is answered, its connections are not", async () => {
    await soon("an echo", async () => (await tailnet.members.stranger.echo(tailnet.ingress.address)).answered);
    expect((await reach("stranger", tailnet.ingress.address)).error?.kind).toMatch(/connect-timeout|timeout/);
  });

  test("a cut path is replaced by the relay, and comes back", async () => {
    await tailnet.cutDirect();
    await soon("a path that is not direct", async () => (await tailnet.path()).kind !== "direct");
    expect(await tailnet.path()).toMatchObject({ kind: "derp", via: "DERP(run)" });
    await soon("an answer through the relay", reached);
    await tailnet.healDirect();
    await soon("a direct path", async () => (await tailnet.path()).kind === "direct");
  });

  test("without the control server what is there goes on", async () => {
    await tailnet.stopControl();
    expect(await tailnet.controlAccepts()).toBe(false);
    expect(await reached()).toBe(true);
    await tailnet.startControl();
    await soon("all machines to be online", () => tailnet.allOnline());
  });

  test("an expired key cuts the client off until it logs in again", async () => {
    await tailnet.expireKey();
    await soon("the client to know", async () => (await tailnet.members.client.state()).state === "NeedsLogin");
    expect(await reached()).toBe(false);
    await tailnet.renewKey();
    await soon("a path", async () => (await tailnet.path()).kind !== "none");
    await soon("an answer", reached);
    expect((await tailnet.members.client.state()).addresses.map((address) => `${address}/32`)).toEqual(tailnet.vantage.subnets);
  });

  test("of newcomers only the one with a new key is let in", async () => {
    const attempts = await tailnet.newcomers();
    expect(attempts.map(({ key, listed }) => [key, listed])).toEqual([
      ["fresh", true],
      ["expired", false],
      ["used", false],
    ]);
    expect(attempts.filter(({ code }) => code === 0).map(({ key }) => key)).toEqual(["fresh"]);
  });

  test("every key is told, so that it can be hidden", () => {
    expect(keys.length).toBeGreaterThanOrEqual(4);
    expect(keys.every((key) => key.length > 20)).toBe(true);
  });
});
