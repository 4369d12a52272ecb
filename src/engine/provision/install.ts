import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:fs";
import { access, mkdir, open, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ResilienceError } from "../../history/errors.ts";
import { type Endpoint, systemSocket } from "./endpoint.ts";
import { lock } from "./lock.ts";
import { type Reached, reach } from "./reach.ts";

/** What a machine without a running engine lets us do about it. */
export type Means =
  /** Docker's daemon is there, it only does not run. */
  | { can: "start"; daemon: string }
  /** Debian's or Ubuntu's `docker.io` can be installed and started. */
  | { can: "install"; system: string }
  | { can: "nothing"; why: string };

/** Debian's packages that an engine needs on a bare machine. */
export const enginePackages = ["docker.io", "iptables", "ca-certificates"] as const;

/** Where the machine's own engine listens and writes; a test starts a second one elsewhere. */
export interface EnginePlaces {
  /** Endpoint that the daemon will answer on. */
  host: string;
  log: string;
  lock: string;
  /** Command line that dockerd is started by, such as one that gives it namespaces of its own; must end as dockerd itself, with the same process id. */
  under?: [program: string, ...args: string[]];
  /** More arguments of dockerd. */
  arguments: string[];
  /** Use the machine's service manager where there is one; only for the machine's own engine. */
  service: boolean;
}

export const systemPlaces: EnginePlaces = {
  host: `unix://${systemSocket}`,
  log: "/var/log/sprocket-resilience/dockerd.log",
  lock: "/run/lock/sprocket-resilience-provision",
  arguments: [],
  service: true,
};

/** What `findMeans` looks at; a test gives its own. */
export interface Machine {
  platform: NodeJS.Platform;
  root: boolean;
  /** /etc/os-release, as text. */
  osRelease: string;
  /** Folders of PATH. */
  path: string[];
}

/** This machine. */
export async function thisMachine(): Promise<Machine> {
  return {
    platform: process.platform,
    root: process.getuid?.() === 0,
    osRelease: await readFile("/etc/os-release", "utf8").catch(() => ""),
    // Root's PATH under sudo or cron may lack the folders that daemons are in.
    path: [...new Set([...(process.env.PATH ?? "").split(":"), "/usr/sbin", "/sbin", "/usr/local/sbin"])].filter(
      (part) => part !== "",
    ),
  };
}

/** Decides what can be done where no engine answers. Looks only. */
export async function findMeans(machine: Machine): Promise<Means> {
  if (machine.platform !== "linux") return { can: "nothing", why: `on ${machine.platform} an engine is installed by hand` };
  if (!machine.root) return { can: "nothing", why: "this user is not root" };
  const daemon = await findProgram("dockerd", machine.path);
  if (daemon !== undefined) return { can: "start", daemon };
  const fields = new Map([...machine.osRelease.matchAll(/^(\w+)="?([^"\n]*)"?$/gm)].map((match) => [match[1], match[2] ?? ""]));
  const family = `${fields.get("ID") ?? ""} ${fields.get("ID_LIKE") ?? ""}`.split(" ");
  const system = fields.get("PRETTY_NAME") || fields.get("ID") || "a Linux without /etc/os-release";
  if (!family.includes("debian") && !family.includes("ubuntu"))
    return { can: "nothing", why: `${system} is neither Debian nor Ubuntu` };
  if ((await findProgram("apt-get", machine.path)) === undefined) return { can: "nothing", why: `${system} has no apt-get` };
  return { can: "install", system };
}

async function findProgram(name: string, folders: string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, name);
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}

export interface ProvisionOptions {
  /** Told each step before it is taken; goes to stderr. */
  onProgress: (line: string) => void;
  signal?: AbortSignal;
  places?: EnginePlaces;
}

/**
 * Installs (where needed) and starts an engine, and waits until it answers. Two processes may do so at once: the second waits for the
 * first and finds its engine. Throws `E_PROVISION_FAILED` with the last lines of what failed.
 */
