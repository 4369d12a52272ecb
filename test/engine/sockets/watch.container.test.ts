import Dockerode from "dockerode";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AgentClient } from "../../../src/engine/agent-client.ts";
import { Authority } from "../../../src/engine/authority.ts";
import { run } from "../../../src/engine/exec.ts";
import { provideImages } from "../../../src/engine/images/index.ts";
import { type Kind, labelsOf } from "../../../src/engine/labels.ts";
import { runnerIdentity } from "../../../src/engine/live-runs.ts";
import { SwarmNode, storeVolume } from "../../../src/engine/node/node.ts";
import { removeRun } from "../../../src/engine/remove-run.ts";
import { createRunNetwork, type RunNetwork } from "../../../src/engine/run-networks.ts";
import type { Destination } from "../../../src/engine/sockets/counted.ts";
import { type SocketsSeen, SocketWatch, type WatchedPlace } from "../../../src/engine/sockets/watch.ts";
import { Swarm } from "../../../src/engine/swarm/swarm.ts";
import { startAgent } from "../../../src/engine/vantage/vantage.ts";

/** The watch on a real node and on containers beside it; TEST-NET-1 is what nobody has. */
const runId = `20000101-000000-sock${process.pid}`;
const runner = runnerIdentity();
const docker = new Dockerode();
let image: (name: string) => string;
let network: RunNetwork;
let node: SwarmNode;
let watch: SocketWatch;
let watched: string;
let agent: AgentClient;
let unwatchedAgent: AgentClient;

async function container(name: string, kind: Kind): Promise<string> {
  const made = await docker.createContainer({
    name: `sr-${runId}-${name}`,
    Image: image("agent"),
    Entrypoint: ["sleep", "infinity"],
    Cmd: [],
    Labels: labelsOf(runId, kind, runner),
    HostConfig: { NetworkMode: network.name },
  });
  await made.start();
  return made.id;
}

beforeAll(async () => {
  const images = await provideImages(docker, ["agent", "node-image"], { policy: "auto", onProgress: () => {} });
  image = (name) => images.find((one) => one.name === name)?.tag ?? name;
  await docker.createVolume({ Name: storeVolume, Labels: { "sprocket-resilience.kind": "store" } });
  const labels = labelsOf(runId, "network", runner);
  const management = await createRunNetwork(docker, { name: `sr-${runId}-management`, internal: false, labels });
  network = await createRunNetwork(docker, { name: `sr-${runId}-public`, internal: true, labels });
  watch = new SocketWatch({ docker, runId, runner, image: image("agent") });
  watched = await container("vantage-watched", "vantage");
  watch.watch(watched);
  const unwatched = await container("unwatched", "party");
  node = await SwarmNode.start({
    docker,
    runId,
    runner,
    name: `sr-${runId}-node1`,
    hostname: "node1",
    image: image("node-image"),
    clone: `clones/${runId}-node1`,
    networks: [management, network],
    publish: [],
    authority: await Authority.create("test"),
  });
  await Swarm.init(node.daemon);
  await watch.begun();
  [agent, unwatchedAgent] = await Promise.all([startAgent(docker, watched), startAgent(docker, unwatched)]);
});

afterAll(async () => {
  await Promise.all([agent?.close(), unwatchedAgent?.close()]);
  expect((await removeRun(docker, runId)).left).toEqual([]);
});

const place = (seen: SocketsSeen, name: string): WatchedPlace => {
  const found = seen.places.find((one) => one.place === name);
  if (!found) throw new Error(`no place ${name}`);
  return found;
};
const of = (one: WatchedPlace, hook: "own" | "passing", address: string): Destination[] =>
  one.watched ? one[hook].filter((destination) => destination.address === address) : [];

