import type Dockerode from "dockerode";
import { demux } from "./logs.ts";

/** One task of a service as Swarm's manager tells it. */
export interface TaskView {
  id: string;
  service: string;
  state: string;
  desired: string;
  message: string;
  error?: string;
  exitCode?: number;
  containerId?: string;
  pid?: number;
  /** Wall time of the last change of state, as the manager wrote it. */
  at: string;
  created: string;
}

/** A real Swarm with one node, spoken to through its node's API only. */
export class Swarm {
  readonly daemon: Dockerode;
  readonly #services = new Map<string, string>();

  private constructor(daemon: Dockerode) {
    this.daemon = daemon;
  }

  static async init(daemon: Dockerode): Promise<Swarm> {
    await daemon.swarmInit({ ListenAddr: "127.0.0.1:2377", AdvertiseAddr: "127.0.0.1", ForceNewCluster: false });
    return new Swarm(daemon);
  }

  /** A Swarm that another process began. */
  static async attach(daemon: Dockerode): Promise<Swarm> {
    const swarm = new Swarm(daemon);
    for (const service of (await daemon.listServices()) as { ID: string; Spec?: { Name?: string } }[]) {
      if (service.Spec?.Name) swarm.#services.set(service.Spec.Name, service.ID);
    }
    return swarm;
  }

  /** Labels the node itself, as its operator does before the first deployment. */
  async labelNode(labels: Record<string, string>): Promise<void> {
    const [node] = (await this.daemon.listNodes()) as { ID: string; Version: { Index: number }; Spec: Record<string, unknown> }[];
    if (!node) throw new Error("the Swarm has no node to label");
    await this.daemon.getNode(node.ID).update({ ...node.Spec, Labels: labels, version: node.Version.Index });
  }

  async createNetwork(spec: Record<string, unknown>): Promise<string> {
    const network = await this.daemon.createNetwork(spec as never);
    return network.id;
  }

  async createVolume(name: string, driver: string, options: Record<string, string>): Promise<void> {
    await this.daemon.createVolume({ Name: name, Driver: driver, DriverOpts: options });
  }

  async createConfig(name: string, content: string): Promise<string> {
    const config = (await this.daemon.createConfig({
      Name: name,
      Data: Buffer.from(content).toString("base64"),
    } as never)) as unknown as { id: string };
    return config.id;
  }

  async createSecret(name: string, value: string): Promise<string> {
    const secret = (await this.daemon.createSecret({
      Name: name,
      Data: Buffer.from(value).toString("base64"),
    } as never)) as unknown as { id: string };
    return secret.id;
  }

  async createService(name: string, spec: Record<string, unknown>): Promise<void> {
    const service = (await this.daemon.createService(spec as never)) as unknown as { id: string };
    this.#services.set(name, service.id);
  }

  /** Changes a service's spec, as an operator's update does it; Swarm refuses when somebody else changed it meanwhile. */
  async updateService(name: string, change: (spec: ServiceSpec) => ServiceSpec): Promise<void> {
    const service = this.daemon.getService(name);
    const { Version, Spec } = (await service.inspect()) as { Version: { Index: number }; Spec: ServiceSpec };
    await service.update({ ...change(Spec), version: Version.Index });
  }

  /** Every service's `Spec` as Swarm's API has it, and names of networks by their ids. Changes nothing. */
  async specs(): Promise<{ specs: unknown[]; networks: Map<string, string> }> {
    const [services, networks] = await Promise.all([this.daemon.listServices(), this.daemon.listNetworks()]);
    return {
      specs: (services as { Spec?: unknown }[]).map((service) => service.Spec),
      networks: new Map(networks.map((network) => [network.Id, network.Name])),
    };
  }

