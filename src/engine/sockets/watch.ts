import type Dockerode from "dockerode";
import { runBeside } from "../beside.ts";
import { run } from "../exec.ts";
import { kindLabel, labelsOf, runLabel } from "../labels.ts";
import type { UndoStep } from "../undo/step.ts";
import { type Counted, counted } from "./counted.ts";
import { type RunnerSockets, RunnerWatch } from "./runner.ts";
import { watchScript } from "./script.ts";

/** A network namespace of the run, and what was addressed in it. */
export type WatchedPlace = {
  place: string;
  kind: string;
  startedAt: string;
  /** A node tells it its addresses, those of its inner networks too, and it tries them: a machine of a tailnet. */
  toldInner?: true;
} & (({ watched: true; means: string; tasks?: Record<string, string> } & Counted) | { watched: false; why: string });

/** Networks that a run may address, in CIDR form. */
export interface AllowedNetworks {
  /** The run's own on the user's Docker. */
  run: { name: string; subnet: string }[];
  /** Of the Docker inside the node: overlays and bridges. */
  inner: { name: string; subnet: string }[];
  /** What the run was told of beside them, such as a tailnet's addresses. */
  more: string[];
}

export interface SocketsSeen {
  networks: AllowedNetworks;
  places: WatchedPlace[];
  runner: RunnerSockets;
}

const means =
  "nftables counts what is sent and what passes, by destination; a last route to a bridge without ports brings what has no route before it, as a trial packet showed";

/**
 * Watches what a run addresses: every network namespace of its containers, and the runner's process. It begins with the object, which is made once the
 * images are there: providing them talks to registries, which is no load and is not watched.
 */
export class SocketWatch {
  readonly #docker: Dockerode;
  readonly #runId: string;
  readonly #runner = new RunnerWatch();
  readonly #image: string;
  readonly #labels: Record<string, string>;
  readonly #more: string[] = [];
  readonly #toldInner = new Set<string>();
  readonly #beginning: Promise<void>[] = [];
  /** Why a container is not watched. */
  readonly #failed = new Map<string, string>();

  /** @param options.image any image of ours with nft and ip */
  constructor(options: { docker: Dockerode; runId: string; runner: string; image: string }) {
    this.#docker = options.docker;
    this.#runId = options.runId;
    this.#image = options.image;
    this.#labels = labelsOf(options.runId, "helper", options.runner);
  }

  /** Networks that are the run's own though Docker does not know them, in CIDR form. */
  allow(...subnets: string[]): void {
    this.#more.push(...subnets);
  }

  /** A container that a node tells the addresses of its inner networks, as a machine of a tailnet tells the others. */
  toldInner(containerId: string): void {
    this.#toldInner.add(containerId);
  }

  /** Begins in the namespace of a container that has just started; nodes begin by themselves. That it could not is told by `read`. */
  watch(containerId: string): void {
    this.#beginning.push(
      this.#inNamespaceOf(containerId, "begin").then(
        () => undefined,
        (error) => void this.#failed.set(containerId, error instanceof Error ? error.message : String(error)),
      ),
    );
  }

  /** Begins again in a container that was started anew, and so has another namespace; as a step that may be done twice, since also the reaper does it. */
  again(containerId: string): UndoStep {
    const unlessThere = 'nft list table inet sprocket_watch >/dev/null 2>&1 || exec sh -c "$0" watch.sh begin';
    return {
      do: "beside",
      container: containerId,
      image: this.#image,
      labels: this.#labels,
      argv: ["sh", "-c", unlessThere, watchScript()],
    };
  }

  /** Resolves when the watch has begun wherever it was asked for. */
  async begun(): Promise<void> {
    await Promise.all(this.#beginning);
  }

  /** What was addressed so far, in every container that carries the run's label, whether it was asked to be watched or not. */
  async read(node: Dockerode): Promise<SocketsSeen> {
    const filters = JSON.stringify({ label: [`${runLabel}=${this.#runId}`] });
    const [containers, own, inner] = await Promise.all([
      this.#docker.listContainers({ all: true, filters }),
      this.#docker.listNetworks({ filters }),
      node.listNetworks(),
    ]);
    const tasks = await servicesByAddress(node);
    const places = await Promise.all(
      containers
        // One that shares another's namespace is counted with it.
        .filter((one) => one.Labels[kindLabel] !== "helper" && !one.HostConfig.NetworkMode.startsWith("container:"))
        .map((one) => this.#place(one.Id, one.Labels[kindLabel] ?? "", tasks)),
    );
    const engine = (this.#docker.modem as { host?: string }).host;
    return {
      networks: { run: own.flatMap(subnetsOf), inner: inner.flatMap(subnetsOf), more: this.#more },
      places: places.sort((a, b) => (a.place < b.place ? -1 : 1)),
      runner: { ...this.#runner.read(), ...(engine ? { engine } : {}) },
    };
  }

  async #place(id: string, kind: string, tasks: Record<string, string>): Promise<WatchedPlace> {
    const { Name, State } = await this.#docker.getContainer(id).inspect();
    const head = {
      place: Name.replace(`/sr-${this.#runId}-`, "").replace(/^\//, ""),
      kind,
      startedAt: State.StartedAt,
      ...(this.#toldInner.has(id) ? { toldInner: true as const } : {}),
    };
    if (!State.Running) return { ...head, watched: false, why: "it does not run, and its counts are gone with it" };
    try {
      const output = kind === "node" ? await this.#onNode(id) : await this.#inNamespaceOf(id, "read");
      return { ...head, watched: true, means, ...counted(output), ...(kind === "node" ? { tasks } : {}) };
    } catch (error) {
      return { ...head, watched: false, why: this.#failed.get(id) ?? (error instanceof Error ? error.message : String(error)) };
    }
  }

  async #onNode(id: string): Promise<string> {
    const read = await run(this.#docker, id, ["sh", "/etc/sprocket/watch.sh", "read"]);
    if (read.code === 0) return read.stdout;
    const { stdout: begun } = await run(this.#docker, id, ["cat", "/run/sprocket-watch.err"]);
    throw new Error(`${begun.trim()} ${read.stderr.trim()}`.trim());
  }

  /** Runs the script in a container's network namespace. */
  async #inNamespaceOf(id: string, verb: "begin" | "read"): Promise<string> {
    const { code, stdout, stderr } = await runBeside(this.#docker, { container: id, image: this.#image, labels: this.#labels }, [
      "sh",
      "-c",
      watchScript(),
      "watch.sh",
      verb,
    ]);
    if (code !== 0) throw new Error(stderr.trim());
    return stdout;
  }
}

function subnetsOf(network: Dockerode.NetworkInspectInfo): { name: string; subnet: string }[] {
  return (network.IPAM?.Config ?? []).flatMap(({ Subnet }) => (Subnet ? [{ name: network.Name, subnet: Subnet }] : []));
}

/** Services by the addresses that their tasks have towards the node now. */
async function servicesByAddress(node: Dockerode): Promise<Record<string, string>> {
  const [bridge, containers] = await Promise.all([
    // Swarm makes the bridge some time after it began.
    node
      .getNetwork("docker_gwbridge")
      .inspect()
      .catch(() => ({})) as Promise<{ Containers?: Record<string, { IPv4Address?: string }> }>,
    node.listContainers(),
  ]);
  const found: Record<string, string> = {};
  for (const { Id, Labels } of containers) {
    const address = bridge.Containers?.[Id]?.IPv4Address?.split("/")[0];
    const service = Labels["com.docker.swarm.service.name"];
    if (address && service) found[address] = service;
  }
  return found;
}
