import { readFileSync } from "node:fs";
import Dockerode from "dockerode";
import { fixturesFolder } from "../../candidate/assets.ts";
import { ResilienceError } from "../../history/errors.ts";
import type { Authority, Leaf } from "../authority.ts";
import { putFiles } from "../docker-files.ts";
import { run } from "../exec.ts";
import { labelsOf } from "../labels.ts";
import { nodeHost, type RunNetwork } from "../run-networks.ts";
import { watchScript } from "../sockets/script.ts";
import { until } from "../until.ts";
import { type DataDisk, dataDiskEnvironment } from "./data-disk.ts";
import { nodeFlags } from "./flags.ts";
import { KeptConnections } from "./kept-connections.ts";
import { networkFaults } from "./network-faults.ts";

/** Volume on the user's Docker that holds the golden stores and the clones; hard links need one mount. */
export const storeVolume = "sprocket-resilience-store";
const storeMount = "/store";

export interface NodeOptions {
  docker: Dockerode;
  runId: string;
  runner: string;
  name: string;
  hostname: string;
  image: string;
  /** Key of the golden store to clone; undefined starts with an empty store of that name (to make a golden one). */
  golden?: string;
  /** Folder below the store volume for this node's own data. */
  clone: string;
  dns?: string;
  dataDisk?: DataDisk;
  /** First: the management network, which carries the API and the published loopback ports. */
  networks: RunNetwork[];
  /** TCP ports of the node that a person reaches on random loopback ports. */
  publish: number[];
  authority: Authority;
}

/** A Swarm node: a container with its own Docker daemon. */
export class SwarmNode {
  readonly name: string;
  readonly containerId: string;
  /** API of the node's own daemon. */
  readonly daemon: Dockerode;
  /** Which flags the user's Docker accepted. */
  readonly flags: string;
  /** Port of the node → port on 127.0.0.1 of the user's machine. */
  readonly loopback: ReadonlyMap<number, number>;
  /** Shown by the runner to the node's daemon. */
  readonly access: Leaf;
  readonly #outer: Dockerode;

  private constructor(fields: Omit<SwarmNode, "exec" | "stop"> & { outer: Dockerode }) {
    this.name = fields.name;
    this.containerId = fields.containerId;
    this.daemon = fields.daemon;
    this.flags = fields.flags;
    this.loopback = fields.loopback;
    this.access = fields.access;
    this.#outer = fields.outer;
  }

  /** Starts a node and waits until its daemon answers. Failing, it says what the daemon last printed. */
  static async start(options: NodeOptions): Promise<SwarmNode> {
    const [management, ...others] = options.networks;
    if (!management) throw new Error("a node needs a management network");
    const apiAddress = `${management.prefix}.${nodeHost}`;
    const server = await options.authority.issue(["node"], { ips: ["127.0.0.1", apiAddress] });
    const client = await options.authority.issue(["runner"], { client: true });
    const { container, flags } = await createContainer(options, management, others, apiAddress, server);

    const node = await SwarmNode.attach({
      docker: options.docker,
      name: options.name,
      containerId: container.id,
      flags,
      access: client,
      authority: options.authority.certificate,
    });
    await until(`daemon of node ${options.name}`, { withinMs: 30_000, everyMs: 50 }, async () => {
      const state = await container.inspect();
      if (!state.State.Running) {
        const log = (await container.logs({ stdout: true, stderr: true, tail: 15 })).toString("utf8");
        throw new ResilienceError(
          "E_NODE",
          `Node ${options.name} ended with code ${state.State.ExitCode} while its daemon started: ${log.trim()}`,
          {
            cure: "Run `npm run doctor`; docs/hosts.md lists what a node needs of the host's kernel and Docker.",
          },
        );
      }
      return (await node.daemon.ping().catch(() => undefined)) !== undefined;
    });
    return node;
  }

  /** A node that runs already, by what its own daemon wants to see of a client. */
  static async attach(known: {
    docker: Dockerode;
    name: string;
    containerId: string;
    flags: string;
    access: Leaf;
    authority: string;
  }): Promise<SwarmNode> {
    const inspected = await known.docker.getContainer(known.containerId).inspect();
    const loopback = new Map<number, number>();
    for (const [port, bindings] of Object.entries(inspected.NetworkSettings.Ports ?? {})) {
      const host = bindings?.[0]?.HostPort;
      if (host) loopback.set(Number.parseInt(port, 10), Number(host));
    }
    const daemon = new Dockerode({
      protocol: "https",
      host: "127.0.0.1",
      port: loopback.get(2376) ?? 0,
      agent: new KeptConnections({ ca: known.authority, cert: known.access.certificate, key: known.access.key }),
      version: "v1.41",
      // Known to docker-modem, not to its types.
    } as Dockerode.DockerOptions & { agent: KeptConnections });
    const { name, containerId, flags, access, docker } = known;
    return new SwarmNode({ name, containerId, flags, access, daemon, loopback, outer: docker });
  }

