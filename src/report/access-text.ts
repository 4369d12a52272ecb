import type { AccessCell, AccessMatrix } from "../check/access/matrix.ts";
import { accessModes } from "../history/access.ts";
import {
  type AccessPlace,
  faultsIn,
  matrixWords,
  modeNames,
  modeWords,
  outcomeMarks,
  outcomesIn,
  outcomeWords,
  rowsByTier,
  setMeanings,
  setsOf,
} from "./access.ts";
import { marks, printable, toWidth } from "./format.ts";
import type { Paint } from "./terminal.ts";

/** One line of a report: a name, and what is said of it. */
export type NamedWords = [name: string, words: string];

/** The matrix in words: the whole, then a mode a line. */
export function accessWords(matrix: AccessMatrix): { whole: string; modes: NamedWords[] } {
  return {
    whole: `${matrixWords(matrix)}.`,
    modes: accessModes.map((mode) => [modeNames[mode], modeWords(matrix, mode)]),
  };
}

/** What the signs of `accessPlace` mean, in two sentences. */
export function accessLegend(matrix: AccessMatrix): string[] {
  const signs = outcomesIn(matrix).map((one) => `${outcomeMarks[one]} ${outcomeWords[one]}`);
  const sets = setsOf(matrix).map((set) => `${set} (${setMeanings[set]}${set === matrix.decides ? "; decides" : ""})`);
  return [
    `By name, then by address: ${[...signs, `${marks.unknown} unknown`].join(", ")}, – not asked.`,
    `Then ${marks.pass} as expected, ${marks.fail} not or ${marks.unknown} unknown: by ${sets.join(", then by ")}.`,
  ];
}

/** Recorded faults that explain what was met, each with its cause, once. */
export function accessFaults(matrix: AccessMatrix): NamedWords[] {
  return faultsIn(matrix).map(({ id, symptom, cause, where }) => [id, `${symptom} (${where}). Cause: ${cause}.`]);
}

/** One place in signs: `● ✔✔  ○ ✔✘`, by name and by address; each what was met, then what the sets say of it. */
export function accessPlace({ cells, instead }: AccessPlace, matrix: AccessMatrix): string {
  if (instead) return instead.words;
  const signs = (cell: AccessCell | undefined) =>
    cell
      ? `${cell.met ? outcomeMarks[cell.met] : marks.unknown} ${setsOf(matrix)
          .map((set) => marks[cell.verdict[set]])
          .join("")}`
      : "–   ";
  return (["name", "address"] as const).map((by) => signs(cells.find((cell) => cell.by === by))).join("  ");
}

const columns = 100;
/** "not looked at", and two blanks. */
const placeColumns = 15;
const routeColumns = columns - accessModes.length * placeColumns - 2;

/** The matrix on a terminal, a route a line, in at most 100 columns. */
export function accessBlock(matrix: AccessMatrix, paint: Paint): string {
  const { whole, modes } = accessWords(matrix);
  const rows = rowsByTier(matrix).flatMap((one) => one.rows);
  const width = Math.min(routeColumns, Math.max(5, ...rows.map(({ route }) => [...line(route.id)].length)));
  const head = `  ${"route".padEnd(width)}  ${accessModes.map((mode) => modeNames[mode].padEnd(placeColumns)).join("")}`;
  return [
    ...fold("four ways in", whole),
    ...modes.flatMap(([name, words]) => fold(`  ${name}`, words)),
    "",
    paint("gray", head.trimEnd()),
    ...rows.map(({ route, places }) => {
      const id = toWidth(line(route.id), width);
      const all = places.map((place) => {
        const text = accessPlace(place, matrix);
        return paint(colourOf(place, matrix), text) + " ".repeat(placeColumns - text.length);
      });
      return `  ${id}  ${all.join("")}`.trimEnd();
    }),
    "",
    ...accessLegend(matrix).flatMap((one) => fold("", one)),
    ...accessFaults(matrix).flatMap(([id, words]) => fold(`  ${id}`, words)),
  ].join("\n");
}

function colourOf({ cells }: AccessPlace, matrix: AccessMatrix): "green" | "red" | "yellow" | "gray" {
  const verdicts = cells.map((cell) => cell.verdict[matrix.decides]);
  if (verdicts.includes("fail")) return "red";
  if (verdicts.includes("unknown")) return "yellow";
  return verdicts.length > 0 ? "green" : "gray";
}

function line(text: string): string {
  return printable(text).replace(/\s+/g, " ").trim();
}

const indent = 16;

/** A name, cut to its column, and words that go on below one another. A word that is longer than a line is cut in pieces. */
function fold(name: string, words: string): string[] {
  const lines: string[] = [];
  let open = "";
  for (const word of line(words)
    .split(" ")
    .flatMap((one) => one.match(/.{1,80}/gu) ?? [])) {
    if (open !== "" && open.length + 1 + word.length > columns - indent) {
      lines.push(open);
      open = word;
    } else open = open === "" ? word : `${open} ${word}`;
  }
  lines.push(open);
  return lines.map((one, index) =>
    `${toWidth(index === 0 ? printable(name).replace(/\s/g, " ") : "", indent - 1)} ${one}`.trimEnd(),
  );
}
