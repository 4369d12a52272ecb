import { createHash } from "node:crypto";
import { access, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import Docker from "dockerode";
import { exitCodes, ResilienceError } from "../../history/errors.ts";

/** Where a Docker engine may be, and who said so. */
export interface Endpoint {
  /** "unix:///var/run/docker.sock", "tcp://host:2376", "ssh://user@host". */
  host: string;
  /** "DOCKER_HOST", "context NAME" or "default socket". */
  source: string;
  /** Folder with ca.pem, cert.pem and key.pem, for TLS. */
  certificates?: string;
}

export const systemSocket = "/var/run/docker.sock";

/** Sockets that are tried in this order when nothing names an engine: the system's, a rootless engine's, Docker Desktop's. */
export function defaultSockets(env: NodeJS.ProcessEnv, home: string = homedir()): string[] {
  const runtime = env.XDG_RUNTIME_DIR;
  return [
    systemSocket,
    ...(runtime ? [join(runtime, "docker.sock")] : []),
    join(home, ".docker/run/docker.sock"),
    join(home, ".docker/desktop/docker.sock"),
  ];
}

/**
 * The engines that the user's settings name, first choice first: `DOCKER_HOST`, else `DOCKER_CONTEXT` or the current context of Docker's
 * settings folder, else the sockets that exist. Same order as Docker's own client.
 * Throws `E_DOCKER_CONTEXT` when a context is named that has no definition.
 */
export async function findEndpoints(env: NodeJS.ProcessEnv, home: string = homedir()): Promise<Endpoint[]> {
  if (env.DOCKER_HOST) {
    const certificates = env.DOCKER_CERT_PATH;
    return [{ host: env.DOCKER_HOST, source: "DOCKER_HOST", ...(certificates ? { certificates } : {}) }];
  }
  const settings = env.DOCKER_CONFIG || join(home, ".docker");
  const context = env.DOCKER_CONTEXT || (await currentContext(settings));
  if (context !== undefined && context !== "default") return [await contextEndpoint(settings, context)];
  const sockets = defaultSockets(env, home);
  const exists = await Promise.all(
    sockets.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  const found = sockets.filter((_, index) => exists[index]);
  return (found.length > 0 ? found : [systemSocket]).map((path) => ({ host: `unix://${path}`, source: "default socket" }));
}

/** Docker's own variables for an endpoint, for programs and libraries that look for an engine by themselves. */
export function endpointEnvironment(endpoint: Endpoint): Record<string, string> {
  return {
    DOCKER_HOST: endpoint.host,
    ...(endpoint.certificates ? { DOCKER_CERT_PATH: endpoint.certificates, DOCKER_TLS_VERIFY: "1" } : {}),
  };
}

/** A client for exactly this endpoint. Throws `E_DOCKER_HOST` for an address that names no engine. */
export async function connect(endpoint: Endpoint): Promise<Docker> {
  // dockerode fills gaps from DOCKER_HOST, so what must not be taken from there is given as undefined.
  if (endpoint.host.startsWith("unix://") || endpoint.host.startsWith("npipe://")) {
    const socketPath = endpoint.host.replace(/^(unix|npipe):\/\//, "");
    return new Docker({ socketPath, host: undefined, port: undefined, protocol: "http" } as Docker.DockerOptions);
  }
  const url = parse(endpoint);
  if (url.protocol === "ssh:")
    return new Docker({
      protocol: "ssh",
      host: url.hostname,
      port: url.port || 22,
      username: url.username,
      sshOptions: { agent: process.env.SSH_AUTH_SOCK },
    } as Docker.DockerOptions);
  const folder = endpoint.certificates;
  const tls = folder
    ? { ca: await pem(folder, "ca.pem"), cert: await pem(folder, "cert.pem"), key: await pem(folder, "key.pem") }
    : {};
  return new Docker({
    host: url.hostname,
    port: url.port || (folder ? 2376 : 2375),
    protocol: folder ? "https" : "http",
    ...tls,
  });
}

async function pem(folder: string, name: string): Promise<Buffer> {
  return await readFile(join(folder, name)).catch((cause: Error) => {
    throw new ResilienceError(
      "E_DOCKER_HOST",
      `The engine's certificates need ${name} in "${folder}", and it cannot be read: ${cause.message}.`,
      {
        cure: "Correct DOCKER_CERT_PATH or the Docker context, or use an engine without TLS.",
        exitCode: exitCodes.badInput,
        cause,
      },
    );
  });
}

function parse(endpoint: Endpoint): URL {
  const text = endpoint.host.includes("://") ? endpoint.host : `tcp://${endpoint.host}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && ["tcp:", "http:", "https:", "ssh:"].includes(url.protocol) && url.hostname !== "") return url;
  throw new ResilienceError(
    "E_DOCKER_HOST",
    `The engine's address "${endpoint.host}" from ${endpoint.source} is none: allowed is unix://PATH, tcp://HOST:PORT or ssh://USER@HOST.`,
    { cure: `Correct ${endpoint.source}, or unset it to use the default socket.`, exitCode: exitCodes.badInput },
  );
}

async function currentContext(settings: string): Promise<string | undefined> {
  const text = await readFile(join(settings, "config.json"), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return (JSON.parse(text) as { currentContext?: string }).currentContext || undefined;
  } catch {
    // Docker's own client warns and goes on as well; an unreadable settings file names no context.
    return undefined;
  }
}

/** Contexts are folders named by the SHA-256 of their name (docker/cli, cli/context/store). */
async function contextEndpoint(settings: string, name: string): Promise<Endpoint> {
  const id = createHash("sha256").update(name).digest("hex");
  const text = await readFile(join(settings, "contexts/meta", id, "meta.json"), "utf8").catch(() => undefined);
  const host =
    text === undefined ? undefined : (JSON.parse(text) as { Endpoints?: { docker?: { Host?: string } } }).Endpoints?.docker?.Host;
  if (!host)
    throw new ResilienceError("E_DOCKER_CONTEXT", `Docker's context "${name}" has no definition below ${settings}.`, {
      cure: "Run `docker context ls` and `docker context use NAME`, or unset DOCKER_CONTEXT.",
      exitCode: exitCodes.badInput,
    });
  const certificates = join(settings, "contexts/tls", id, "docker");
  const tls = await access(join(certificates, "cert.pem")).then(
    () => true,
    () => false,
  );
  return { host, source: `context ${name}`, ...(tls ? { certificates } : {}) };
}
