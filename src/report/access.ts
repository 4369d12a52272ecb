import { type AccessCell, type AccessMatrix, type MatrixRoute, type Outcome, outcomes } from "../check/access/matrix.ts";
import { recordedFaults } from "../check/access/recorded-faults.ts";
import { type AccessMode, accessModes, type ExpectationSet, expectationSets } from "../history/access.ts";
import { type Tier, tiers } from "../history/events.ts";
import { plural } from "./format.ts";

/** What every report says of the route × mode matrix in the same words. */
export const modeNames: Record<AccessMode, string> = {
  localhost: "localhost",
  lan: "LAN",
  tailscale: "Tailscale",
  public: "Public domain",
};

/** One sign an outcome: shapes, so that no report needs colour. */
export const outcomeMarks: Record<Outcome, string> = { answers: "●", "not-found": "○", closed: "◆", other: "▲" };
export const outcomeWords: Record<Outcome, string> = {
  answers: "answers",
  "not-found": "404",
  closed: "closed",
  other: "other",
};
export const outcomeMeanings: Record<Outcome, string> = {
  answers: "the right service's own answer",
  "not-found": "the entry point knows no such route",
  closed: "refused as it should be, by forward-auth or policy",
  other: "anything else: no answer, a wrong certificate, another service",
};

export const setMeanings: Record<ExpectationSet, string> = {
  actual: "what today's rules give",
  documented: "what the owners' documents promise",
};

/** The set that decides comes first, in every report. */
export function setsOf(matrix: AccessMatrix): ExpectationSet[] {
  return expectationSets.toSorted((a, b) => Number(b === matrix.decides) - Number(a === matrix.decides));
}

/** What stands at one place of the matrix. Without cells `instead` says what stands there. */
export interface AccessPlace {
  mode: AccessMode;
  cells: AccessCell[];
  /** Unknown where the route's service is not reproduced, else nobody looked. */
  instead?: { mark: "?" | "–"; words: "unknown" | "not looked at" };
}

/** A route with its four places, in the order of the modes. */
export interface AccessRow {
  route: MatrixRoute;
  places: AccessPlace[];
}

/** Routes by tier, those of one tier in the matrix's own order; a tier without any is left out. */
export function rowsByTier(matrix: AccessMatrix): { tier: Tier; rows: AccessRow[] }[] {
  return tiers
    .map((tier) => ({
      tier,
      rows: matrix.routes.filter((route) => route.tier === tier).map((route) => ({ route, places: placesOf(matrix, route) })),
    }))
    .filter(({ rows }) => rows.length > 0);
}

function placesOf(matrix: AccessMatrix, route: MatrixRoute): AccessPlace[] {
  return accessModes.map((mode) => {
    const cells = (["name", "address"] as const).flatMap((by) =>
      askedBy(matrix, mode, by).filter((cell) => cell.route === route.id),
    );
    if (cells.length > 0) return { mode, cells };
    const unknown = !route.known && looked(matrix, mode);
    return { mode, cells, instead: unknown ? { mark: "?", words: "unknown" } : { mark: "–", words: "not looked at" } };
  });
}

function looked(matrix: AccessMatrix, mode: AccessMode): boolean {
  return matrix.modes.some((one) => one.mode === mode && one.looked);
}

/** Where nobody looked, a cell in which nothing was met only repeats that. */
function askedBy(matrix: AccessMatrix, mode: AccessMode, by: AccessCell["by"]): AccessCell[] {
  const cells = matrix.cells.filter((cell) => cell.mode === mode && cell.by === by);
  return looked(matrix, mode) ? cells : cells.filter((cell) => cell.met !== undefined);
}

