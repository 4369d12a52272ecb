import type { ClientUse } from "../../history/experiment.ts";
import type { Sample } from "../../history/sample.ts";

/** How long back a client's answers are kept for decisions; the history has them all. */
const keptNs = 150e9;

/** What one client of an experiment met lately, for the runner's decisions only. Times are of its agent's clock. */
export class TrackedClient {
  readonly use: ClientUse;
  readonly label: string;
  readonly #good: (sample: Sample) => boolean;
  #met: { due: number; done: number; good: boolean }[] = [];

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

  /** Whether the newest answers are good ones, at least `run` of them over at least `lastingMs`. */
  isGoodFor({ run, lastingMs }: { run: number; lastingMs: number }): boolean {
    const begin = this.#met.findLastIndex(({ good }) => !good) + 1;
    const [first, last] = [this.#met[begin], this.#met.at(-1)];
    if (!first || !last || this.#met.length - begin < run) return false;
    return last.done - first.done >= lastingMs * 1e6;
  }

  /** The newest bad answers' share of the last `lastMs`, and how many answers that are. */
  badShare(lastMs: number): { share: number; n: number } {
    const from = (this.#met.at(-1)?.due ?? 0) - lastMs * 1e6;
    const lately = this.#met.filter(({ due }) => due >= from);
    return { share: lately.filter(({ good }) => !good).length / Math.max(1, lately.length), n: lately.length };
  }
}
