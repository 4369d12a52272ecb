import { allSettled } from "../engine/all-settled.ts";
import type { RunningTask, TaskView } from "../engine/swarm/swarm.ts";
import type { EventBody, ServiceTrouble } from "../history/events.ts";
import type { Sample } from "../history/sample.ts";
import type { ReplicaService } from "../substitute/plan.ts";
import { readinessOf } from "./readiness.ts";
import { statusOf } from "./readiness-kind.ts";
import type { Replica } from "./up.ts";

/** What a service without a known role must do: have a running task. */
const runs = "a running task";

interface Watched {
  service: ReplicaService;
  ready: boolean;
  running: boolean;
  met: string;
}

/**
 * Waits until every service of a tier answers by its own protocol, within the bound; says of each that did not what was awaited, what was met, its state,
 * exit code, restarts and last lines. Returns whether all came up.
 */
export async function awaitReady(
  replica: Replica,
  services: ReplicaService[],
  options: { append: (event: EventBody) => void; signal: AbortSignal; withinMs: number },
): Promise<boolean> {
  const end = performance.now() + options.withinMs;
  const listing = new Listing(replica);
  await allSettled(
    services.map(async (service) => {
      const watched: Watched = { service, ready: false, running: false, met: "no task yet" };
      const { name, tier } = service.candidate;
      watched.ready = wantsNoTask(service);
      while (!watched.ready && performance.now() < end && !options.signal.aborted) {
        const tasks = (await listing.next()).filter((task) => task.service === name);
        const task = await listing.runningOf(tasks);
        if (task && !watched.running) {
          watched.running = true;
          options.append({ type: "service", service: name, tier, state: "running" });
        }
        if (task) await look(replica, watched, task);
        else watched.met = `no running task (${tasks[0]?.state ?? "none"})`;
      }
      // A run that is ended says nothing of what was still on its way up.
      if (!watched.ready) options.signal.throwIfAborted();
      if (watched.ready) {
        replica.ready.add(name);
        options.append({ type: "service", service: name, tier, state: "ready" });
      } else {
        options.append({ type: "service", service: name, tier, state: "not-ready", trouble: await troubleOf(replica, watched) });
      }
    }),
  );
  return services.every((service) => replica.ready.has(service.candidate.name));
}

/** How long after a look at the tasks the next one is made. */
const lookEveryMs = 300;

/** Looks at the tasks of all services for everybody who waits for one of theirs: the manager is asked three times a second, however many they are. */
class Listing {
  readonly #replica: Replica;
  readonly #running = new Map<string, RunningTask>();
  #next: Promise<TaskView[]> | undefined;

  constructor(replica: Replica) {
    this.#replica = replica;
  }

  /** All tasks as they are at the next look. */
  next(): Promise<TaskView[]> {
    this.#next ??= new Promise((resolve) => setTimeout(resolve, lookEveryMs)).then(() => {
      this.#next = undefined;
      return this.#replica.swarm.tasks();
    });
    return this.#next;
  }

  /** The running one of a service's tasks. Process and addresses stay what they are as long as its container lives, so they are asked for once. */
  async runningOf(tasks: readonly TaskView[]): Promise<RunningTask | undefined> {
    const running = tasks.find((task) => task.state === "running" && task.desired === "running" && task.containerId);
    const known = running && this.#running.get(running.containerId as string);
    if (known) return known;
    const found = await this.#replica.swarm.runningOf(tasks);
    if (found && [...found.addresses.values()].some(Boolean)) this.#running.set(found.containerId, found);
    return found;
  }
}

async function look(replica: Replica, watched: Watched, task: RunningTask): Promise<void> {
  const { networks } = watched.service.candidate;
  const wanted = readinessOf(replica, watched.service.candidate);
  if (!wanted) {
    watched.ready = true;
    watched.met = runs;
    return;
  }
  // A task in the node's own namespace, or in none of the candidate's networks, has no address but its own loopback.
  const alone = networks.every((network) => network === "host");
  const address = alone ? "127.0.0.1" : networks.map((network) => task.addresses.get(network)).find(Boolean);
  if (!address) {
    watched.met = "a running task without an address";
    return;
  }
  const sample = await replica.nodeAgent.probe({ netnsPid: task.pid }, wanted.probe(replica, address));
  watched.met = describe(sample);
  watched.ready = wanted.holds(sample);
}

/** A service that its definition scales to nothing is up when it is created. */
function wantsNoTask({ candidate }: ReplicaService): boolean {
  return !candidate.global && candidate.replicas === 0;
}

/** One look at a service that came up before: undefined when it answers, else what was met instead. `tasks`: of all services, if they were just asked for. */
export async function isReady(replica: Replica, name: string, tasks?: readonly TaskView[]): Promise<string | undefined> {
  const service = replica.serviceByName(name);
  if (!service) return "not in the plan";
  if (wantsNoTask(service)) return undefined;
  const task = await replica.swarm.runningOf((tasks ?? (await replica.swarm.tasks(name))).filter((one) => one.service === name));
  if (!task) return "no running task";
  const watched: Watched = { service, ready: false, running: true, met: "" };
  await look(replica, watched, task);
  return watched.ready ? undefined : watched.met;
}

/** One look at a service that another process brought up: undefined when it answers, else why not. */
export async function lookOnce(replica: Replica, name: string): Promise<ServiceTrouble | undefined> {
  const service = replica.serviceByName(name);
  if (!service) throw new Error(`${name} is not in the plan`);
  const met = await isReady(replica, name);
  if (met !== undefined) return await troubleOf(replica, { service, ready: false, running: false, met });
  replica.ready.add(name);
  return undefined;
}

/** States in which a task stays (moby/swarmkit api/types.proto, TaskState). */
const endStates = ["complete", "failed", "rejected", "shutdown", "orphaned", "remove"];

async function troubleOf(replica: Replica, watched: Watched): Promise<ServiceTrouble> {
  const { name } = watched.service.candidate;
  const tasks = await replica.swarm.tasks(name);
  // A task that has not ended carries exit code 0 in Swarm's answer; only an ended one says how it ended.
  const failed = tasks.find((task) => endStates.includes(task.state));
  return {
    state: tasks[0]?.state ?? "no task",
    ...(failed?.exitCode === undefined ? {} : { exitCode: failed.exitCode }),
    restarts: Math.max(0, tasks.length - 1),
    condition: readinessOf(replica, watched.service.candidate)?.condition ?? runs,
    met: watched.met,
    ...((failed ?? tasks[0])?.error ? { error: (failed ?? tasks[0])?.error as string } : {}),
    log: await replica.swarm.lastLog(name, 15),
  };
}

/** What was met, in a few words. */
function describe(sample: Sample): string {
  if (sample.error) return `${sample.error.kind}: ${sample.error.message}`;
  const status = statusOf(sample);
  if (status !== undefined) return `status ${status}`;
  return JSON.stringify(sample.response).slice(0, 200);
}
