import { readFile, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { release } from "node:os";
import type Docker from "dockerode";
import { exitCodes, ResilienceError } from "../../history/errors.ts";
import type { PreflightFinding } from "./finding.ts";
import { kernelFacts, kernelFindings } from "./kernel.ts";
import { type OpenOptions, openEngine } from "./open.ts";
import { abortable, type Reached } from "./reach.ts";

/** What a command needs of the machine; each is a group of findings. Without an engine only `node` and `ports` can be looked at. */
export const needs = ["node", "docker", "swarm", "kernel", "disk", "memory", "ports", "images", "registry"] as const;
export type Need = (typeof needs)[number];

/** Docker's API since 20.10: what nodes and vantages are made with. */
export const oldestApi = "1.41";

/** Limits below which a run is refused or warned about; measured on the core replica. */
export const limits = {
  /** Images, build layers, a golden store and its clones. */
  diskErrorBytes: 6 * 2 ** 30,
  diskWarningBytes: 20 * 2 ** 30,
  /** The core replica stays below 3 GiB and the harness below 300 MiB. */
  memoryErrorBytes: 3.3 * 2 ** 30,
  memoryWarningBytes: 4 * 2 ** 30,
} as const;

export interface PreflightOptions extends OpenOptions {
  need: readonly Need[];
  /** Which images are wanted and whether the engine has them; the image catalogue gives it. */
  images?: (docker: Docker) => Promise<{ name: string; reference?: string; present: boolean }[]>;
}

export interface Preflight {
  /** Absent when no engine answered; then a finding says so. */
  engine?: Reached;
  /** Whether the engine runs on this machine's own kernel, so that local files speak of it. */
  local: boolean;
  findings: PreflightFinding[];
}

/**
 * Looks at the machine and says what it met; throws nothing about the machine itself (`require` does), only bad input and an abort.
 * Provides an engine first when the policy allows it.
 */
export async function preflight(options: PreflightOptions): Promise<Preflight> {
  const wants = (need: Need) => options.need.includes(need);
  const findings: PreflightFinding[] = [];
  if (wants("node")) findings.push(nodeFinding());
  if (wants("ports")) findings.push(await portFinding());
  if (!options.need.some((need) => need !== "node" && need !== "ports")) return { local: false, findings };
  let engine: Reached;
  try {
    engine = await openEngine(options);
  } catch (error) {
    if (!(error instanceof ResilienceError) || error.exitCode !== exitCodes.noEngine) throw error;
    findings.push({ id: "docker", severity: "error", what: error.message, cure: error.cure });
    return { local: false, findings };
  }
  const info = (await abortable(engine.docker).info(options.signal ? { abortSignal: options.signal } : {})) as EngineInfo;
  // A virtual machine, as Docker Desktop has it, runs a kernel of its own; then files here say nothing about the engine.
  const local = process.platform === "linux" && engine.endpoint.host.startsWith("unix://") && info.KernelVersion === release();
  if (wants("docker")) findings.push(...dockerFindings(engine, info, local));
  if (wants("swarm")) findings.push(...swarmFindings(info));
  if (wants("kernel")) findings.push(...(await hostFindings(info, local)));
  if (wants("disk")) findings.push(await diskFinding(info, local));
  if (wants("memory")) findings.push(...(await memoryFindings(info, local)));
  if (wants("images") && options.images)
    findings.push(...(await imageFindings(engine.docker, options.images, wants("registry"))));
  return { engine, local, findings };
}

/** Throws the first error of a preflight as `E_PREFLIGHT` (exit code 4), or as `E_NO_ENGINE` when that is what it is; else returns the engine. */
export function requireEngine(met: Preflight): Reached {
  const errors = met.findings.filter((finding) => finding.severity === "error");
  const [first] = errors;
  if (met.engine && !first) return met.engine;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more, see \`doctor\`)` : "";
  throw new ResilienceError(met.engine ? "E_PREFLIGHT" : "E_NO_ENGINE", `${first?.what ?? "No engine was asked for."}${more}`, {
    cure: first?.cure ?? "`doctor` shows every finding with its cure.",
    exitCode: exitCodes.noEngine,
  });
}

/** Fields of GET /info that dockerode leaves untyped. */
interface EngineInfo {
  OperatingSystem: string;
  OSType: string;
  Architecture: string;
  KernelVersion: string;
  Driver: string;
  CgroupVersion?: string;
  CgroupDriver: string;
  DockerRootDir: string;
  NCPU: number;
  MemTotal: number;
  MemoryLimit: boolean;
  BridgeNfIptables?: boolean;
  SecurityOptions?: string[];
  Swarm?: { LocalNodeState?: string };
  Warnings?: string[] | null;
}

function nodeFinding(): PreflightFinding {
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= 24) return { id: "node", severity: "info", what: `Node ${process.versions.node}.` };
  return {
    id: "node",
    severity: "error",
    what: `Node ${process.versions.node} runs this, and 24 or newer is needed.`,
    cure: "Run `npm install --save-dev node@24` and call it through npm or npx.",
  };
}

