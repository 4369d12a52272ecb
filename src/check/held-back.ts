import type { Judgement, Seen } from "./check.ts";
import { round } from "./expect.ts";

/** The fact that an observation records of a task before and after: which task, and the kernel's account of it. `null` where it could not be read. */
interface ProcessorFact {
  task: string;
  limit?: number;
  periods: number;
  throttled: number;
}

/** A task that is held back in fewer of its periods is not slow because of that. */
const tellingShare = 0.1;

/**
 * A failure of a service that was short of processor says so: its limit, and in how many of the kernel's periods it was held back between the facts `before` and
 * `after`. The verdict stays what it is.
 */
export function tellIfHeldBack(judged: Judgement, seen: Seen, service: string, before: string, after: string): Judgement {
  if (judged.verdict !== "fail") return judged;
  const [from, to] = [before, after].map((name) => seen.facts<ProcessorFact | null>(name).at(-1));
  if (!from || !to || to.limit === undefined) return judged;
  // Another task has an account of its own, from nothing.
  const same = from.task === to.task;
  const periods = to.periods - (same ? from.periods : 0);
  const throttled = to.throttled - (same ? from.throttled : 0);
  if (periods <= 0 || throttled < tellingShare * periods) return judged;
  const why = `${service} may use ${round(to.limit)} of a processor, and was held back in ${throttled} of the ${periods} periods in which it wanted to run`;
  return { ...judged, reason: `${judged.reason}; ${why}` };
}
