import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { UndoStep } from "./step.ts";

/** Name of the journal in the folder of a replica's run. */
const fileName = "undo.jsonl";

/** A fault that was announced and not yet undone. */
export interface OpenFault {
  id: number;
  fault: string;
  steps: UndoStep[];
}

type Line = { open: number; fault: string; steps: readonly UndoStep[] } | { closed: number };

/**
 * What would have to be undone if everybody died now: one JSON line as a fault is announced, before it is applied, and one when it is undone. It outlives the
 * runner, so it is written through to the disk each time.
 */
export class UndoJournal {
  readonly path: string;
  #next: number;

  constructor(folder: string) {
    this.path = join(folder, fileName);
    this.#next = Math.max(-1, ...linesOf(this.path).map((line) => ("open" in line ? line.open : line.closed))) + 1;
  }

  /** @returns the fault's number, for `close` */
  open(fault: string, steps: readonly UndoStep[]): number {
    const id = this.#next++;
    this.#write({ open: id, fault, steps });
    return id;
  }

  close(id: number): void {
    this.#write({ closed: id });
  }

  /** In the order in which they were announced. */
  left(): OpenFault[] {
    const lines = linesOf(this.path);
    const closed = new Set(lines.flatMap((line) => ("closed" in line ? [line.closed] : [])));
    return lines.flatMap((line) =>
      "open" in line && !closed.has(line.open) ? [{ id: line.open, fault: line.fault, steps: [...line.steps] }] : [],
    );
  }

  #write(line: Line): void {
    const file = openSync(this.path, "a", 0o600);
    try {
      appendFileSync(file, `${JSON.stringify(line)}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }
}

/** A last line that was cut by a crash is of a fault that was not applied yet. */
function linesOf(path: string): Line[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .filter(Boolean)
    .flatMap((text): Line[] => {
      try {
        return [JSON.parse(text) as Line];
      } catch {
        return [];
      }
    });
}
