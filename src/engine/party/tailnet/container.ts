import type Dockerode from "dockerode";
import { ResilienceError } from "../../../history/errors.ts";
import { type ContainerFile, putFiles } from "../../docker-files.ts";
import type { RunNetwork } from "../../run-networks.ts";
import { until } from "../../until.ts";
import type { PartySite } from "../containers.ts";

/** Where a container of the tailnet stands: on the tailnet's own network, or in the network namespace of another container. */
export type Standing = { network: RunNetwork; address?: string } | { beside: string };

interface ContainerOptions {
  /** Name within the run. */
  name: string;
  /** Catalogue name of its image. */
  image: string;
  argv: [program: string, ...string[]];
  stands: Standing;
  env?: string[];
  files?: ContainerFile[];
  host?: Dockerode.HostConfig;
}

/** Starts a container with a fixed address or another's namespace, neither of which testcontainers can give. */
export async function startContainer(
  docker: Dockerode,
  site: PartySite,
  options: ContainerOptions,
): Promise<Dockerode.Container> {
  const { stands } = options;
  const [program, ...args] = options.argv;
  const container = await docker.createContainer({
    name: `sr-${site.runId}-${options.name}`,
    Image: site.image(options.image),
    Entrypoint: [program],
    Cmd: args,
    Env: options.env ?? [],
    Labels: site.labels,
    HostConfig: {
      ...options.host,
      NetworkMode: "beside" in stands ? `container:${stands.beside}` : stands.network.name,
      LogConfig: { Type: "json-file", Config: { "max-size": "10m" } },
    },
    ...("address" in stands && stands.address !== undefined
      ? { NetworkingConfig: { EndpointsConfig: { [stands.network.name]: { IPAMConfig: { IPv4Address: stands.address } } } } }
      : {}),
  });
  if (options.files) await putFiles(container, options.files);
  await container.start();
  return container;
}

/**
 * Waits until a condition of a container holds. One that ended instead is told with its last words.
 * @throws ResilienceError E_PARTY, E_TIMEOUT
 */
export async function awaitContainer(container: Dockerode.Container, what: string, holds: () => Promise<boolean>): Promise<void> {
  await until(what, { withinMs: 30_000, everyMs: 50 }, async () => {
    if (await holds()) return true;
    const { State: state, Name: name } = await container.inspect();
    if (state.Running) return false;
    throw new ResilienceError(
      "E_PARTY",
      `${name.slice(1)} should serve but ended with ${state.ExitCode}: ${await words(container)}`,
      {
        cure: "docs/hosts.md lists what the Tailscale mode needs of the host: a TUN device and NET_ADMIN.",
      },
    );
  });
}

/** Whether a container has printed something. */
export async function hasPrinted(container: Dockerode.Container, text: string): Promise<boolean> {
  return (await container.logs({ stdout: true, stderr: true })).toString("utf8").includes(text);
}

async function words(container: Dockerode.Container): Promise<string> {
  const log = await container.logs({ stdout: true, stderr: true, tail: 5 });
  // Each line comes in a frame of Docker's, whose head is no text.
  return log
    .toString("utf8")
    .replace(/[^\n\x20-\x7e]/g, "")
    .trim();
}