/** The whole matrix in one sentence. A pair is as a set expects only if all its cells are. */
export function matrixWords(matrix: AccessMatrix): string {
  const places = rowsByTier(matrix).flatMap(({ rows }) => rows.flatMap((row) => row.places));
  const asked = places.filter((place) => place.cells.length > 0);
  const as = (set: ExpectationSet) => asked.filter((place) => place.cells.every((cell) => cell.verdict[set] === "pass")).length;
  const decides = (set: ExpectationSet) => (matrix.decides === set ? " (decides)" : "");
  const answers = (place: AccessPlace) => place.cells.some((cell) => cell.met === "answers");
  const answer = asked.filter(answers).length;
  const closed = asked.filter((place) => !answers(place) && place.cells.some((cell) => cell.met === "closed")).length;
  const unknown =
    asked.filter((place) => place.cells.some((cell) => cell.verdict[matrix.decides] === "unknown")).length +
    places.filter((place) => place.instead?.words === "unknown").length;
  const left = places.filter((place) => place.instead?.words === "not looked at").length;
  return [
    `Of ${plural(places.length, "pair")} of route and mode ${answer} answer${answer === 1 ? "s" : ""} by name or address`,
    ...(closed > 0 ? [`${closed} ${closed === 1 ? "is" : "are"} closed`] : []),
    `${as("documented")} as documented${decides("documented")}`,
    `${as("actual")} as today's rules give${decides("actual")}`,
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
    ...(left > 0 ? [`${left} not looked at`] : []),
  ].join("; ");
}

/** One mode in words: `by name 9 of 9 answer, as documented; by address 0 of 9 answer: the documents promise 9`. */
export function modeWords(matrix: AccessMatrix, mode: AccessMode): string {
  const client = matrix.modes.find((one) => one.mode === mode);
  const parts = (["name", "address"] as const).flatMap((by) => {
    const cells = askedBy(matrix, mode, by);
    return cells.length > 0 ? [`by ${by} ${cellsWords(cells)}`] : [];
  });
  if (looked(matrix, mode)) return parts.join("; ") || "nothing was asked";
  return [`not looked at${client?.why ? ` (${client.why})` : ""}`, ...parts].join("; ");
}

function cellsWords(cells: readonly AccessCell[]): string {
  const met = countOf(cells.map((cell) => cell.met));
  const promised = countOf(cells.map((cell) => cell.expected.documented));
  const said = [
    `${met.answers} of ${cells.length} answer${met.answers === 1 ? "s" : ""}`,
    ...(met.closed > 0 ? [`${met.closed} closed`] : []),
    ...(met.unknown > 0 ? [`${met.unknown} unknown`] : []),
  ].join(", ");
  const broken = cells.filter((cell) => cell.verdict.documented === "fail").length;
  if (broken === 0) return cells.every((cell) => cell.verdict.documented === "pass") ? `${said}, as documented` : said;
  // The same numbers in other places are no kept promise.
  if (met.answers === promised.answers && met.closed === promised.closed) return `${said}, ${broken} not as documented`;
  return `${said}: the documents promise ${promised.answers}${promised.closed > 0 ? ` and ${promised.closed} closed` : ""}`;
}

function countOf(met: readonly (Outcome | undefined)[]): Record<Outcome | "unknown", number> {
  const count = { unknown: 0, answers: 0, "not-found": 0, closed: 0, other: 0 };
  for (const one of met) count[one ?? "unknown"] += 1;
  return count;
}

/** Outcomes that the matrix speaks of, met or expected: a legend explains no sign that is not there. */
export function outcomesIn(matrix: AccessMatrix): Outcome[] {
  const met = new Set(matrix.cells.flatMap((cell) => [cell.met, cell.expected.actual, cell.expected.documented]));
  return outcomes.filter((one) => met.has(one));
}

/** A recorded fault that explains cells, and how many in which modes. */
export interface ExplainingFault {
  id: string;
  symptom: string;
  cause: string;
  /** `LAN 9 routes, Tailscale 9 routes` */
  where: string;
}

/** Each fault once, in the order of their numbers. One that is not recorded keeps its id and says so. */
export function faultsIn(matrix: AccessMatrix): ExplainingFault[] {
  const ids = [...new Set(matrix.cells.flatMap((cell) => cell.faults))];
  return ids
    .toSorted((a, b) => a.localeCompare(b, "en", { numeric: true }))
    .map((id) => {
      const where = accessModes.flatMap((mode) => {
        const routes = new Set(
          matrix.cells.filter((cell) => cell.mode === mode && cell.faults.includes(id)).map((cell) => cell.route),
        );
        return routes.size > 0 ? [`${modeNames[mode]} ${plural(routes.size, "route")}`] : [];
      });
      const known = recordedFaults[id];
      return {
        id,
        symptom: known?.symptom ?? "not a recorded fault",
        cause: known?.cause ?? "its cause is not recorded",
        where: where.join(", "),
      };
    });
}
