/** One answer on the run's own time: when it was due, how long after that it came, and whether it is what its client wanted. */
export interface Answer {
  atMs: number;
  tookMs: number;
  good: boolean;
}

/** What is drawn of all answers that were due in one column of a chart. */
export interface Column {
  n: number;
  bad: number;
  /** Of the good ones, ms. */
  good?: { min: number; median: number; max: number };
  /** Of the bad ones: how long the quickest and the slowest took. */
  badTook?: { min: number; max: number };
}

/** A series as a chart of so many columns can show it. A column in which nothing was due is absent. */
export interface Reduced {
  columns: (Column | undefined)[];
  /** Share of bad answers, column by column; in a column in which nothing was due that of the last answer, until the next one is long overdue: then absent. */
  badShare: (number | undefined)[];
}

/** So many times its usual distance a client may be silent before nobody is said to have looked. */
const patience = 2.5;

/**
 * Reduces a series to the columns of a chart, as wide as the time from `fromMs` to `toMs`. Of the good answers of a column the quickest, the median and the slowest stay;
 * a bad one is never lost: its column has its share of bad ones, and its time where it is the quickest or slowest.
 * @param answers in the order of their due times
 */
export function reduce(answers: readonly Answer[], { fromMs, toMs }: { fromMs: number; toMs: number }, columns: number): Reduced {
  const width = (toMs - fromMs) / columns;
  const columnOf = (atMs: number) => Math.floor((atMs - fromMs) / width);
  const inside = answers.filter(({ atMs }) => atMs >= fromMs && columnOf(atMs) < columns);
  const byColumn = Map.groupBy(inside, ({ atMs }) => columnOf(atMs));
  const lastingMs = everyMs(inside) * patience;
  const reduced: Reduced = { columns: [], badShare: [] };
  let last: Answer | undefined;
  for (let at = 0; at < columns; at += 1) {
    const mine = byColumn.get(at);
    const column = mine && columnFrom(mine);
    last = mine?.at(-1) ?? last;
    const stands = last !== undefined && fromMs + at * width <= last.atMs + lastingMs;
    reduced.columns.push(column);
    reduced.badShare.push(column ? column.bad / column.n : stands ? Number(!last?.good) : undefined);
  }
  return reduced;
}

function columnFrom(answers: readonly Answer[]): Column {
  const good = answers.filter((one) => one.good).map(({ tookMs }) => tookMs);
  const bad = answers.filter((one) => !one.good).map(({ tookMs }) => tookMs);
  good.sort((a, b) => a - b);
  const [min, median, max] = [good[0], good[Math.floor((good.length - 1) / 2)], good.at(-1)];
  return {
    n: answers.length,
    bad: bad.length,
    ...(min === undefined || median === undefined || max === undefined ? {} : { good: { min, median, max } }),
    ...(bad.length === 0 ? {} : { badTook: { min: Math.min(...bad), max: Math.max(...bad) } }),
  };
}

/** The usual distance between two answers. */
function everyMs(answers: readonly Answer[]): number {
  const distances = answers.slice(1).map(({ atMs }, at) => atMs - (answers[at] as Answer).atMs);
  return distances.toSorted((a, b) => a - b)[Math.floor(distances.length / 2)] ?? 0;
}

/** Neighbouring columns with the same value as one span; `to` is the first column that is no longer in it. */
export function spansOf<T>(values: readonly (T | undefined)[]): { from: number; to: number; value: T }[] {
  const spans: { from: number; to: number; value: T }[] = [];
  for (const [at, value] of values.entries()) {
    if (value === undefined) continue;
    const open = spans.at(-1);
    if (open && open.to === at && open.value === value) open.to = at + 1;
    else spans.push({ from: at, to: at + 1, value });
  }
  return spans;
}