/** Nothing of ours has a fixed port; what must work is a random one on loopback. */
async function portFinding(): Promise<PreflightFinding> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
    return { id: "ports", severity: "info", what: "Random ports on 127.0.0.1 can be bound; no fixed port is needed." };
  } catch (error) {
    return {
      id: "ports",
      severity: "error",
      what: `No port on 127.0.0.1 can be bound: ${(error as Error).message}.`,
      cure: "Bring the loopback interface up (`ip link set lo up`), or lift the limit that forbids listening.",
    };
  } finally {
    server.close();
  }
}

/** Compares versions such as "1.41" by their numbers. */
export function olderThan(met: string, oldest: string): boolean {
  const [a, b] = [met, oldest].map((version) => version.split(".").map(Number));
  return (a?.[0] ?? 0) < (b?.[0] ?? 0) || (a?.[0] === b?.[0] && (a?.[1] ?? 0) < (b?.[1] ?? 0));
}

function dockerFindings(engine: Reached, info: EngineInfo, local: boolean): PreflightFinding[] {
  const at = `${engine.endpoint.host} (${engine.endpoint.source})`;
  const findings: PreflightFinding[] = [
    {
      id: "docker",
      severity: "info",
      what: `Docker ${engine.version}, API ${engine.api}, ${info.OperatingSystem}, kernel ${info.KernelVersion}, at ${at}.`,
    },
  ];
  if (olderThan(engine.api, oldestApi))
    findings.push({
      id: "docker-api",
      severity: "error",
      what: `The engine speaks API ${engine.api}, and ${oldestApi} (Docker 20.10) or newer is needed.`,
      cure: "Update Docker Engine.",
    });
  if (info.OSType !== "linux")
    findings.push({
      id: "docker-os",
      severity: "error",
      what: `The engine runs ${info.OSType} containers, and Linux containers are needed.`,
      cure: "Switch Docker Desktop to Linux containers.",
    });
  if (/^(tcp|http|https|ssh):/.test(engine.endpoint.host))
    findings.push({
      id: "docker-remote",
      severity: "warning",
      what: `The engine at ${engine.endpoint.host} may be another machine, whose loopback ports cannot be reached from here.`,
      cure: "Run sprocket-resilience on the machine that the engine is on.",
    });
  if (rootless(info))
    findings.push({
      id: "docker-rootless",
      severity: "warning",
      what: "The engine is rootless; a node needs capabilities that it may not be able to give.",
      cure: "Use an engine that runs as root when the node does not start.",
    });
  if (!local && process.platform === "linux")
    findings.push({
      id: "docker-vm",
      severity: "info",
      what: "The engine runs on another kernel than this process; the kernel's files here say nothing about it.",
    });
  return findings;
}

const rootless = (info: EngineInfo) => (info.SecurityOptions ?? []).some((option) => option.includes("name=rootless"));

/** The user's Docker is never put into swarm mode; one that is in it already does not disturb, since replicas have Swarms of their own. */
function swarmFindings(info: EngineInfo): PreflightFinding[] {
  const state = info.Swarm?.LocalNodeState ?? "unknown";
  if (state === "inactive") return [{ id: "swarm", severity: "info", what: "This Docker is not in swarm mode, and stays so." }];
  return [{ id: "swarm", severity: "info", what: `This Docker's own swarm state is ${state}; it is neither used nor changed.` }];
}

async function hostFindings(info: EngineInfo, local: boolean): Promise<PreflightFinding[]> {
  const findings: PreflightFinding[] = [
    { id: "storage-driver", severity: "info", what: `Storage driver ${info.Driver}.` },
    { id: "cgroup", severity: "info", what: `Cgroup version ${info.CgroupVersion ?? "1"}, driver ${info.CgroupDriver}.` },
  ];
  if (!/overlay/.test(info.Driver))
    findings.push({
      id: "storage-driver-slow",
      severity: "warning",
      what: `The storage driver ${info.Driver} is not overlay2; image stores are copied instead of linked, which takes minutes and disk.`,
      cure: "Use overlay2 or the containerd overlayfs snapshotter.",
    });
  if (info.MemoryLimit === false)
    findings.push({
      id: "memory-limit",
      severity: "warning",
      what: "The engine cannot limit memory; limits of the candidate are not enforced.",
      cure: "Boot with `cgroup_enable=memory`.",
    });
  if (local) findings.push(...kernelFindings(await kernelFacts()));
  else
    findings.push({
      id: "kernel",
      severity: "info",
      what: "The engine's kernel cannot be read from here; the node's start will show what it has.",
    });
  return findings;
}