  /** Tasks of all services, newest first within each. */
  async tasks(service?: string): Promise<TaskView[]> {
    const names = new Map([...this.#services].map(([name, id]) => [id, name]));
    const filter = service ? { filters: JSON.stringify({ service: [service] }) } : {};
    const tasks = (await this.daemon.listTasks(filter)) as SwarmTask[];
    return tasks
      .map((task) => ({
        id: task.ID,
        service: names.get(task.ServiceID) ?? task.ServiceID,
        state: task.Status.State,
        desired: task.DesiredState,
        message: task.Status.Message ?? "",
        ...(task.Status.Err ? { error: task.Status.Err } : {}),
        ...(task.Status.ContainerStatus?.ExitCode === undefined ? {} : { exitCode: task.Status.ContainerStatus.ExitCode }),
        ...(task.Status.ContainerStatus?.ContainerID ? { containerId: task.Status.ContainerStatus.ContainerID } : {}),
        ...(task.Status.ContainerStatus?.PID ? { pid: task.Status.ContainerStatus.PID } : {}),
        at: task.Status.Timestamp,
        created: task.CreatedAt,
      }))
      .sort((a, b) => (a.created < b.created ? 1 : -1));
  }

  /** The task of a service that runs now, with its process and its addresses by network; undefined while there is none. */
  async running(service: string): Promise<RunningTask | undefined> {
    return this.runningOf(await this.tasks(service));
  }

  /** The same, of tasks of one service that were just asked for. */
  async runningOf(tasks: readonly TaskView[]): Promise<RunningTask | undefined> {
    const task = tasks.find((one) => one.state === "running" && one.desired === "running" && one.containerId);
    if (!task?.containerId) return undefined;
    const container = await this.daemon
      .getContainer(task.containerId)
      .inspect()
      .catch(() => undefined);
    if (!container?.State.Running || container.State.Pid === 0) return undefined;
    const addresses = new Map<string, string>();
    for (const [network, endpoint] of Object.entries(container.NetworkSettings.Networks))
      addresses.set(network, endpoint.IPAddress);
    return { task, containerId: task.containerId, pid: container.State.Pid, addresses, startedAt: container.State.StartedAt };
  }

  /** What the engine knows of the health check of a service's running task; undefined while it has none. */
  async health(service: string): Promise<HealthView | undefined> {
    const task = await this.running(service);
    if (!task) return undefined;
    const { Config, State } = await this.daemon.getContainer(task.containerId).inspect();
    return {
      test: Config.Healthcheck?.Test ?? [],
      status: State.Health?.Status ?? "none",
      runs: (State.Health?.Log ?? []).map(({ ExitCode, Output }) => ({ exitCode: ExitCode, output: Output.trim().slice(-500) })),
    };
  }

  /** Every address that the engine gave to a task, that in the node's gateway bridge included. */
  async addresses(task: RunningTask): Promise<string[]> {
    const bridge = (await this.daemon
      .getNetwork("docker_gwbridge")
      .inspect()
      .catch(() => undefined)) as { Containers?: Record<string, { IPv4Address?: string }> } | undefined;
    const outward = bridge?.Containers?.[task.containerId]?.IPv4Address?.split("/")[0];
    return [...task.addresses.values(), outward].filter((address) => address !== undefined && address !== "") as string[];
  }

  /** What each task of a service that the engine still knows has printed, stdout and stderr, newest task first. */
  async taskLogs(service: string): Promise<{ task: string; lines: string[] }[]> {
    const tasks = (await this.tasks(service)).filter((task) => task.containerId);
    return await Promise.all(
      tasks.map(async (task) => {
        const output = await this.daemon
          .getContainer(task.containerId as string)
          .logs({ stdout: true, stderr: true, follow: false })
          .catch(() => undefined);
        return { task: task.id, lines: output ? demux(output as unknown as Buffer) : [] };
      }),
    );
  }

  /** Processes of a task as the node numbers them, with their command lines. */
  async processes(task: RunningTask): Promise<{ pid: number; command: string }[]> {
    const { Titles, Processes } = (await this.daemon.getContainer(task.containerId).top({ ps_args: "-eo pid,args" })) as {
      Titles: string[];
      Processes: string[][];
    };
    const pid = Titles.indexOf("PID");
    return Processes.map((fields) => ({ pid: Number(fields[pid]), command: fields.at(-1) ?? "" }));
  }

  /** How often Swarm made a new task for a service beyond the first. */
  async restarts(service: string): Promise<number> {
    return Math.max(0, (await this.tasks(service)).length - 1);
  }

  /** Last lines that a service's newest task printed, stdout and stderr; those of the one before it where it has printed nothing yet. */
  async lastLog(service: string, lines: number): Promise<string[]> {
    const started = (await this.tasks(service)).filter((task) => task.containerId);
    for (const { containerId } of started.slice(0, 3)) {
      const output = await this.daemon
        .getContainer(containerId as string)
        .logs({ stdout: true, stderr: true, tail: lines, follow: false })
        .catch(() => undefined);
      const printed = output ? demux(output as unknown as Buffer) : [];
      if (printed.length > 0) return printed;
    }
    return [];
  }
}

/** What is changed of a service's spec; the rest is carried along as it is. */
interface ServiceSpec {
  TaskTemplate: { ForceUpdate?: number; [rest: string]: unknown };
  [rest: string]: unknown;
}

export interface RunningTask {
  task: TaskView;
  containerId: string;
  /** Process id of the task's first process, as the node sees it. */
  pid: number;
  /** Network → address. */
  addresses: ReadonlyMap<string, string>;
  startedAt: string;
}

/** A container's health check as it is configured, and its newest runs. `status` is "none" when there is no check. */
export interface HealthView {
  test: string[];
  status: string;
  runs: { exitCode: number; output: string }[];
}

interface SwarmTask {
  ID: string;
  ServiceID: string;
  CreatedAt: string;
  DesiredState: string;
  Status: {
    State: string;
    Message?: string;
    Err?: string;
    Timestamp: string;
    ContainerStatus?: { ContainerID?: string; PID?: number; ExitCode?: number };
  };
}
