import { area, line } from "d3-shape";
import { plotHeight } from "./axes.ts";
import { type Column, type Reduced, spansOf } from "./reduce.ts";

/** Columns of every chart: about one for each pixel of the widest. */
export const columns = 600;
const stripHeight = 10;
/** A column with any bad answer stands out at least so much. */
const leastBad = 0.4;

/**
 * Availability: a low bar where answers were good, a high one where they were bad, as high as their share; nothing where nobody looked. The shapes differ, so that no
 * colour is needed.
 */
export function strip({ badShare }: Reduced, label: string): string {
  let good = "";
  let bad = "";
  for (const { from, to, value } of spansOf(badShare.map((share) => share && Number(share.toFixed(2))))) {
    if (value < 1) good += `M${from},7H${to}V10H${from}Z`;
    const height = Number((stripHeight * Math.max(leastBad, value)).toFixed(1));
    if (value > 0) bad += `M${from},${stripHeight - height}H${to}V${stripHeight}H${from}Z`;
  }
  return svg("strip", stripHeight, label, `<path class="good" d="${good}"/><path class="bad" d="${bad}"/>`);
}

/** Latency over time: from the quickest to the slowest good answer of each column, their median, and a dot for the times of bad ones. */
export function speed(
  { columns: met }: Reduced,
  {
    place,
    label,
    recoveredAt,
    limitMs,
  }: { place: (ms: number) => number; label: string; recoveredAt?: number; limitMs?: number },
): string {
  const points = drawn(met);
  const centre = ({ at }: Point) => at + 0.5;
  const band = area<Point>()
    .defined(({ good }) => good !== undefined)
    .x(centre)
    .y0(({ good }) => place(good?.min ?? 0))
    .y1(({ good }) => place(good?.max ?? 0))
    .digits(1)(points);
  const median = line<Point>()
    .defined(({ good }) => good !== undefined)
    .x(centre)
    .y(({ good }) => place(good?.median ?? 0))
    .digits(1)(points);
  const dots = met
    .flatMap((column, at) =>
      column?.badTook
        ? [...new Set([place(column.badTook.min), place(column.badTook.max)])].map((y) => `M${at + 0.5},${y}h0`)
        : [],
    )
    .join("");
  return svg(
    "speed",
    plotHeight,
    label,
    [
      limitMs === undefined ? "" : `<path class="limit" d="M0,${place(limitMs)}H${columns}"/>`,
      `<path class="spread" d="${band ?? ""}"/><path class="median" d="${median ?? ""}"/><path class="badtook" d="${dots}"/>`,
      recoveredAt === undefined ? "" : `<path class="back" d="M${recoveredAt},0V${plotHeight}"/>`,
    ].join(""),
  );
}

interface Point {
  at: number;
  good?: Column["good"];
}

/** Columns with a good answer, and a break wherever a bad one lies between them or nobody looked. */
function drawn(met: Reduced["columns"]): Point[] {
  const filled = met.flatMap((column, at) => (column ? [{ at, column }] : []));
  const distances = filled.slice(1).map(({ at }, index) => at - (filled[index]?.at ?? at));
  const usual = distances.toSorted((a, b) => a - b)[distances.length >> 1] ?? 1;
  return filled.flatMap(({ at, column }, index): Point[] => {
    const before = filled[index - 1];
    const silent = before !== undefined && at - before.at > usual * 2.5;
    return [...(silent ? [{ at }] : []), { at, ...(column.good ? { good: column.good } : {}) }];
  });
}

/** Stretched to whatever width there is; lines and dots keep their thickness by the style sheet. */
function svg(kind: string, height: number, label: string, body: string): string {
  return `<svg class="${kind}" viewBox="0 0 ${columns} ${height}" preserveAspectRatio="none" role="img" aria-label="${label}">${body}</svg>`;
}