async function diskFinding(info: EngineInfo, local: boolean): Promise<PreflightFinding> {
  const disk = local ? await statfs(info.DockerRootDir).catch(() => undefined) : undefined;
  if (!disk)
    return {
      id: "disk",
      severity: "info",
      what: `Free disk at ${info.DockerRootDir} cannot be read from here; ${gib(limits.diskWarningBytes)} are advised.`,
    };
  const free = disk.bavail * disk.bsize;
  const what = `${gib(free)} are free at ${info.DockerRootDir}`;
  const cure = "Free some disk (`docker system df` shows what Docker holds), or move Docker's data-root.";
  if (free < limits.diskErrorBytes)
    return { id: "disk", severity: "error", what: `${what}, and ${gib(limits.diskErrorBytes)} are needed.`, cure };
  if (free < limits.diskWarningBytes)
    return {
      id: "disk",
      severity: "warning",
      what: `${what}; building every image from nothing takes up to ${gib(limits.diskWarningBytes)}.`,
      cure,
    };
  return { id: "disk", severity: "info", what: `${what}.` };
}

async function memoryFindings(info: EngineInfo, local: boolean): Promise<PreflightFinding[]> {
  const total: PreflightFinding =
    info.MemTotal < limits.memoryErrorBytes
      ? {
          id: "memory",
          severity: "error",
          what: `The engine has ${gib(info.MemTotal)} of memory, and ${gib(limits.memoryErrorBytes)} are needed.`,
          cure: "Give Docker's virtual machine or this machine more memory.",
        }
      : { id: "memory", severity: "info", what: `The engine has ${gib(info.MemTotal)} of memory and ${info.NCPU} cores.` };
  const available = local ? (await readFile("/proc/meminfo", "utf8")).match(/^MemAvailable:\s+(\d+) kB$/m)?.[1] : undefined;
  if (available === undefined) return [total];
  const bytes = Number(available) * 1024;
  if (bytes < limits.memoryWarningBytes)
    return [
      total,
      {
        id: "memory-available",
        severity: "warning",
        what: `${gib(bytes)} of memory are available, and ${gib(limits.memoryWarningBytes)} are advised.`,
        cure: "Stop other programs.",
      },
    ];
  return [total, { id: "memory-available", severity: "info", what: `${gib(bytes)} of memory are available.` }];
}

const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

async function imageFindings(
  docker: Docker,
  ask: NonNullable<PreflightOptions["images"]>,
  registry: boolean,
): Promise<PreflightFinding[]> {
  const wanted = await ask(docker);
  const missing = wanted.filter((image) => !image.present);
  if (missing.length === 0) return [{ id: "images", severity: "info", what: `All ${wanted.length} images are here.` }];
  const findings: PreflightFinding[] = [
    {
      id: "images",
      severity: "info",
      what: `${wanted.length - missing.length} of ${wanted.length} images are here; missing: ${missing.map((image) => image.name).join(", ")}.`,
      cure: "They are had when a run needs them; `images pull`, `images build` or `images load FILE` has them now.",
    },
  ];
  const reference = missing.find((image) => image.reference !== undefined)?.reference;
  if (registry && reference !== undefined) findings.push(await registryFinding(docker, reference));
  return findings;
}

const registryBoundMs = 2000;

/** Asks through the engine, whose mirrors, proxies and certificates are what a pull would use. */
async function registryFinding(docker: Docker, reference: string): Promise<PreflightFinding> {
  const bound = AbortSignal.timeout(registryBoundMs);
  const image = docker.getImage(reference);
  try {
    await image.distribution({ abortSignal: bound });
    return { id: "registry", severity: "info", what: `The registry of ${reference} answers.` };
  } catch (error) {
    const why = bound.aborted ? `no answer within ${registryBoundMs} ms` : engineWords(error);
    return {
      id: "registry",
      severity: "warning",
      what: `The registry of ${reference} does not give it (${why}); images are built by their recipes.`,
      cure: "Nothing to do where package registries are reachable; else `images load FILE` from a machine that has them, or `docker login` for a private one.",
    };
  }
}

/** The engine's own words, which dockerode keeps beside its own. */
function engineWords(error: unknown): string {
  const said = (error as { json?: { message?: string } }).json?.message;
  return said ?? (error as Error).message.trim();
}
