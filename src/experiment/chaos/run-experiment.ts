import type { Role } from "../../candidate/types.ts";
import { notRestarted } from "../../check/comes-back.ts";
import type { TaskView } from "../../engine/swarm/swarm.ts";
import type { UndoJournal } from "../../engine/undo/journal.ts";
import { until } from "../../engine/until.ts";
import { FaultSession } from "../../fault/session.ts";
import {
  type Abort,
  type ClientUse,
  clientLabel,
  type ExperimentDefinition,
  type ExperimentPhase,
  experimentFacts,
  type GaugesRead,
  heldMs,
} from "../../history/experiment.ts";
import type { HistoryWriter } from "../../history/writer.ts";
import type { DisruptContext } from "../../probe/context.ts";
import type { ExperimentTables } from "../../probe/experiment.ts";
import type { RecordingPlace } from "../../probe/places.ts";
import type { Replica } from "../../replica/up.ts";
import { crossed, type Guarded } from "./guardrails.ts";
import { OrchestratorWatch } from "./orchestrator.ts";
import { sideEffects } from "./side-effects.ts";
import { TrackedClient } from "./tracked-client.ts";

/** Steady state is proved for as long as the faults will be held, at least and at most this long. */
const control = { leastMs: 5_000, mostMs: 60_000 };
/** How much longer than that it may take until everybody is served well. */
const controlPatienceMs = 45_000;
const lookEveryMs = 250;
const victimEveryMs = 10;
const bystanderEveryMs = 1000;

/** What the runner of an experiment works with. */
export interface ExperimentTools {
  replica: Replica;
  history: HistoryWriter;
  observation: string;
  context: DisruptContext;
  journal: UndoJournal;
  /** Made by `chaos --stop`. */
  stopFile: string;
  /** Longest time to wait for a recovery, milliseconds. */
  recoverWithinMs: number;
}

/** Ends an experiment early; everything is undone all the same. */
class Aborted extends Error {
  readonly abort: Abort;

  constructor(abort: Abort) {
    super(`${abort.guard}: ${abort.why}`);
    this.abort = abort;
  }
}

/**
 * One experiment from its preconditions to the proof that it is over: clients look on schedule all the while, steady state is proved before, the faults are
 * held and removed, and every victim is waited for. It only records; what it means is for the judges.
 */
export async function runExperiment(
  definition: ExperimentDefinition,
  tables: ExperimentTables,
  tools: ExperimentTools,
): Promise<void> {
  const run = new Running(definition, tables, tools);
  try {
    await run.whole();
  } catch (error) {
    if (!(error instanceof Aborted)) throw error;
    tools.history.append({
      type: "fact",
      observation: tools.observation,
      name: experimentFacts.aborted,
      data: error.abort,
    });
  } finally {
    await run.end();
  }
}

class Running {
  readonly #definition: ExperimentDefinition;
  readonly #tables: ExperimentTables;
  readonly #tools: ExperimentTools;
  readonly #over = new AbortController();
  readonly #signal: AbortSignal;
  readonly #session: FaultSession;
  readonly #clients: TrackedClient[] = [];
  /** Ends what looks or writes on a schedule. */
  readonly #running: (() => Promise<void>)[] = [];
  #orchestrator: OrchestratorWatch | undefined;
  #guarding: Promise<void> = Promise.resolve();
  #hurting = false;

  constructor(definition: ExperimentDefinition, tables: ExperimentTables, tools: ExperimentTools) {
    this.#definition = definition;
    this.#tables = tables;
    this.#tools = tools;
    this.#signal = AbortSignal.any([tools.context.signal, this.#over.signal]);
    const { replica, history, observation, journal } = tools;
    this.#session = new FaultSession({ replica, history, observation, journal, signal: this.#signal });
  }

