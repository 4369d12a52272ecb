import type { OrchestratorEvent } from "../../history/experiment.ts";
import type { Replica } from "../../replica/up.ts";

/** How often the manager's own list of tasks is looked at. */
const everyMs = 500;

/** Actions of a container that say something of a service. */
const telling = /^(start|die|oom|kill|pause|unpause|health_status: \w+)$/;

/** Beside the clients' view the orchestrator's own: what the node's daemon says of containers, and when Swarm's manager calls a task running. */
export class OrchestratorWatch {
  readonly #replica: Replica;
  readonly #record: (event: OrchestratorEvent) => void;
  readonly #ended = new Set<string>();
  readonly #running = new Set<string>();
  #stream: { destroy(): void } | undefined;
  #over = false;
  #listing: Promise<void> = Promise.resolve();

  private constructor(replica: Replica, record: (event: OrchestratorEvent) => void) {
    this.#replica = replica;
    this.#record = record;
  }

  static async start(replica: Replica, record: (event: OrchestratorEvent) => void): Promise<OrchestratorWatch> {
    const watch = new OrchestratorWatch(replica, record);
    for (const task of await replica.swarm.tasks()) if (task.state === "running") watch.#running.add(task.id);
    const stream = await replica.node.daemon.getEvents({ filters: JSON.stringify({ type: ["container"] }) });
    let rest = "";
    stream.on("data", (chunk: Buffer) => {
      const lines = (rest + chunk.toString("utf8")).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.trim() !== "") watch.#said(JSON.parse(line) as DaemonEvent);
    });
    stream.on("error", () => {});
    watch.#stream = stream as unknown as { destroy(): void };
    watch.#listing = watch.#list();
    return watch;
  }

  /** Roles whose task ended since the last call of `forget`, in no order; the name of a service without a role. */
  ended(): string[] {
    return [...this.#ended];
  }

  /** What ended until now is no doing of what comes. */
  forget(): void {
    this.#ended.clear();
  }

  async stop(): Promise<void> {
    this.#over = true;
    this.#stream?.destroy();
    await this.#listing;
  }

  #said({ Action, Actor, timeNano }: DaemonEvent): void {
    const attributes = Actor?.Attributes ?? {};
    const service = attributes["com.docker.swarm.service.name"];
    if (!service || !Action || !telling.test(Action)) return;
    if (Action === "die") this.#ended.add(this.#replica.serviceByName(service)?.candidate.role ?? service);
    this.#record({
      service,
      task: attributes["com.docker.swarm.task.id"] ?? "",
      action: Action,
      ...(attributes.exitCode === undefined ? {} : { exitCode: Number(attributes.exitCode) }),
      saidAt: new Date(Math.round((timeNano ?? 0) / 1e6)).toISOString(),
    });
  }

  /** The manager has no stream of tasks. */
  async #list(): Promise<void> {
    while (!this.#over) {
      const tasks = await this.#replica.swarm.tasks().catch(() => []);
      for (const { id, service, state, at } of tasks) {
        if (state !== "running" || this.#running.has(id)) continue;
        this.#running.add(id);
        this.#record({ service, task: id, action: "running", saidAt: at });
      }
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
}

interface DaemonEvent {
  Action?: string;
  Actor?: { Attributes?: Record<string, string> };
  timeNano?: number;
}
