import type { Objective } from "../history/events.ts";
import type { JudgedCheck, JudgedObjective } from "./verdict.ts";

/** A number that a check measured for an objective, in the objective's unit. */
export interface Measurement {
  check: string;
  objective: string;
  value: number;
  n: number;
}

/** Every objective of Sprocket's documents is an upper limit; an availability is stated as the share of bad answers. The limit itself is allowed. */
export function withinLimit(objective: Objective, value: number): boolean {
  return value <= objective.limit;
}

/** Holds what was measured against what was promised. The worst of several measurements counts; of none, or by a check that is unknown: unknown. */
export function judgeObjectives(
  objectives: readonly Objective[],
  measurements: readonly Measurement[],
  checks: readonly JudgedCheck[],
): JudgedObjective[] {
  const known = new Set(checks.filter((check) => check.verdict === "pass" || check.verdict === "fail").map((check) => check.id));
  return objectives.map(({ id, subject, unit, limit, source }): JudgedObjective => {
    const objective = { id, subject, unit, limit, source };
    const mine = measurements.filter((one) => one.objective === id && one.n > 0 && Number.isFinite(one.value));
    const usable = mine.filter((one) => known.has(one.check));
    const worst = (usable.length > 0 ? usable : mine).reduce<Measurement | undefined>(
      (so, one) => (so === undefined || one.value > so.value ? one : so),
      undefined,
    );
    if (!worst) return { ...objective, verdict: "unknown" };
    const verdict = usable.length === 0 ? "unknown" : withinLimit(objective, worst.value) ? "pass" : "fail";
    return { ...objective, value: worst.value, n: worst.n, verdict };
  });
}
