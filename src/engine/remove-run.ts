import type Dockerode from "dockerode";
import { run } from "./exec.ts";
import { kindLabel, runLabel } from "./labels.ts";
import { storeVolume } from "./node/node.ts";

/** What a removal met: how much there was, and the names of what is still there. */
export interface Removal {
  found: number;
  left: string[];
}

/** How long a removal is tried again: Docker refuses a network while a container is still on its way out of it. */
const withinMs = 10_000;

/**
 * Removes everything that carries a run's label, and its clones in the store volume; what carries another label, or none, is not touched.
 * Safe to call twice and side by side.
 */
export async function removeRun(docker: Dockerode, runId: string): Promise<Removal> {
  const end = performance.now() + withinMs;
  const first = await removeOnce(docker, runId);
  let last = first;
  while (last.left.length > 0 && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    last = await removeOnce(docker, runId);
  }
  return { found: first.found, left: last.left };
}

/** Whether Docker holds anything that carries a run's label; two listings, and nothing is made for the look. */
export async function holdsAnythingOf(docker: Dockerode, runId: string): Promise<boolean> {
  const filters = JSON.stringify({ label: [`${runLabel}=${runId}`] });
  const [containers, networks] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
  ]);
  return containers.length + networks.length > 0;
}

async function removeOnce(docker: Dockerode, runId: string): Promise<Removal> {
  const filters = JSON.stringify({ label: [`${runLabel}=${runId}`] });
  const containers = await docker.listContainers({ all: true, filters });
  const image = containers.find((container) => container.Labels[kindLabel] === "node")?.ImageID;
  await Promise.all(
    containers.map((container) => ignoreGone(docker.getContainer(container.Id).remove({ force: true, v: true }))),
  );
  const networks = await docker.listNetworks({ filters });
  await Promise.all(networks.map((network) => ignoreGone(docker.getNetwork(network.Id).remove())));
  const clones = await removeClones(docker, runId, image);
  const left = await docker.listContainers({ all: true, filters });
  const leftNetworks = await docker.listNetworks({ filters });
  return {
    found: containers.length + networks.length + clones.found,
    left: [
      ...left.map((container) => (container.Names[0] ?? container.Id).replace(/^\//, "")),
      ...leftNetworks.map((network) => network.Name),
      ...clones.left,
    ],
  };
}

/** Removes the store clones of a run; `image` is any image of ours with a shell, by default one that is there. */
export async function removeClones(docker: Dockerode, runId: string, image?: string): Promise<Removal> {
  const script =
    'cd /store/clones 2>/dev/null || exit 0; ls -d "$0"-* 2>/dev/null | wc -l; rm -rf "$0"-*; ls -d "$0"-* 2>/dev/null || true';
  const [found, ...left] = (await inStore(docker, runId, ["sh", "-c", script, runId], image)).split("\n").filter(Boolean);
  return { found: Number(found ?? 0), left: left.map((name) => `store clone ${name}`) };
}

/** Run ids that have clones in the store. */
export async function cloneOwners(docker: Dockerode): Promise<string[]> {
  const output = await inStore(docker, "sweep", ["sh", "-c", "ls /store/clones 2>/dev/null || true"]);
  return [
    ...new Set(
      output
        .split("\n")
        .filter(Boolean)
        .map((name) => name.replace(/-[^-]*$/, "")),
    ),
  ];
}

/** Runs one command with the store volume mounted; prints nothing where there is no store, or no image with a shell. */
export async function inStore(docker: Dockerode, runId: string, argv: string[], image?: string): Promise<string> {
  const volumes = await docker.listVolumes({ filters: JSON.stringify({ name: [storeVolume] }) });
  if (!volumes.Volumes?.some((volume) => volume.Name === storeVolume)) return "";
  const withShell = image ?? (await anImageWithShell(docker));
  if (!withShell) return "";
  const helper = await docker.createContainer({
    Image: withShell,
    Entrypoint: ["sleep", "120"],
    Cmd: [],
    Labels: { [runLabel]: runId, [kindLabel]: "helper" },
    HostConfig: { Binds: [`${storeVolume}:/store`], NetworkMode: "none", Init: true },
  });
  try {
    await helper.start();
    const { code, stdout, stderr } = await run(docker, helper.id, argv);
    if (code !== 0) throw new Error(`the store could not be looked at (code ${code}): ${stderr.trim()}`);
    return stdout;
  } finally {
    await ignoreGone(helper.remove({ force: true, v: true }));
  }
}

/** The node's image, which every machine with a store has. */
async function anImageWithShell(docker: Dockerode): Promise<string | undefined> {
  const images = await docker.listImages({ filters: JSON.stringify({ reference: ["sprocket-resilience/node-image"] }) });
  return images[0]?.Id;
}

/**
 * Docker says 404 when somebody else removed it first and 409 while a removal is under way; both mean that it goes. It says 403 for a network that
 * still has an end in a container; what is still there is seen by the next look.
 */
async function ignoreGone(removal: Promise<unknown>): Promise<void> {
  await removal.catch((error: { statusCode?: number }) => {
    if (![403, 404, 409].includes(error.statusCode ?? 0)) throw error;
  });
}