  async whole(): Promise<void> {
    const { context, replica, journal } = this.#tools;
    this.#fact(experimentFacts.definition, this.#definition);
    this.#phase("precondition");
    const left = journal.left();
    if (left.length > 0)
      throw new Aborted({
        guard: "fault-left",
        why: `not undone since an earlier run: ${left.map(({ fault }) => fault).join(", ")}`,
      });
    this.#fact(experimentFacts.sideEffects, await sideEffects(replica, "before"));
    this.#orchestrator = await OrchestratorWatch.start(replica, (event) => this.#fact(experimentFacts.orchestrator, event));
    for (const use of this.#definition.victims) await this.#look(use, victimEveryMs);
    for (const use of this.#definition.bystanders) await this.#look(use, bystanderEveryMs);
    await this.#readGauges();
    this.#guarding = this.#guard();

    this.#phase("control");
    const controlMs = Math.min(control.mostMs, Math.max(control.leastMs, heldMs(this.#definition)));
    await this.#proveSteady(controlMs);
    const ledger = await this.#startLedger();
    this.#orchestrator.forget();
    this.#hurting = true;
    this.#phase("fault");
    await this.#hurt();
    this.#phase("recovery");
    await this.#awaitRecovery();
    this.#hurting = false;
    this.#phase("after");
    await this.#wait(Math.min(controlMs, 10_000));
    await ledger?.settle();
    await this.#stopRunning();
    this.#fact(experimentFacts.sideEffects, await sideEffects(replica, "after"));
    context.signal.throwIfAborted();
  }

  /** Undoes what is left and ends everything that was begun; after `whole`, however that ended. */
  async end(): Promise<void> {
    this.#over.abort(new Error("the experiment is over"));
    await this.#session.undoAll();
    await this.#stopRunning();
    await this.#guarding.catch(() => {});
    await this.#orchestrator?.stop();
    this.#phase("ended");
  }

  async #stopRunning(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((stop) => stop()));
  }

  #fact(name: string, data: unknown): void {
    this.#tools.history.append({ type: "fact", observation: this.#tools.observation, name, data });
  }

  #phase(phase: ExperimentPhase): void {
    this.#fact(experimentFacts.phase, { phase });
  }

  async #place(use: Pick<ClientUse, "from">): Promise<RecordingPlace> {
    const { from } = this.#tools.context;
    const [kind, role] = use.from.split(":");
    const place = kind === "inside" ? await from.inside(role as Role) : from.mode(kind as "public");
    if (!place) throw new Error(`this target has no place ${use.from}`);
    return place as unknown as RecordingPlace;
  }

  async #look(use: ClientUse, everyMs: number): Promise<void> {
    const client = this.#tables.clients[use.client];
    if (!client) throw new Error(`no client is called ${use.client}`);
    const tracked = new TrackedClient(use, clientLabel(use), client.good);
    const place = await this.#place(use);
    const series = place.startSeries(
      tracked.label,
      client.request(this.#tools.context.target),
      {
        ratePerSecond: 1000 / (use.everyMs ?? everyMs),
        withinMs: this.#definition.withinMs,
        ...(use.pooled ? { pooled: true } : {}),
      },
      (samples) => tracked.add(samples),
    );
    this.#clients.push(tracked);
    this.#start(series);
  }

  /** Each from the first place whose task is not to be ended; a store that the candidate has not, or that nobody can ask, is not counted. */
  async #readGauges(): Promise<void> {
    const { mayEnd, withinMs } = this.#definition;
    const read: GaugesRead = {};
    for (const [name, gauge] of Object.entries(this.#tables.gauges)) {
      const from = gauge.from.find((one) => !mayEnd.some((role) => one === `inside:${role}`));
      if (!from) continue;
      const asked = await this.#place({ from })
        .then((place) => ({ place, request: gauge.request(this.#tools.context.target) }))
        .catch(() => undefined);
      if (!asked) continue;
      const label = `gauge/${name}`;
      this.#start(asked.place.startSeries(label, asked.request, { ratePerSecond: 1, withinMs }, () => {}));
      read[name] = { from, label };
    }
    this.#fact(experimentFacts.gauges, read);
  }

  #start(series: ReturnType<RecordingPlace["startSeries"]>): void {
    this.#running.push(async () => {
      await series.stop();
      await series.ended;
    });
  }

  async #wait(ms: number): Promise<void> {
    const end = performance.now() + ms;
    await until(
      "the time to pass",
      { withinMs: ms + 1000, everyMs: Math.min(lookEveryMs, ms), signal: this.#signal },
      async () => performance.now() >= end,
    ).catch((error: unknown) => this.#throw(error));
  }

  /** An abort of our own is thrown as what it is. */
  #throw(error: unknown): never {
    throw this.#over.signal.aborted ? this.#over.signal.reason : error;
  }

  async #proveSteady(controlMs: number): Promise<void> {
    const end = performance.now() + controlMs + controlPatienceMs;
    const unsteady = () =>
      this.#clients.filter((client) => !client.isGoodFor({ run: 3, lastingMs: controlMs * 0.9 })).map(({ label }) => label);
    while (unsteady().length > 0) {
      if (performance.now() > end)
        throw new Aborted({
          guard: "not-steady",
          why: `no ${controlMs / 1000} s of good answers before the fault for ${unsteady().join(", ")}`,
        });
      await this.#wait(lookEveryMs);
    }
  }

  async #guard(): Promise<void> {
    const guarded: Guarded = {
      definition: this.#definition,
      bystanders: this.#clients.filter(({ use }) => this.#definition.bystanders.includes(use)),
      ended: () => (this.#hurting ? (this.#orchestrator?.ended() ?? []) : []),
      stopFile: this.#tools.stopFile,
      folder: this.#tools.history.folder,
    };
    while (!this.#signal.aborted) {
      const abort = await crossed(guarded);
      if (abort) this.#over.abort(new Aborted(abort));
      else await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  }

  /** Steps that overlap are held together; each begins at its own time after the first one's effect was seen. */
  async #hurt(): Promise<void> {
    let seen: () => void = () => {};
    const firstSeen = new Promise<void>((resolve) => {
      seen = resolve;
    });
    const steps = this.#definition.faults.map(async ({ fault, afterMs = 0, holdMs }, at) => {
      if (at > 0) {
        await Promise.race([firstSeen, aborted(this.#signal)]);
        await this.#wait(afterMs);
      }
      const held = await this.#session.apply(fault).catch((error: unknown) => this.#throw(error));
      if (at === 0) {
        for (const client of this.#clients) client.mark();
        seen();
      }
      const end = performance.now() + (holdMs ?? 0);
      while (performance.now() < end) {
        await this.#wait(Math.min(lookEveryMs, Math.max(1, end - performance.now())));
        await held.follow();
      }
      await held.remove();
    });
    const settled = await Promise.allSettled(
      steps.map((step) =>
        step.catch((error) => {
          // The others must not go on hurting.
          this.#over.abort(error);
          throw error;
        }),
      ),
    );
    const failed = settled.find((one) => one.status === "rejected");
    if (failed) throw failed.reason;
  }

  async #awaitRecovery(): Promise<void> {
    const end = performance.now() + this.#tools.recoverWithinMs;
    const victims = this.#clients.filter(({ use }) => this.#definition.victims.includes(use));
    while (!victims.every((victim) => victim.isServedAgain())) {
      if (performance.now() > end || notRestarted((await this.#tasks()) ?? []) !== undefined) break;
      await this.#wait(lookEveryMs * 2);
    }
    const tasks = await this.#tasks();
    if (tasks) this.#fact(experimentFacts.tasks, tasks);
  }

  /** Of the service that it is about; undefined of a party. */
  async #tasks(): Promise<TaskView[] | undefined> {
    const { replica } = this.#tools;
    const service = replica.plan.services.find(({ candidate }) => candidate.role === this.#definition.service);
    return service && (await replica.swarm.tasks(service.candidate.name));
  }

  async #startLedger(): Promise<{ settle: () => Promise<void> } | undefined> {
    const use = this.#definition.ledger;
    if (!use) return undefined;
    const ledger = this.#tables.ledgers[use.store];
    if (!ledger) throw new Error(`no store is called ${use.store}`);
    const { target } = this.#tools.context;
    const place = await this.#place(ledger);
    await ledger.prepare?.(place, target);
    const store = ledger.store(target);
    const writing = place.startLedger("ledger", store, {
      ratePerSecond: 1000 / use.everyMs,
      withinMs: this.#definition.withinMs,
    });
    // Something must be acknowledged before the fault, or its loss could not be seen.
    await until(
      "the first acknowledged writes",
      { withinMs: 20_000, everyMs: 50, signal: this.#signal },
      async () => writing.acknowledged() >= 20,
    );
    this.#running.push(writing.stop);
    return {
      settle: async () => {
        await writing.stop();
        await place.ledgerRead("ledger", store);
        await ledger.remove?.(place, target);
      },
    };
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}
