import { objectives } from "../candidate/objectives.ts";
import type { Role } from "../candidate/types.ts";
import type { UndoJournal } from "../engine/undo/journal.ts";
import { whileAcmeFails } from "../fault/acme-fault.ts";
import { killProcess } from "../fault/kill-process.ts";
import { killTask } from "../fault/kill-task.ts";
import { holdTailnet, newcomers } from "../fault/tailnet.ts";
import type { ExperimentDefinition } from "../history/experiment.ts";
import type { K6Order } from "../history/k6.ts";
import { msIn } from "../history/objective-time.ts";
import type { HistoryWriter } from "../history/writer.ts";
import { contextFor } from "../probe/collector.ts";
import type { DisruptContext } from "../probe/context.ts";
import type { ExperimentTables } from "../probe/experiment.ts";
import { isServiceNeed, type ObservationDefinition } from "../probe/observation.ts";
import type { Replica } from "../replica/up.ts";
import { runExperiment } from "./chaos/run-experiment.ts";
import { k6OnReplica } from "./k6-on-replica.ts";
import { proveSteady } from "./steady.ts";

/** What the runner of experiments is given: the journal of what to undo, the file that stops it, and images beside those of the replica. */
export interface ExperimentMeans {
  journal: UndoJournal;
  stopFile: string;
  /** Has an image of the catalogue, whatever that takes, and gives its tag; of each name once. */
  image(name: string): Promise<string>;
  /** A line for who watches. */
  tell(line: string): void;
}

/** Runs observations on a replica by their effects: those that only look side by side, those that write on their own data, those that hurt alone. */
export class Observer {
  readonly #replica: Replica;
  readonly #history: HistoryWriter;
  readonly #signal: AbortSignal;
  readonly #hide: (name: string, value: string) => void;
  /** Why nothing more may run, once a disruption left the replica unsteady. */
  #unsteady: string | undefined;

  /** What experiments need; without it there are none. */
  readonly #experiments: ExperimentMeans | undefined;

  constructor(
    replica: Replica,
    history: HistoryWriter,
    signal: AbortSignal,
    hide: (name: string, value: string) => void,
    experiments?: ExperimentMeans,
  ) {
    this.#replica = replica;
    this.#experiments = experiments;
    this.#hide = hide;
    this.#history = history;
    this.#signal = signal;
  }

  async together(observations: ObservationDefinition[]): Promise<void> {
    await Promise.all(observations.map((one) => this.#run(one)));
  }

  async oneByOne(observations: ObservationDefinition[]): Promise<void> {
    for (const one of observations) {
      await this.#run(one);
      if (one.effect !== "disrupt" || this.#signal.aborted) continue;
      const trouble = await proveSteady(this.#replica, this.#history, this.#signal);
      if (trouble) this.#unsteady = `after ${one.id} the replica was not steady again: ${trouble}`;
    }
  }

  async #experiment(
    observation: string,
    definition: ExperimentDefinition,
    tables: ExperimentTables,
    context: () => DisruptContext,
  ): Promise<void> {
    const means = this.#experiments;
    if (!means) throw new Error("experiments are run by `chaos`");
    const objective = objectives.find(({ id }) => id === definition.objective);
    if (!objective) throw new Error(`no objective is called ${definition.objective}`);
    await runExperiment(definition, tables, {
      replica: this.#replica,
      history: this.#history,
      observation,
      context: context(),
      ...means,
      recoverWithinMs: objective.limit * msIn(objective),
    });
  }

  async #k6(observation: string, label: string, order: K6Order, signal: AbortSignal): Promise<void> {
    const means = this.#experiments;
    if (!means) throw new Error("k6 is run by `chaos`");
    const image = await means.image("k6");
    const stair = order.script === "ramp" ? " a stair, then twice as many" : "";
    means.tell(
      `k6 ${order.script}: ${Math.round(order.ratePerSecond * 60)} iterations a minute, ${order.durationSeconds} s${stair}`,
    );
    const run = await k6OnReplica(this.#replica, { image, signal }, order);
    this.#history.append({ type: "fact", observation, name: label, data: run });
  }

  async #run(one: ObservationDefinition): Promise<void> {
    if (this.#signal.aborted) return;
    const down = one.needs
      .filter(isServiceNeed)
      .map((role) => this.#replica.service(role as Role).candidate.name)
      .filter((name) => !this.#replica.ready.has(name));
    if (down.length > 0) {
      this.#history.append({
        type: "observation",
        observation: one.id,
        state: "skipped",
        needsDown: down,
        why: `${down.join(", ")} did not come up`,
      });
      return;
    }
    if (this.#unsteady && !one.last) {
      this.#history.append({ type: "observation", observation: one.id, state: "skipped", why: this.#unsteady });
      return;
    }
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(one.withinMs)]);
    this.#history.append({ type: "observation", observation: one.id, state: "started" });
    const context: DisruptContext = contextFor(
      this.#replica,
      this.#history,
      one.id,
      signal,
      {
        killTask: (role, deadly) => killTask(this.#replica, this.#history, one.id, role, deadly),
        killProcess: (role, program, deadly) => killProcess(this.#replica, this.#history, one.id, role, program, deadly),
        failing: (faults, work) => whileAcmeFails(this.#replica, this.#history, one.id, faults, work),
        newcomers: (label) => newcomers(this.#replica, this.#history, one.id, label),
        holdTailnet: (fault, look) => holdTailnet(this.#replica, this.#history, one.id, fault, look),
        experiment: (definition, tables) => this.#experiment(one.id, definition, tables, () => context),
        k6: (label, order) => this.#k6(one.id, label, order, signal),
      },
      this.#hide,
    );
    try {
      await one.run(context);
      this.#history.append({ type: "observation", observation: one.id, state: "ended" });
    } catch (error) {
      const late = signal.aborted && !this.#signal.aborted;
      const text = late ? `it took longer than ${one.withinMs / 1000} s` : error instanceof Error ? error.message : String(error);
      this.#history.append({ type: "observation", observation: one.id, state: "ended", error: text });
    }
  }
}
