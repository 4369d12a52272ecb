import { hostname } from "node:os";
import type Dockerode from "dockerode";
import { afterEach, beforeAll, expect, it } from "vitest";
import { provideImages } from "../../src/engine/images/index.ts";
import { kindLabel, labelsOf, runLabel } from "../../src/engine/labels.ts";
import { keptRunner, runnerIdentity } from "../../src/engine/live-runs.ts";
import { pruneStores } from "../../src/engine/node/golden-stores.ts";
import { storeVolume } from "../../src/engine/node/node.ts";
import { openEngine } from "../../src/engine/provision/open.ts";
import { inStore, removeRun } from "../../src/engine/remove-run.ts";
import { sweep } from "../../src/engine/sweep.ts";

let docker: Dockerode;
let image: string;
const made: { remove(): Promise<unknown> }[] = [];

beforeAll(async () => {
  docker = (await openEngine({ provision: "never", onProgress: () => {} })).docker;
  const [dns] = await provideImages(docker, ["dns"], { policy: "auto", onProgress: () => {} });
  image = dns?.tag ?? "";
});
afterEach(async () => {
  // Containers first: Docker refuses a network that one is still on.
  for (const one of made.splice(0).reverse()) await one.remove().catch(() => {});
});

async function container(labels: Record<string, string>): Promise<string> {
  const created = await docker.createContainer({
    Image: image,
    Entrypoint: ["sleep", "300"],
    Cmd: [],
    Labels: labels,
    HostConfig: { NetworkMode: "none" },
  });
  await created.start();
  made.push({ remove: () => created.remove({ force: true, v: true }) });
  return created.id;
}

async function network(name: string, labels: Record<string, string>): Promise<string> {
  const created = await docker.createNetwork({ Name: name, Driver: "bridge", Internal: true, Labels: labels });
  made.push({ remove: () => created.remove() });
  return created.id;
}

const exists = async (id: string) =>
  (await docker.listContainers({ all: true })).some((one) => one.Id === id) ||
  (await docker.listNetworks()).some((one) => one.Id === id);

// A process id above the kernel's highest is nobody's.
const gone = `${hostname()}:4194400:1`;
// Of this process alone: another suite may run on the same engine.
const id = (name: string) => `20000101-${String(process.pid).padStart(6, "0").slice(-6)}-${name}`;

it("removes a dead run by its label, and nothing of a live, a kept, another machine's or somebody else's", async () => {
  const dead = await container(labelsOf(id("dead"), "party", gone));
  const deadNetwork = await network(`sr-${id("dead")}-test`, labelsOf(id("dead"), "network", gone));
  const live = await container(labelsOf(id("live"), "party", runnerIdentity()));
  const elsewhere = await container(labelsOf(id("else"), "party", "another-machine:1:1"));
  // Begun by a runner that is gone, and then marked: as `up` leaves it.
  const kept = await container(labelsOf(id("kept"), "party", gone));
  await network(`sr-${id("kept")}-kept`, labelsOf(id("kept"), "network", keptRunner));
  const reused = await container(labelsOf(id("reus"), "party", `${hostname()}:${process.pid}:1`));
  const decoy = await container({ "com.example.app": "theirs", "sprocket-resilience-like": id("dead") });
  const plain = await container({});

  const among = ["dead", "live", "else", "kept", "reus"].map(id);
  const expected = { removed: [id("dead"), id("reus")], kept: [id("kept")], live: [id("else"), id("live")], stores: [] };
  expect(await sweep(docker, { dryRun: true, among })).toEqual(expected);
  expect(await exists(dead)).toBe(true);
  expect(await sweep(docker, { among })).toEqual(expected);
  for (const one of [dead, deadNetwork, reused]) expect(await exists(one)).toBe(false);
  for (const one of [live, elsewhere, kept, decoy, plain]) expect(await exists(one)).toBe(true);
  expect(await sweep(docker, { among })).toMatchObject({ removed: [] });
});

it("removing one run touches no other whose id begins alike", async () => {
  const mine = await container(labelsOf(id("aaaa"), "party", gone));
  const alike = await container(labelsOf(`${id("aaaa")}b`, "party", gone));
  expect(await removeRun(docker, id("aaaa"))).toEqual({ found: 1, left: [] });
  expect([await exists(mine), await exists(alike)]).toEqual([false, true]);
});

it("says what is left when it cannot be removed", async () => {
  const net = await network(`sr-${id("held")}-test`, labelsOf(id("held"), "network", gone));
  // Somebody else's container is on the network, so Docker refuses to remove it, and the container is not ours to remove.
  const foreign = await container({ [`${runLabel}.not`]: "ours" });
  await docker.getNetwork("none").disconnect({ Container: foreign, Force: true });
  await docker.getNetwork(net).connect({ Container: foreign });
  expect(await removeRun(docker, id("held"))).toEqual({ found: 1, left: [`sr-${id("held")}-test`] });
  expect(await exists(foreign)).toBe(true);
});

it("removes golden stores that no node uses and that are not among those used last, and nothing else in the volume", async () => {
  // A volume of its own kind would be another code path; keys of this process alone, and only these are looked at.
  const key = (n: number) => `${process.pid.toString(16).padStart(8, "0").slice(-8)}0000000${n}`;
  const keys = [1, 2, 3, 4, 5, 6].map(key);
  const shell = (script: string, ...args: string[]) => inStore(docker, id("stor"), ["sh", "-ec", script, "sh", ...args], image);
  await docker.createVolume({ Name: storeVolume, Labels: { [kindLabel]: "store" } });
  const look = () => shell('cd /store/golden; for k in "$@"; do if [ -e "$k" ]; then echo "$k"; fi; done', ...keys);
  const there = async () => (await look()).split("\n").filter(Boolean);
  made.push({ remove: () => shell('cd /store/golden; rm -rf "$@"; cd ../golden-used && rm -f "$@" || true', ...keys) });
  // Sealed long ago, the first the oldest; the sixth was never sealed. The first was chosen yesterday, the second is a node's.
  await shell(
    'mkdir -p /store/golden /store/golden-used; n=0; for k in "$@"; do n=$((n + 1)); mkdir -p "/store/golden/$k"; if [ $n -lt 6 ]; then f="/store/golden/$k/sprocket-images"; : > "$f"; touch -d "2001-01-0$n" "$f"; fi; done; : > "/store/golden-used/$1"; touch -d yesterday "/store/golden-used/$1"',
    ...keys,
  );
  const node = await docker.createContainer({
    Image: image,
    Cmd: [],
    Env: [`STORE_GOLDEN=/store/golden/${key(2)}`],
    Labels: labelsOf(id("live"), "node", runnerIdentity()),
  });
  made.push({ remove: () => node.remove({ force: true }) });

  const prune = (dryRun: boolean) =>
    pruneStores(docker, (argv) => inStore(docker, id("stor"), argv, image), { dryRun, among: keys });
  // Used last: 1 (yesterday), 5, 4; 2 is a node's; 6 is no store.
  expect(await prune(true)).toEqual([key(3)]);
  expect(await there()).toEqual(keys);
  expect(await prune(false)).toEqual([key(3)]);
  expect(await there()).toEqual([1, 2, 4, 5, 6].map(key));
  expect(await prune(false)).toEqual([]);
});