it("watches from the start, counts nothing foreign by itself, and names the container that it does not watch", async () => {
  const seen = await watch.read(node.daemon);
  expect(seen.places.map(({ place, kind, watched }) => ({ place, kind, watched }))).toEqual([
    { place: "node1", kind: "node", watched: true },
    { place: "unwatched", kind: "party", watched: false },
    { place: "vantage-watched", kind: "vantage", watched: true },
  ]);
  expect(place(seen, "unwatched")).toMatchObject({ why: expect.stringContaining("sprocket_watch") });
  expect(place(seen, "node1")).toMatchObject({ wayOut: false });
  expect(seen.networks.run.map((one) => one.subnet)).toContain(network.subnet);
  expect(seen.networks.inner.map((one) => one.name)).toContain("bridge");
  expect(seen.networks.more).toEqual([]);
  for (const name of ["node1", "vantage-watched"]) {
    const one = place(seen, name);
    const addresses = one.watched ? [...one.own, ...one.passing].map((destination) => destination.address) : [];
    expect(addresses.filter((address) => !/^(10|172|22[4-9]|ff02|fe80)[.:]/.test(address))).toEqual([]);
  }
});

it("counts what an agent addresses, as often as it did, and the agent meets what one without the watch meets", async () => {
  const ask = (from: AgentClient) => from.probe({}, { kind: "tcp", host: "192.0.2.1", port: 443, timeouts: { totalMs: 300 } });
  // No packet comes back: Docker gives an internal network a way to nowhere, or none, as its version has it.
  const without = await ask(unwatchedAgent);
  expect(["unreachable", "connect-timeout"]).toContain(without.error?.kind);
  for (let time = 0; time < 3; time++) expect((await ask(agent)).error?.kind).toBe(without.error?.kind);
  await agent.probe({}, { kind: "dns", name: "example.com", server: "192.0.2.53:53", timeouts: { totalMs: 300 } });
  const one = place(await watch.read(node.daemon), "vantage-watched");
  expect(of(one, "own", "192.0.2.1")).toMatchObject([{ protocol: "tcp", port: 443, packets: 3 }]);
  expect(of(one, "own", "192.0.2.53")).toMatchObject([{ protocol: "udp", port: 53 }]);
});

it("still lets what has a route through, and counts it by its address", async () => {
  const sample = await agent.probe({}, { kind: "tcp", host: `${network.prefix}.2`, port: 22 });
  expect(sample.error?.kind).toBe("connect-refused");
  const one = place(await watch.read(node.daemon), "vantage-watched");
  expect(of(one, "own", `${network.prefix}.2`)).toMatchObject([{ protocol: "tcp", port: 22, packets: 1 }]);
});

it("counts what the node's own programs and its tasks address, apart, with the source of the latter", async () => {
  const script = `
set -eu
(echo > /dev/tcp/192.0.2.10/80) 2>&1 | grep -q unreachable
gateway=$(ip -4 -o addr show docker_gwbridge | awk '{ print $4 }')
ip netns add task
ip link add task0 type veth peer name eth0 netns task
ip link set task0 master docker_gwbridge up
ip -n task addr add 172.18.200.9/16 dev eth0
ip -n task link set eth0 up
ip -n task route add default via "\${gateway%/*}"
ip netns exec task bash -c '(echo > /dev/tcp/192.0.2.11/443) 2>&1' | grep -q unreachable
`;
  const done = await run(docker, node.containerId, ["bash", "-c", script]);
  expect(done).toMatchObject({ code: 0 });
  const one = place(await watch.read(node.daemon), "node1");
  expect(of(one, "own", "192.0.2.10")).toMatchObject([{ protocol: "tcp", port: 80 }]);
  expect(of(one, "passing", "192.0.2.11")).toMatchObject([{ protocol: "tcp", port: 443, from: ["172.18.200.9"] }]);
  expect(of(one, "own", "192.0.2.11")).toEqual([]);
});

it("says so when its counts went with a container", async () => {
  await docker.getContainer(watched).stop({ t: 0 });
  const one = place(await watch.read(node.daemon), "vantage-watched");
  expect(one).toMatchObject({ watched: false, why: expect.stringContaining("does not run") });
  await docker.getContainer(watched).start();
  expect(place(await watch.read(node.daemon), "vantage-watched").watched).toBe(false);
});
