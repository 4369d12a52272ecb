import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import type Dockerode from "dockerode";
import { packTar, type TarFile } from "../images/tar.ts";
import type { Dependencies } from "./dependencies.ts";

/** Where the checkout lies in the evaluator's container. */
export const checkoutFolder = "/checkout";

/** Name of every volume and container of an import, with the process id of its importer. */
const namePrefix = "sprocket-resilience-import-";

/** Not needed to run a package, and two thirds of its files. */
const unneeded = ["*.d.ts", "*.d.mts", "*.d.cts", "*.map", "*.md"];

export const importName = (): string => `${namePrefix}${process.pid}-${randomBytes(4).toString("hex")}`;

/**
 * A volume that holds a checkout and its packages, filled through the engine's API: no path of this machine needs to be visible to the
 * engine. Containers get it read-only.
 *
 * @param image any local image: the container that fills the volume is made and never started
 */
export async function withWorkspace<T>(
  docker: Dockerode,
  image: string,
  given: { files: TarFile[]; dependencies: Dependencies },
  use: (volume: string) => Promise<T>,
): Promise<T> {
  await removeAbandoned(docker);
  const volume = importName();
  await docker.createVolume({ Name: volume });
  try {
    const filler = await docker.createContainer({
      name: importName(),
      Image: image,
      Cmd: ["true"],
      HostConfig: { NetworkMode: "none", Mounts: [{ Type: "volume", Source: volume, Target: checkoutFolder }] },
    });
    try {
      await filler.putArchive(packTar(given.files), { path: checkoutFolder });
      await sendPackages(filler, given.dependencies);
    } finally {
      await filler.remove({ force: true, v: true }).catch(() => undefined);
    }
    return await use(volume);
  } finally {
    await docker
      .getVolume(volume)
      .remove({ force: true })
      .catch(() => undefined);
  }
}

async function sendPackages(container: Dockerode.Container, { folder, packages }: Dependencies): Promise<void> {
  const folders = packages.map((each) => (each === "." ? "node_modules" : `${each}/node_modules`));
  if (folders.length === 0) return;
  const excludes = unneeded.map((pattern) => `--exclude=${pattern}`);
  const tar = spawn(
    "tar",
    [
      "-C",
      folder,
      "--owner=0",
      "--group=0",
      "--numeric-owner",
      "--mode=a+rX",
      "--ignore-failed-read",
      ...excludes,
      "-c",
      ...folders,
    ],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  await container.putArchive(tar.stdout, { path: checkoutFolder });
}

/** Removes what an importer that was killed left behind. Names hold a process id of this machine, so only what this machine made is met. */
async function removeAbandoned(docker: Dockerode): Promise<void> {
  const mine = new RegExp(`^/?${namePrefix}(\\d+)-[0-9a-f]{8}$`);
  const gone = (name: string) => {
    const pid = Number(mine.exec(name)?.[1]);
    return pid > 0 && !alive(pid);
  };
  for (const info of await docker.listContainers({ all: true, filters: JSON.stringify({ name: [`^/${namePrefix}`] }) }))
    if (gone(info.Names[0] ?? "")) await docker.getContainer(info.Id).remove({ force: true, v: true });
  const { Volumes } = await docker.listVolumes({ filters: JSON.stringify({ name: [namePrefix] }) });
  for (const { Name } of Volumes ?? []) if (gone(Name)) await docker.getVolume(Name).remove({ force: true });
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
