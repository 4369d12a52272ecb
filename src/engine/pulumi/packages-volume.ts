import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type Dockerode from "dockerode";
import { pack } from "tar-stream";
import type { Dependencies } from "./dependencies.ts";
import { importName } from "./workspace.ts";

/** Where the packages lie in the evaluator's container: outside the checkout, whose folders link to them. */
export const packagesFolder = "/packages";

const cacheLabel = "sprocket-resilience.cache";
/** Volumes of packages that are kept for the next evaluation: copying and removing twenty thousand files takes longer than an evaluation. */
const kept = 3;

/** Not needed to run a package, and more than half of its files. */
const unneeded = ["*.d.ts", "*.d.mts", "*.d.cts", "*.map", "*.md"];

/**
 * A volume of the engine that holds the packages, filled through the API: no path of this machine needs to be visible to the engine. It is
 * kept, and found again by what is recorded beside the packages.
 *
 * @param image any local image: the container that fills the volume is made and never started
 */
export async function packagesVolume(
  docker: Dockerode,
  image: string,
  dependencies: Dependencies,
  checkout: string,
): Promise<string> {
  const record = path.join(dependencies.folder, "volume.json");
  if (existsSync(record)) {
    const { name, created } = JSON.parse(readFileSync(record, "utf8")) as { name: string; created: string };
    const found = await inspect(docker, name);
    // One that another engine has, or that was made anew by that name, is not ours.
    if (found !== undefined && found === created) return name;
  }
  await removeOldest(docker);
  const name = `sprocket-resilience-cache-packages-${randomBytes(6).toString("hex")}`;
  await docker.createVolume({ Name: name, Labels: { [cacheLabel]: "packages" } });
  try {
    await fill(docker, image, name, dependencies, checkout);
  } catch (error) {
    await docker
      .getVolume(name)
      .remove({ force: true })
      .catch(() => undefined);
    throw error;
  }
  writeFileSync(record, JSON.stringify({ name, created: await inspect(docker, name) }));
  return name;
}

async function inspect(docker: Dockerode, name: string): Promise<string | undefined> {
  try {
    return ((await docker.getVolume(name).inspect()) as { CreatedAt?: string }).CreatedAt ?? "";
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw error;
  }
}

async function removeOldest(docker: Dockerode): Promise<void> {
  const { Volumes } = await docker.listVolumes({ filters: JSON.stringify({ label: [`${cacheLabel}=packages`] }) });
  const sorted = [...(Volumes ?? [])].sort((a, b) => (createdAt(a) < createdAt(b) ? 1 : -1));
  // One that is in use is refused, and stays.
  for (const { Name } of sorted.slice(kept - 1))
    await docker
      .getVolume(Name)
      .remove()
      .catch(() => undefined);
}

const createdAt = (volume: object): string => (volume as { CreatedAt?: string }).CreatedAt ?? "";

async function fill(
  docker: Dockerode,
  image: string,
  volume: string,
  dependencies: Dependencies,
  checkout: string,
): Promise<void> {
  const filler = await docker.createContainer({
    name: importName(),
    Image: image,
    Cmd: ["true"],
    HostConfig: { NetworkMode: "none", Mounts: [{ Type: "volume", Source: volume, Target: packagesFolder }] },
  });
  try {
    const folders = dependencies.packages.map(modulesOf).filter((each) => existsSync(path.join(dependencies.folder, each)));
    if (folders.length === 0) return;
    const excludes = [...unneeded, ...dependencies.links.map(({ at }) => at)].map((pattern) => `--exclude=${pattern}`);
    const tar = spawn(
      "tar",
      ["-C", dependencies.folder, "--owner=0", "--group=0", "--numeric-owner", "--mode=a+rX", ...excludes, "-c", ...folders],
      { stdio: ["ignore", "pipe", "ignore"] },
    );
    await filler.putArchive(tar.stdout, { path: packagesFolder });
    const links = pack();
    for (const { at, to } of dependencies.links)
      links.entry({ name: at, type: "symlink", linkname: path.posix.join(checkout, to) });
    links.finalize();
    await filler.putArchive(links as unknown as NodeJS.ReadableStream, { path: packagesFolder });
  } finally {
    await filler.remove({ force: true, v: true }).catch(() => undefined);
  }
}

/** Folder of a package's packages. */
export const modulesOf = (folder: string): string => (folder === "." ? "node_modules" : `${folder}/node_modules`);
