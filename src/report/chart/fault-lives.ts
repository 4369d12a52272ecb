import type { EventOf } from "../../history/events.ts";

/** One application of a fault, in milliseconds since the run began; what never came is absent. */
export interface FaultLife {
  fault: string;
  announced: number;
  /** An independent look saw it bite. */
  effect?: number;
  removed?: number;
  healed?: number;
  /** It could not be undone, or was not seen healed. */
  failed?: number;
}

/** The lives of an experiment's faults in the order of their announcement. One that follows its role to a new task has several. */
export function faultLives(events: readonly EventOf<"fault">[]): FaultLife[] {
  const lives: FaultLife[] = [];
  for (const { fault, step, t } of events) {
    if (step === "intent") {
      lives.push({ fault, announced: t });
      continue;
    }
    const field = fields[step];
    // Undone last-first: a step belongs to the newest life of its fault that has not come so far.
    const life =
      field &&
      lives.findLast(
        (one) => one.fault === fault && one[field] === undefined && (step !== "heal-seen" || one.removed !== undefined),
      );
    if (life) life[field] = t;
  }
  return lives;
}

const fields = {
  applied: undefined,
  "effect-seen": "effect",
  removed: "removed",
  "heal-seen": "healed",
  failed: "failed",
} as const;
