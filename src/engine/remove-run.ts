import type Dockerode from "dockerode";
import { run } from "./exec.ts";
import { kindLabel, runLabel } from "./labels.ts";
import { storeVolume } from "./node/node.ts";

/**
 * Removes everything that carries a run's label, and its clones in the store volume; what carries another label, or none, is not touched.
 * Safe to call twice and side by side. Gives back the names of what is still there, empty when all is gone.
 */
export async function removeRun(docker: Dockerode, runId: string): Promise<string[]> {
  const filters = JSON.stringify({ label: [`${runLabel}=${runId}`] });
  const containers = await docker.listContainers({ all: true, filters });
  const image = containers.find((container) => container.Labels[kindLabel] === "node")?.ImageID;
  await Promise.all(
    containers.map((container) => ignoreGone(docker.getContainer(container.Id).remove({ force: true, v: true }))),
  );
  const networks = await docker.listNetworks({ filters });
  await Promise.all(networks.map((network) => ignoreGone(docker.getNetwork(network.Id).remove())));
  await removeClones(docker, runId, image);
  const left = await docker.listContainers({ all: true, filters });
  const leftNetworks = await docker.listNetworks({ filters });
  return [...left.map((container) => container.Names[0] ?? container.Id), ...leftNetworks.map((network) => network.Name)];
}

/** Removes the store clones of a run; `image` is any image of ours with a shell, by default one that is there. */
export async function removeClones(docker: Dockerode, runId: string, image?: string): Promise<void> {
  await inStore(docker, runId, ["sh", "-c", `rm -rf /store/clones/${runId}-*`], image);
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

async function inStore(docker: Dockerode, runId: string, argv: string[], image?: string): Promise<string> {
  const volumes = await docker.listVolumes({ filters: JSON.stringify({ name: [storeVolume] }) });
  if (!volumes.Volumes?.some((volume) => volume.Name === storeVolume)) return "";
  const withShell =
    image ??
    (
      await docker.listImages({
        filters: JSON.stringify({ label: ["sprocket-resilience.recipe"], reference: ["sprocket-resilience/node-image"] }),
      })
    )[0]?.Id;
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
    return (await run(docker, helper.id, argv)).stdout;
  } finally {
    await ignoreGone(helper.remove({ force: true, v: true }));
  }
}

/** Docker says 404 when somebody else removed it first and 409 while a removal is under way; both mean that it goes. */
async function ignoreGone(removal: Promise<unknown>): Promise<void> {
  await removal.catch((error: { statusCode?: number }) => {
    if (error.statusCode !== 404 && error.statusCode !== 409) throw error;
  });
}