  /** Runs a command on the node itself, as its operator would. */
  exec(argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    return run(this.#outer, this.containerId, argv);
  }

  async stop(): Promise<void> {
    await this.#outer.getContainer(this.containerId).remove({ force: true, v: true });
  }
}

async function createContainer(
  options: NodeOptions,
  management: RunNetwork,
  others: RunNetwork[],
  apiAddress: string,
  server: { certificate: string; key: string },
): Promise<{ container: Dockerode.Container; flags: string }> {
  const ports = [2376, ...options.publish];
  let refused: unknown;
  for (const flags of nodeFlags) {
    const container = await options.docker.createContainer({
      name: options.name,
      Hostname: options.hostname,
      Image: options.image,
      Entrypoint: ["/bin/sh", "/etc/sprocket/entry.sh"],
      Cmd: [],
      Env: [
        `STORE_CLONE=${storeMount}/${options.clone}`,
        `STORE_GOLDEN=${options.golden ? `${storeMount}/golden/${options.golden}` : ""}`,
        `NODE_DNS=${options.dns ?? ""}`,
        `API_ADDRESS=${apiAddress}`,
        "DOCKER_TLS_CERTDIR=",
        ...dataDiskEnvironment(options.dataDisk),
      ],
      Labels: labelsOf(options.runId, "node", options.runner),
      ExposedPorts: Object.fromEntries(ports.map((port) => [`${port}/tcp`, {}])),
      StopSignal: "SIGTERM",
      HostConfig: {
        ...flags.host,
        CgroupnsMode: "host",
        NetworkMode: management.name,
        Binds: ["/sys/fs/cgroup:/sys/fs/cgroup:rw", `${storeVolume}:${storeMount}`],
        Tmpfs: { "/run": "", "/tmp": "" },
        PortBindings: Object.fromEntries(ports.map((port) => [`${port}/tcp`, [{ HostIp: "127.0.0.1", HostPort: "" }]])),
        LogConfig: { Type: "json-file", Config: { "max-size": "10m" } },
        Init: false,
        // Docker's own resolver would ask the user's.
        ...(options.dns ? { Dns: [options.dns] } : {}),
      } as Dockerode.HostConfig,
      NetworkingConfig: { EndpointsConfig: { [management.name]: { IPAMConfig: { IPv4Address: apiAddress } } } },
    });
    try {
      await putFiles(container, [
        { path: "/etc/sprocket/entry.sh", content: readFileSync(`${fixturesFolder}config/node/entry.sh`, "utf8"), mode: 0o755 },
        { path: "/etc/sprocket/watch.sh", content: watchScript() },
        networkFaults(),
        { path: "/etc/sprocket/authority.pem", content: options.authority.certificate },
        { path: "/etc/sprocket/api.pem", content: server.certificate },
        { path: "/etc/sprocket/api.key", content: server.key, mode: 0o600 },
      ]);
      for (const network of others) {
        await options.docker
          .getNetwork(network.id)
          .connect({ Container: container.id, EndpointConfig: { IPAMConfig: { IPv4Address: `${network.prefix}.${nodeHost}` } } });
      }
      await startWithFreePorts(container);
      return { container, flags: flags.name };
    } catch (error) {
      refused = error;
      await container.remove({ force: true, v: true });
    }
  }
  throw new ResilienceError(
    "E_NODE_FLAGS",
    `Docker started the node neither privileged nor with named capabilities: ${String(refused)}`,
    {
      cure: "Use a Docker that lets containers hold SYS_ADMIN and NET_ADMIN (not rootless without delegation); docs/hosts.md lists hosts that were tried.",
      cause: refused,
    },
  );
}

/**
 * Starts a container whose loopback ports Docker chooses. Docker takes the next number of its range without asking the system, so another program may hold it; it then takes
 * the next at the next try. Any other refusal is thrown at once.
 */
async function startWithFreePorts(container: Dockerode.Container): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await container.start();
    } catch (error) {
      if (attempt >= 10 || !/address already in use|port is already allocated/.test(String(error))) throw error;
    }
  }
}
