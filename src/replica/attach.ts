import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { allSettled } from "../engine/all-settled.ts";
import { runnerIdentity } from "../engine/live-runs.ts";
import { SwarmNode } from "../engine/node/node.ts";
import { AcmeControl } from "../engine/party/acme.ts";
import { Tailnet, type TailnetState } from "../engine/party/tailnet/tailnet.ts";
import { SocketWatch } from "../engine/sockets/watch.ts";
import { Swarm } from "../engine/swarm/swarm.ts";
import { startAgent, type Vantage } from "../engine/vantage/vantage.ts";
import { exitCodes, ResilienceError } from "../history/errors.ts";
import type { Tier } from "../history/events.ts";
import { replicaFolder } from "../history/run-files.ts";
import type { ReplicaPlan } from "../substitute/plan.ts";
import type { Issuance } from "./certificates.ts";
import { Secrets } from "./secrets.ts";
import { Replica } from "./up.ts";

/** Files of a kept replica, by what they are; below `runs/<id>/replica/`, mode 0700, each 0600. */
export const replicaFiles = {
  secrets: "secrets.json",
  authority: "authority.pem",
  clientCertificate: "client.pem",
  clientKey: "client.key",
  faultsCertificate: "faults.pem",
  faultsKey: "faults.key",
  state: "replica.json",
} as const;

const stateVersion = 4;

/** What another process needs beside the secrets to look at a replica: what runs, and where its places are. */
interface State {
  version: number;
  runId: string;
  plan: ReplicaPlan;
  /** Highest tier that was brought up. */
  upTo: Tier;
  node: { name: string; containerId: string; flags: string };
  nodeAddresses: [network: string, address: string][];
  vantages: Omit<Vantage, "agent">[];
  parties: { name: string; containerId: string }[];
  /** What the ACME server replaces, where the replica has one. */
  toRenew?: { host: string; certificate: string };
  tailnet?: TailnetState;
}

/** A party that stands outside the Swarm, as one look at its container has it. */
export interface SeenParty {
  name: string;
  running: boolean;
  /** Docker's word for the container's state. */
  state: string;
}

/** Writes what `verify` needs to attach, and what a person needs to use the replica. Gives back the folder. */
export function saveReplica(replica: Replica, upTo: Tier, runFolder: string): string {
  const folder = join(runFolder, replicaFolder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // The umask takes bits away from what mkdir is asked for, and an older folder keeps its own.
  chmodSync(folder, 0o700);
  const { node } = replica;
  const toRenew = replica.issuance?.toRenew;
  const state: State = {
    version: stateVersion,
    runId: replica.runId,
    plan: replica.plan,
    upTo,
    node: { name: node.name, containerId: node.containerId, flags: node.flags },
    nodeAddresses: [...replica.nodeAddresses],
    vantages: [...replica.vantages.values()].map(({ agent: _, ...vantage }) => vantage),
    parties: [...replica.parties].map(([name, containerId]) => ({ name, containerId })),
    ...(toRenew ? { toRenew: { host: toRenew.host, certificate: toRenew.certificate } } : {}),
    ...(replica.tailnet ? { tailnet: replica.tailnet.state } : {}),
  };
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content, { mode: 0o600 });
  write(replicaFiles.secrets, `${JSON.stringify(Object.fromEntries(replica.secrets.entries()), null, 2)}\n`);
  write(replicaFiles.authority, replica.authority.certificate);
  write(replicaFiles.clientCertificate, node.access.certificate);
  write(replicaFiles.clientKey, node.access.key);
  write(replicaFiles.faultsCertificate, replica.faultAuthority.certificate);
  write(replicaFiles.faultsKey, replica.faultAuthority.key);
  write(replicaFiles.state, `${JSON.stringify(state, null, 2)}\n`);
  return folder;
}

/**
 * The plan of a kept replica, the highest tier of it that was brought up and whether it has a tailnet, without touching it.
 * @throws ResilienceError E_REPLICA_FILES when the folder does not say what runs
 */
export function keptPlan(runFolder: string): { plan: ReplicaPlan; upTo: Tier; hasTailnet: boolean } {
  const { plan, upTo, tailnet } = readState(join(runFolder, replicaFolder));
  return { plan, upTo, hasTailnet: tailnet !== undefined };
}

/**
 * Reaches a replica that another process brought up: new agents in its places, the same daemon, Swarm and secrets. Nothing in it is changed.
 * @throws ResilienceError E_REPLICA_FILES when the folder is missing or is not what this version wrote
 */
