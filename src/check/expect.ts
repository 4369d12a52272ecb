import type { Judgement, Verdict } from "./check.ts";

type Extra = Omit<Judgement, "verdict" | "reason">;

export function pass(reason: string, extra: Extra = {}): Judgement {
  return { verdict: "pass", reason, ...extra };
}

export function fail(reason: string, extra: Extra = {}): Judgement {
  return { verdict: "fail", reason, ...extra };
}

export function unknown(reason: string, extra: Extra = {}): Judgement {
  return { verdict: "unknown", reason, ...extra };
}

/**
 * One condition on one value, printed with the value it met: `status is 200 (met 502)`.
 * @param subject what the value is, e.g. "status".
 * @param expected what is asked of it, e.g. "is 200".
 */
export function condition(subject: string, met: unknown, expected: string, holds: boolean): Judgement {
  const observed = `${subject}: ${show(met)}`;
  const wanted = `${subject} ${expected}`;
  return holds
    ? pass(`${wanted}`, { expected: wanted, observed })
    : fail(`${wanted} (met ${show(met)})`, { expected: wanted, observed });
}

export function equals(subject: string, met: unknown, wanted: unknown): Judgement {
  return condition(subject, met, `is ${show(wanted)}`, JSON.stringify(met) === JSON.stringify(wanted));
}

export function oneOf(subject: string, met: unknown, allowed: readonly unknown[]): Judgement {
  return condition(
    subject,
    met,
    `is one of ${allowed.map(show).join(", ")}`,
    allowed.some((one) => JSON.stringify(one) === JSON.stringify(met)),
  );
}

/** A value that cannot be compared (undefined, NaN) is unknown: it was not measured. */
export function atMost(subject: string, met: number | undefined, limit: number, unit = ""): Judgement {
  if (met === undefined || Number.isNaN(met))
    return unknown(`${subject} was not measured`, { expected: `${subject} is at most ${limit}${space(unit)}` });
  return condition(subject, `${round(met)}${space(unit)}`, `is at most ${limit}${space(unit)}`, met <= limit);
}

export function atLeast(subject: string, met: number | undefined, limit: number, unit = ""): Judgement {
  if (met === undefined || Number.isNaN(met))
    return unknown(`${subject} was not measured`, { expected: `${subject} is at least ${limit}${space(unit)}` });
  return condition(subject, `${round(met)}${space(unit)}`, `is at least ${limit}${space(unit)}`, met >= limit);
}

export function contains(subject: string, met: string | undefined, part: string): Judgement {
  return condition(subject, met, `contains ${show(part)}`, met?.includes(part) ?? false);
}

export function matches(subject: string, met: string | undefined, pattern: RegExp): Judgement {
  // A global expression remembers where it stood, and would judge the same text differently the second time.
  const stateless = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
  return condition(subject, met, `matches ${pattern}`, met !== undefined && stateless.test(met));
}

/** The same judgement, its subject named first: one of several alike. */
export function named(name: string, judgement: Judgement): Judgement {
  const named: Judgement = { ...judgement, reason: `${name}: ${judgement.reason}` };
  if (judgement.expected !== undefined) named.expected = `${name}: ${judgement.expected}`;
  if (judgement.observed !== undefined) named.observed = `${name}: ${judgement.observed}`;
  return named;
}

const badness: Record<Verdict, number> = { pass: 0, unknown: 1, fail: 2 };

/**
 * All must hold. One that fails decides, then one that is unknown; the reason is that of the decisive ones, expected and observed those of the
 * decisive ones, or of all when all hold. Of nothing: unknown.
 */
export function all(judgements: readonly Judgement[]): Judgement {
  if (judgements.length === 0) return unknown("there was nothing to judge");
  const worst = judgements.reduce(
    (verdict, one) => (badness[one.verdict] > badness[verdict] ? one.verdict : verdict),
    "pass" as Verdict,
  );
  const decisive = judgements.filter((one) => one.verdict === worst);
  const joined: Judgement = { verdict: worst, reason: list(decisive.map((one) => one.reason)) };
  const expected = decisive.flatMap((one) => one.expected ?? []);
  const observed = decisive.flatMap((one) => one.observed ?? []);
  const findings = judgements.flatMap((one) => one.findings ?? []);
  const measured = judgements.flatMap((one) => one.measured ?? []);
  if (expected.length > 0) joined.expected = list(expected);
  if (observed.length > 0) joined.observed = list(observed);
  if (findings.length > 0) joined.findings = findings;
  if (measured.length > 0) joined.measured = measured;
  return joined;
}

/** `all` over a list, each item named. An empty list is unknown. */
export function each<T>(items: readonly T[], name: (item: T) => string, judge: (item: T) => Judgement): Judgement {
  return all(items.map((item) => named(name(item), judge(item))));
}

/** Short enough for a line of a report; what a long list hides is counted. */
function list(texts: readonly string[]): string {
  const shown = [...new Set(texts)];
  const most = 6;
  return shown.length <= most ? shown.join("; ") : `${shown.slice(0, most).join("; ")}; and ${shown.length - most} more`;
}

/** A value as reports print it: strings bare, nothing as "nothing", long ones cut. */
export function show(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (text === "") return '""';
  return text.length <= 200 ? text : `${text.slice(0, 197)}...`;
}

/** Three significant decimals are enough for a person; the exact value stays in the history. */
export function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 1000) / 1000;
}

function space(unit: string): string {
  return unit === "" ? "" : ` ${unit}`;
}
