import type { VerdictDocument } from "../check/verdict.ts";
import { type ExperimentLine, experimentLines } from "./experiments.ts";
import { colours, marks, printable, toWidth } from "./format.ts";
import type { Paint } from "./terminal.ts";

const columns = 100;
const heads = ["experiment", "served again", "lost", "p95 before", "during", "after"] as const;
/** Between two columns of the table. */
const gap = 2;

/** The experiments on a terminal, a line each, in at most 100 columns; their reasons stand above, with what did not pass. */
export function experimentBlock(verdict: VerdictDocument, paint: Paint): string {
  const lines = experimentLines(verdict);
  const rows = lines.map(cellsOf);
  const widths = heads.map((head, at) => Math.max(head.length, ...rows.map((row) => [...(row[at] ?? "")].length)));
  // What must give way is the name: the numbers are the point.
  const over = 4 + widths.reduce((sum, one) => sum + one + gap, -gap) - columns;
  widths[0] = Math.max(heads[0].length, (widths[0] ?? 0) - Math.max(0, over));
  const joined = (cells: readonly string[]) =>
    cells
      .map((cell, at) => toWidth(cell, widths[at] ?? 0))
      .join(" ".repeat(gap))
      .trimEnd();
  return [
    paint("gray", `    ${joined(heads)}`),
    ...lines.map((line, at) => `  ${paint(colours[line.verdict], marks[line.verdict])} ${joined(rows[at] ?? [])}`),
  ].join("\n");
}

function cellsOf({ name, accepted, recovery, loss, p95 }: ExperimentLine): string[] {
  return [`${name}${accepted ? " (accepted)" : ""}`, recovery, loss, ...p95].map((cell) => printable(cell).replace(/\s+/g, " "));
}