export async function attachReplica(docker: Dockerode, runFolder: string): Promise<{ replica: Replica; parties: SeenParty[] }> {
  const folder = join(runFolder, replicaFolder);
  const state = readState(folder);
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  const authority = read(replicaFiles.authority);
  const node = await attachNode(docker, folder, state);
  const nodeAgent = await startAgent(docker, node.containerId);
  const vantages = await allSettled(
    state.vantages.map(async (vantage): Promise<[string, Vantage]> => {
      const agent = vantage.containerId === node.containerId ? nodeAgent : await startAgent(docker, vantage.containerId);
      return [vantage.name, { ...vantage, agent }];
    }),
  );
  const replica = new Replica({
    runId: state.runId,
    plan: state.plan,
    docker,
    node,
    swarm: await Swarm.attach(node.daemon),
    nodeAgent,
    parties: new Map(state.parties.map(({ name, containerId }) => [name, containerId])),
    vantages: new Map(vantages),
    secrets: Secrets.from(JSON.parse(read(replicaFiles.secrets))),
    authority: { certificate: authority },
    faultAuthority: { certificate: read(replicaFiles.faultsCertificate), key: read(replicaFiles.faultsKey) },
    issuance: await attachIssuance(docker, state),
    nodeAddresses: new Map(state.nodeAddresses),
    sockets: await socketsOf(docker, state),
    tailnet: state.tailnet && Tailnet.attach(docker, state.tailnet),
  });
  return { replica, parties: await Promise.all(state.parties.map((party) => lookAt(docker, party))) };
}

/**
 * A replica's Swarm by its API alone, what was planned of it and the highest tier that was brought up: no agent is started, nothing is changed.
 * @throws ResilienceError E_REPLICA_FILES when the folder is missing or is not what this version wrote
 */
export async function attachSwarm(
  docker: Dockerode,
  runFolder: string,
): Promise<{ swarm: Swarm; plan: ReplicaPlan; upTo: Tier }> {
  const folder = join(runFolder, replicaFolder);
  const state = readState(folder);
  const node = await attachNode(docker, folder, state);
  return { swarm: await Swarm.attach(node.daemon), plan: state.plan, upTo: state.upTo };
}

/** The ACME server of a kept replica, as long as its container runs. */
async function attachIssuance(docker: Dockerode, { parties, toRenew }: State): Promise<Issuance | undefined> {
  const party = parties.find(({ name }) => name === "acme");
  if (!party || !(await lookAt(docker, party)).running) return undefined;
  const control = new AcmeControl(docker, party.containerId);
  return { control, root: await control.root(), ...(toRenew ? { toRenew } : {}) };
}

async function attachNode(docker: Dockerode, folder: string, state: State): Promise<SwarmNode> {
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  const access = { certificate: read(replicaFiles.clientCertificate), key: read(replicaFiles.clientKey) };
  return await SwarmNode.attach({ docker, ...state.node, access, authority: read(replicaFiles.authority) });
}

/** The namespaces count since they are there; the process that attached watches itself from here on. */
async function socketsOf(docker: Dockerode, { runId, node }: State): Promise<SocketWatch> {
  const { Image } = await docker.getContainer(node.containerId).inspect();
  return new SocketWatch({ docker, runId, runner: runnerIdentity(), image: Image });
}

async function lookAt(docker: Dockerode, party: { name: string; containerId: string }): Promise<SeenParty> {
  const seen = await docker
    .getContainer(party.containerId)
    .inspect()
    .catch(() => undefined);
  return { name: party.name, running: seen?.State.Running === true, state: seen?.State.Status ?? "gone" };
}

function readState(folder: string): State {
  const bad = (met: string) =>
    new ResilienceError("E_REPLICA_FILES", `A kept replica should be described in ${folder}, but ${met}.`, {
      cure: "Give --runs-dir the folder that `up` used, with the version that brought it up; or `down` it and bring up another.",
      exitCode: exitCodes.badInput,
    });
  for (const name of Object.values(replicaFiles)) if (!existsSync(join(folder, name))) throw bad(`${name} is not there`);
  let state: State;
  try {
    state = JSON.parse(readFileSync(join(folder, replicaFiles.state), "utf8")) as State;
  } catch (error) {
    throw bad(`${replicaFiles.state} is not JSON (${(error as Error).message})`);
  }
  if (state.version !== stateVersion) throw bad(`its version is ${state.version} instead of ${stateVersion}`);
  return state;
}
