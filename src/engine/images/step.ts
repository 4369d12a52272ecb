import { randomBytes } from "node:crypto";
import type Dockerode from "dockerode";
import { ResilienceError } from "../../history/errors.ts";
import { type HostSettings, stepFolder } from "./host-settings.ts";
import { packTar, type TarFile } from "./tar.ts";

/** A build step: a script run as root in a container of `image`, with this machine's client settings and the given files. */
export interface Step {
  /** For labels, progress and errors. */
  name: string;
  image: string;
  /** Shell script; runs in `<step folder>/work`, where `files` lie. */
  script: string;
  files: TarFile[];
  env: Record<string, string>;
  /** Binds and named volumes, in Docker's notation. */
  binds: string[];
  settings: HostSettings;
  onLine: (line: string) => void;
  signal?: AbortSignal;
}

/**
 * Name of every build container, with its builder's process id. A name and no label: a committed image hands its container's labels on to
 * every container that is ever made from it, and those must not look like builds.
 */
const namePrefix = "sprocket-resilience-build-";

const quote = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

/** Runs a step and hands its ended container to `take`, then removes it whatever happens. Errors carry the last lines. */
export async function runStep<T>(
  docker: Dockerode,
  step: Step,
  take: (container: Dockerode.Container) => Promise<T>,
): Promise<T> {
  step.signal?.throwIfAborted();
  const exports = Object.entries({ ...step.settings.env, ...step.env }).map(([name, value]) => `export ${name}=${quote(value)}`);
  const script = `#!/bin/sh\nset -eu\n${exports.join("\n")}\nmkdir -p ${stepFolder}/work\ncd ${stepFolder}/work\n${step.script}\n`;
  const container = await docker.createContainer({
    name: `${namePrefix}${process.pid}-${randomBytes(4).toString("hex")}`,
    Image: step.image,
    Entrypoint: ["/bin/sh"],
    Cmd: [`${stepFolder}/step.sh`],
    Tty: true, // one plain stream, and tools that print progress only to a terminal do
    HostConfig: {
      Binds: step.binds,
      Mounts: [{ Type: "volume", Source: "", Target: stepFolder }],
      NetworkMode: "host", // registries and proxies are reached as this machine reaches them, loopback included
    },
  });
  const lastLines: string[] = [];
  const stop = () => void container.kill().catch(() => undefined);
  try {
    const files: TarFile[] = [
      { path: "step.sh", content: script, mode: 0o700 },
      ...step.settings.files,
      ...step.files.map((file) => ({ ...file, path: `work/${file.path}` })),
    ];
    await container.putArchive(packTar(files), { path: stepFolder });
    await container.start();
    step.signal?.addEventListener("abort", stop, { once: true });
    const stream = await container.logs({ follow: true, stdout: true, stderr: true });
    let rest = "";
    stream.on("data", (chunk: Buffer) => {
      const lines = (rest + chunk.toString("utf8")).split(/[\r\n]+/);
      rest = lines.pop() ?? "";
      for (const line of lines.map((text) => text.trim()).filter((text) => text !== "")) {
        lastLines.push(line);
        if (lastLines.length > 30) lastLines.shift();
        step.onLine(line);
      }
    });
    const ended = new Promise<void>((resolve) =>
      stream
        .on("end", resolve)
        .on("close", resolve)
        .on("error", () => resolve()),
    );
    const { StatusCode: status } = (await container.wait()) as { StatusCode: number };
    await ended;
    step.signal?.throwIfAborted();
    if (status !== 0) {
      throw new ResilienceError(
        "E_IMAGE_BUILD",
        `The build step "${step.name}" should have ended with 0 but ended with ${status}; its last lines: ${lastLines.slice(-8).join(" | ")}`,
        {
          cure: "Read the lines: most often a package registry is out of reach; check this machine's apt, go, npm or pip settings.",
        },
      );
    }
    return await take(container);
  } finally {
    step.signal?.removeEventListener("abort", stop);
    await container.remove({ force: true, v: true }).catch(() => undefined);
  }
}

/**
 * Removes build containers whose process is gone (a builder that was killed). Their names hold a process id of this machine, so only call
 * it where the engine is local to the builders.
 */
export async function removeAbandonedSteps(docker: Dockerode): Promise<number> {
  const containers = await docker.listContainers({ all: true, filters: JSON.stringify({ name: [`^/${namePrefix}`] }) });
  let removed = 0;
  for (const info of containers) {
    const pid = Number(new RegExp(`^/${namePrefix}(\\d+)-[0-9a-f]{8}$`).exec(info.Names[0] ?? "")?.[1]);
    if (!Number.isInteger(pid) || pid <= 0 || alive(pid)) continue;
    await docker.getContainer(info.Id).remove({ force: true, v: true });
    removed += 1;
  }
  return removed;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