export async function provisionEngine(means: Means & { can: "start" | "install" }, options: ProvisionOptions): Promise<Reached> {
  const places = options.places ?? systemPlaces;
  const endpoint: Endpoint = { host: places.host, source: "started by sprocket-resilience" };
  await mkdir(dirname(places.lock), { recursive: true });
  const held = await lock(places.lock, {
    onWait: () => options.onProgress("engine: another process is providing one; waiting for it"),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  try {
    const already = await reach(endpoint, 2000, options.signal);
    if ("docker" in already) return already;
    let daemon = means.can === "start" ? means.daemon : undefined;
    if (means.can === "install") {
      options.onProgress(
        `engine: none here; installing ${enginePackages.join(", ")} with apt-get on ${means.system} (SPROCKET_PROVISION=never forbids it)`,
      );
      const began = performance.now();
      await install(options.signal);
      options.onProgress(`engine: installed in ${Math.round((performance.now() - began) / 1000)} s`);
      daemon = await findProgram("dockerd", (await thisMachine()).path);
      if (daemon === undefined) throw failed("The packages were installed, and still there is no dockerd on PATH", "");
    }
    return await start(daemon ?? "dockerd", places, endpoint, options);
  } finally {
    held.release();
  }
}

async function install(signal: AbortSignal | undefined): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // Another apt may hold dpkg's lock for a while, as it does after a boot.
  const patience = ["-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Use-Pty=0"];
  // Old lists name versions that the mirrors no longer have; lists that cannot be renewed may still do.
  await run("apt-get", [...patience, "update", "-qq"], env, signal);
  const outcome = await run(
    "apt-get",
    [...patience, "install", "-y", "-qq", "--no-install-recommends", ...enginePackages],
    env,
    signal,
  );
  if (outcome.code !== 0) throw failed(`apt-get install ${enginePackages.join(" ")} ended with ${outcome.code}`, outcome.tail);
}

async function run(
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<{ code: number | null; tail: string }> {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"], ...(signal ? { signal } : {}) });
  let tail = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-20_000);
    });
  try {
    const [code] = (await once(child, "close")) as [number | null];
    return { code, tail: lastLines(tail, 5) };
  } catch (error) {
    signal?.throwIfAborted();
    throw failed(`${program} could not be run: ${(error as Error).message}`, "");
  }
}

/** How long a daemon may take until it answers; on a slow disk its first start creates a store. */
const startBoundMs = 60_000;

async function start(daemon: string, places: EnginePlaces, endpoint: Endpoint, options: ProvisionOptions): Promise<Reached> {
  const managed =
    places.service &&
    (await access("/run/systemd/system").then(
      () => true,
      () => false,
    ));
  let ended: string | undefined;
  let log = "";
  if (managed) {
    options.onProgress("engine: starting it with systemctl start docker");
    const outcome = await run("systemctl", ["start", "docker"], process.env, options.signal);
    if (outcome.code !== 0) ended = `systemctl start docker ended with ${outcome.code}`;
    log = outcome.tail;
  } else {
    options.onProgress(`engine: starting ${daemon} in a session of its own; its log is ${places.log}`);
    await mkdir(dirname(places.log), { recursive: true });
    const file = await open(places.log, "a");
    // `detached` is setsid: the engine outlives us, and Ctrl-C in our terminal does not reach it.
    const [program, ...args] = [...(places.under ?? []), daemon, `--host=${places.host}`, ...places.arguments] as [
      string,
      ...string[],
    ];
    const child = spawn(program, args, {
      detached: true,
      stdio: ["ignore", file.fd, file.fd],
    });
    child.once("error", (error) => {
      ended = `${daemon} could not be run: ${error.message}`;
    });
    child.once("exit", (code, signal) => {
      ended = `${daemon} ended with ${code ?? signal}`;
    });
    child.unref();
    await file.close();
  }
  for (const deadline = performance.now() + startBoundMs; performance.now() < deadline; await delay(100)) {
    const outcome = await reach(endpoint, 5000, options.signal);
    if ("docker" in outcome) {
      options.onProgress(`engine: Docker ${outcome.version} answers on ${endpoint.host}`);
      return outcome;
    }
    if (ended !== undefined) break;
  }
  if (!managed) log = lastLines(await readFile(places.log, "utf8").catch(() => ""), 5);
  throw failed(ended ?? `The engine did not answer on ${endpoint.host} within ${startBoundMs / 1000} s`, log);
}

function failed(what: string, tail: string): ResilienceError {
  return new ResilienceError("E_PROVISION_FAILED", `${what}${tail === "" ? "." : `; its last lines:\n${tail}`}`, {
    cure: `As root: \`apt-get update && apt-get install --no-install-recommends ${enginePackages.join(" ")}\`, then \`dockerd\` in another terminal, which says what is wrong.`,
  });
}

/** The last lines of a program's output; where some speak of an error, the last of those. */
function lastLines(text: string, count: number): string {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== "");
  const errors = lines.filter((line) => /^(E|Err):|error|failed|cannot/i.test(line));
  return (errors.length > 0 ? errors : lines).slice(-count).join("\n");
}
