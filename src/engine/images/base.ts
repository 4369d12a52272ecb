import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type Dockerode from "dockerode";
import { ResilienceError } from "../../history/errors.ts";
import type { HostSettings } from "./host-settings.ts";
import { baseKey, baseRelease } from "./recipe-hash.ts";

const run = promisify(execFile);

/** Registry reference of the Debian base where a registry answers. */
export const baseReference = `debian:${baseRelease}-slim`;

export const baseTag = (): string => `sprocket-resilience/base:${baseKey()}`;

/** What debian:*-slim leaves out too: nobody reads manuals in a container. */
const excluded = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/info/*", "/usr/share/lintian/*", "/usr/share/locale/*"];

/**
 * Makes the Debian base from Debian packages (`debootstrap`), as root on a Debian or Ubuntu machine, and imports it.
 * Cold: 45 s on two cores. Errors: E_IMAGE_BUILD with its cure.
 */
export async function bootstrapBase(docker: Dockerode, settings: HostSettings, onLine: (line: string) => void): Promise<void> {
  const cure = `Make ${baseReference} reachable through a registry, or run as root on Debian or Ubuntu with the package "debootstrap".`;
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new ResilienceError(
      "E_IMAGE_BUILD",
      "A Debian base should be made but that needs root on Linux, which this process is not.",
      { cure },
    );
  }
  await ensureDebootstrap(cure, onLine);
  // Not below /tmp: it may be mounted nodev, where debootstrap refuses to work.
  const folder = mkdtempSync(path.join(existsSync("/var/tmp") ? "/var/tmp" : os.tmpdir(), "sprocket-base-"));
  try {
    const target = path.join(folder, "root");
    const mirror = settings.debian ? [settings.debian.main] : [];
    await lines("debootstrap", ["--variant=minbase", baseRelease, target, ...mirror], onLine);
    const write = (file: string, text: string, mode = 0o644) => {
      mkdirSync(path.dirname(path.join(target, file)), { recursive: true });
      writeFileSync(path.join(target, file), text, { mode });
    };
    // The mirror is this machine's; a step brings its own. Without one, Debian's default stays.
    if (settings.debian) write("etc/apt/sources.list", "");
    write("etc/dpkg/dpkg.cfg.d/01-slim", `${excluded.map((glob) => `path-exclude ${glob}`).join("\n")}\n`);
    write("etc/apt/apt.conf.d/01-slim", 'Acquire::Languages "none";\nAPT::Install-Recommends "false";\n');
    // A package's installation must not start its service in a build.
    write("usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755);
    const drop = ["var/cache/apt", "var/lib/apt/lists", ...excluded.map((glob) => glob.slice(1, -2)), "var/log"];
    for (const inside of drop) {
      for (const name of readdirSync(path.join(target, inside)))
        rmSync(path.join(target, inside, name), { recursive: true, force: true });
    }
    mkdirSync(path.join(target, "var/lib/apt/lists/partial"), { recursive: true });
    onLine("importing");
    const tar = spawn("tar", ["-C", target, "--numeric-owner", "-c", "."], { stdio: ["ignore", "pipe", "inherit"] });
    const [repo, tag] = baseTag().split(":") as [string, string];
    await importImage(docker, tar.stdout, { repo, tag, changes: 'CMD ["bash"]' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ensureDebootstrap(cure: string, onLine: (line: string) => void): Promise<void> {
  if (existsSync("/usr/sbin/debootstrap")) return;
  if (!existsSync("/usr/bin/apt-get")) {
    throw new ResilienceError("E_IMAGE_BUILD", "A Debian base should be made but this machine has neither debootstrap nor apt.", {
      cure,
    });
  }
  onLine("installing debootstrap");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-qq"], { env });
  await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "debootstrap", "debian-archive-keyring"], { env });
}

/** Runs a program and reports its lines; the last ones are in the error. */
export async function lines(command: string, args: string[], onLine: (line: string) => void, cwd?: string): Promise<void> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...(cwd === undefined ? {} : { cwd }) });
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      for (const line of text.split("\n").filter((part) => part.trim() !== "")) {
        last.push(line.trim());
        if (last.length > 10) last.shift();
        onLine(line.trim());
      }
    });
  }
  const status = await new Promise<number | string>((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
  if (status !== 0) {
    throw new ResilienceError(
      "E_IMAGE_BUILD",
      `"${command}" should have ended with 0 but ended with ${status}: ${last.join(" | ")}`,
      {
        cure: "Read the lines: most often a package registry is out of reach; check this machine's client settings.",
      },
    );
  }
}

/** Imports a tar stream as an image and waits until the engine has it. */
export async function importImage(
  docker: Dockerode,
  tar: NodeJS.ReadableStream,
  options: { repo: string; tag: string; changes?: string },
): Promise<void> {
  const stream = (await docker.importImage(tar as unknown as string, options)) as unknown as NodeJS.ReadableStream;
  await followed(docker, stream, () => undefined);
}

/**
 * Follows a stream of the engine's JSON lines to its end. An error inside the stream (a pull that failed after its answer began, a
 * Dockerfile line that failed) rejects: the HTTP status alone says nothing.
 */
export async function followed(docker: Dockerode, stream: NodeJS.ReadableStream, onLine: (line: string) => void): Promise<void> {
  let failure: string | undefined;
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(
      stream,
      (error: Error | null) => (error ? reject(error) : resolve()),
      (event: { stream?: string; status?: string; id?: string; progress?: string; error?: string }) => {
        if (event.error !== undefined) failure = event.error;
        const line = event.stream ?? [event.id, event.status, event.progress].filter((part) => part !== undefined).join(" ");
        if (line.trim() !== "") onLine(line.trim());
      },
    );
  });
  if (failure !== undefined) throw new Error(failure);
}
