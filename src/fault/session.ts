import type { UndoJournal } from "../engine/undo/journal.ts";
import { inWords, undo } from "../engine/undo/step.ts";
import { until } from "../engine/until.ts";
import type { EventOf } from "../history/events.ts";
import type { FaultData } from "../history/experiment.ts";
import type { HistoryWriter } from "../history/writer.ts";
import type { Replica } from "../replica/up.ts";
import type { FaultKind, PreparedFault } from "./fault.ts";
import { kindOf } from "./kinds.ts";

/** Longest time for a fault to bite, and to be seen healed. */
const biteMs = 30_000;
const healMs = 60_000;
const lookEveryMs = 20;

/** A fault that bites. */
export interface AppliedFault {
  name: string;
  /** Ends it and sees it healed; a second call does nothing. */
  remove(): Promise<void>;
  /** Applies it to whoever took its victim's place; false when nobody did. */
  follow(): Promise<boolean>;
}

interface Given {
  replica: Replica;
  history: HistoryWriter;
  observation: string;
  journal: UndoJournal;
  signal: AbortSignal;
  /** Finds the file of a fault; the catalogue's unless told. */
  kindOf?: (fault: FaultData) => FaultKind<FaultData>;
}

/**
 * The faults of one observation. Each lives in the history as intent, applied, effect-seen, removed, heal-seen; before it is applied, what undoes it is in the
 * journal on the disk. Whatever happens, `undoAll` ends those that are left, the last one first.
 */
export class FaultSession {
  readonly #given: Given;
  /** In the order in which they were announced. */
  readonly #open: { name: string; remove: () => Promise<void> }[] = [];

  constructor(given: Given) {
    this.#given = given;
  }

  /** Applies a fault and waits until an independent look sees it bite. */
  async apply(fault: FaultData): Promise<AppliedFault> {
    const kind = (this.#given.kindOf ?? kindOf)(fault);
    let victim = await kind.prepare(this.#given.replica, fault);
    let life = await this.#begin(victim);
    return {
      name: victim.name,
      remove: () => life.remove(),
      follow: async () => {
        if (!victim.stale || !(await victim.stale())) return false;
        const next = await kind.prepare(this.#given.replica, fault).catch(() => undefined);
        if (!next) return false;
        // Those of its victims that are still there would have it twice.
        await life.remove();
        victim = next;
        life = await this.#begin(next);
        return true;
      },
    };
  }

  /** Ends what is left, last-first, each on its own deadline and whatever becomes of the others. */
  async undoAll(): Promise<void> {
    for (const one of this.#open.toReversed()) await one.remove().catch(() => {});
  }

  async #begin(fault: PreparedFault): Promise<{ remove: () => Promise<void> }> {
    const { history, journal, signal } = this.#given;
    signal.throwIfAborted();
    // Done last-first.
    const id = journal.open(fault.name, [...(fault.afterwards ?? []), ...fault.undo]);
    this.#step(fault, "intent", { ...fault.detail, undo: fault.undo.map(inWords) });
    await history.flush();
    let removing: Promise<void> | undefined;
    const entry = {
      name: fault.name,
      remove: () => {
        removing ??= this.#end(fault, id).finally(() => {
          this.#open.splice(this.#open.indexOf(entry), 1);
        });
        return removing;
      },
    };
    this.#open.push(entry);
    const sent = await fault.apply();
    this.#step(fault, "applied", sent ?? {});
    await until(`${fault.name} to bite`, { withinMs: biteMs, everyMs: lookEveryMs, signal }, fault.bites);
    const { monotonicNs } = await this.#given.replica.nodeAgent.hello();
    this.#step(fault, "effect-seen", { agent: "node", monotonicNs });
    return entry;
  }

  async #end(fault: PreparedFault, id: number): Promise<void> {
    const seen = await fault.seen?.().catch((error: Error) => ({ notSeen: error.message }));
    const failures = await undo(this.#given.replica.docker, fault.undo);
    if (failures.length > 0) {
      this.#step(fault, "failed", { undoing: failures, byHand: fault.undo.map(inWords) });
      throw new Error(`${fault.name} is not undone: ${failures.join("; ")}`);
    }
    this.#step(fault, "removed", seen === undefined ? {} : { seen });
    try {
      await until(`${fault.name} to heal`, { withinMs: healMs, everyMs: 100 }, fault.healed);
    } catch (error) {
      this.#step(fault, "failed", { healing: (error as Error).message, byHand: fault.undo.map(inWords) });
      throw error;
    }
    this.#step(fault, "heal-seen", {});
    const left = await undo(this.#given.replica.docker, fault.afterwards ?? []);
    if (left.length > 0) throw new Error(`${fault.name} is healed, but not put right: ${left.join("; ")}`);
    this.#given.journal.close(id);
  }

  #step({ name }: PreparedFault, step: EventOf<"fault">["step"], detail: unknown): void {
    const { history, observation } = this.#given;
    history.append({ type: "fault", observation, fault: name, step, detail });
  }
}
