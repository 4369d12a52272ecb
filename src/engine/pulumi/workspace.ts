import { randomBytes } from "node:crypto";
import type Dockerode from "dockerode";
import { pack } from "tar-stream";
import { checkoutFolder } from "../../candidate/bound-files.ts";
import { packTar, type TarFile } from "../images/tar.ts";

/** Name of every volume and container of an import, with the process id of its importer. */
const namePrefix = "sprocket-resilience-import-";

export const importName = (): string => `${namePrefix}${process.pid}-${randomBytes(4).toString("hex")}`;

/**
 * A volume that holds a checkout, filled through the engine's API and removed after its use. Containers get it read-only.
 *
 * @param image any local image: the container that fills the volume is made and never started
 * @param links symbolic links, by their path in the checkout
 */
export async function withWorkspace<T>(
  docker: Dockerode,
  image: string,
  given: { files: TarFile[]; links: Record<string, string> },
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
      const links = pack();
      for (const [name, linkname] of Object.entries(given.links)) links.entry({ name, type: "symlink", linkname });
      links.finalize();
      await filler.putArchive(links as unknown as NodeJS.ReadableStream, { path: checkoutFolder });
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
