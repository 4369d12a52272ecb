import type { ClientUse } from "../../history/experiment.ts";
import type { Sample } from "../../history/sample.ts";
import { endsGood } from "../../probe/streak.ts";

/** How long back a client's answers are kept for decisions; the history has them all. */
const keptNs = 150e9;

/** The agent hands its samples over four times a second. */
const onTheWayNs = 0.3e9;
/** No smaller than what the judges take for a recovery. */
const servedAgain = { run: 10, lastingMs: 2_000 };
const noticedNothing = { run: 10, lastingMs: 5_000 };

const isGood = ({ good }: { good: boolean }): boolean => good;

/** What one client of an experiment met lately, for the runner's decisions only. Times are of its agent's clock. */
export class TrackedClient {
  readonly use: ClientUse;
  readonly label: string;
  readonly #good: (sample: Sample) => boolean;
  #met: { due: number; done: number; good: boolean }[] = [];
  /** What was due earlier says nothing of what comes now. */
  #from = Number.NEGATIVE_INFINITY;

  constructor(use: ClientUse, label: string, good: (sample: Sample) => boolean) {
    this.use = use;
    this.label = label;
    this.#good = good;
  }

  add(samples: readonly Sample[]): void {
    for (const sample of samples) this.#met.push({ due: sample.due, done: sample.done, good: this.#good(sample) });
    // An answer that was held up comes after later ones.
    this.#met.sort((a, b) => a.due - b.due);
    const newest = this.#met.at(-1)?.due ?? 0;
    const old = this.#met.findIndex(({ due }) => due >= newest - keptNs);
    if (old > 1000) this.#met = this.#met.slice(old);
  }

  /** From here on only what is due later counts for `isServedAgain`: a fault bites now, and answers from before it may still be on their way here. */
  mark(): void {
    this.#from = (this.#met.at(-1)?.due ?? 0) + onTheWayNs;
  }

  /** Whether it is served after the mark: after a bad answer a run of good ones, or so many good ones that there was nothing to notice. */
  isServedAgain(): boolean {
    const since = this.#met.filter(({ due }) => due >= this.#from);
    return endsGood(since, isGood, since.some((one) => !isGood(one)) ? servedAgain : noticedNothing);
  }

  /** Whether the newest answers are good ones, at least `run` of them over at least `lastingMs`. */
  isGoodFor({ run, lastingMs }: { run: number; lastingMs: number }): boolean {
    return endsGood(this.#met, isGood, { run, lastingMs });
  }

  /** The newest bad answers' share of the last `lastMs`, and how many answers that are. */
  badShare(lastMs: number): { share: number; n: number } {
    const from = (this.#met.at(-1)?.due ?? 0) - lastMs * 1e6;
    const lately = this.#met.filter(({ due }) => due >= from);
    return { share: lately.filter(({ good }) => !good).length / Math.max(1, lately.length), n: lately.length };
  }
}
