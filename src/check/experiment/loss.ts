import type { Standing } from "../../history/experiment.ts";
import type { Seen } from "../check.ts";
import { onAgentClock } from "../clock.ts";
import { round } from "../expect.ts";
import { agentOf, type Moments } from "./story.ts";

/** How the runner records the writing: where it was done from, and by which schedule. */
interface Schedule {
  /** The place that wrote: its agent's clock is the one of all times here. */
  vantage: Standing;
  /** Due time of number 0, nanoseconds. */
  firstDue: number;
  everyMs: number;
  /** Writes that were acknowledged later than `everyMs` after they were due: number, and milliseconds from due to acknowledged. */
  slowAcks: [number, number][];
}

/** When writes were acknowledged, against the moments of the fault; all in milliseconds. */
export interface AckTimes {
  /** Of one write: from its acknowledgement to the fault's effect, negative when it was acknowledged after it. */
  age(seq: number): number;
  /** Between two writes: what each of them stands for. */
  everyMs: number;
  /** How far from the truth an age may be, to either side. */
  errorMs: number;
  /** From the fault's announcement to its effect: what bit may have done so at any moment between both. */
  lateMs: number;
}

/**
 * A write that was acknowledged before the next one was due has its acknowledgement somewhere between both: the middle is taken, and half of the interval is in
 * the error, beside that of the clocks.
 */
export function ackTimes(seen: Seen, moments: Moments): AckTimes {
  const { vantage, firstDue, everyMs, slowAcks } = seen.fact<Schedule>("ledger/ledger");
  const effect = onAgentClock(seen.history, agentOf({ from: vantage }), moments.effect);
  const slow = new Map(slowAcks);
  return {
    age: (seq) => (effect.atNs - firstDue) / 1e6 - seq * everyMs - (slow.get(seq) ?? everyMs / 2),
    everyMs,
    errorMs: everyMs / 2 + effect.errorNs / 1e6,
    lateMs: moments.effect - moments.announced,
  };
}

/** Lost writes by the time of their acknowledgement. Ages are in milliseconds before the effect in `before`, after it in `after`. */
export interface Loss {
  before?: { n: number; oldestMs: number; newestMs: number };
  after?: { n: number; firstMs: number; lastMs: number };
  /** The period whose acknowledged writes may be missing: from the oldest lost acknowledgement to the effect, or to the end of the newest one's own interval where that is later. 0 when none is lost. */
  periodMs: number;
  errorMs: number;
}

export function lossOf(lost: readonly number[], { age, everyMs, errorMs }: AckTimes): Loss {
  const ages = lost.map(age).sort((a, b) => b - a);
  const [oldest, newest] = [ages[0], ages.at(-1)];
  if (oldest === undefined || newest === undefined) return { periodMs: 0, errorMs };
  const earlier = ages.filter((ms) => ms >= 0);
  const later = ages.filter((ms) => ms < 0).map((ms) => -ms);
  return {
    ...(earlier.length > 0 ? { before: { n: earlier.length, oldestMs: oldest, newestMs: earlier.at(-1) as number } } : {}),
    ...(later.length > 0 ? { after: { n: later.length, firstMs: later[0] as number, lastMs: -newest } } : {}),
    periodMs: Math.max(everyMs, oldest + (newest < 0 ? everyMs - newest : 0)),
    errorMs,
  };
}

/** "2.1 s of acknowledged writes: 12 acknowledged from 2.1 s to 0.2 s before the fault's effect (± 0.01 s)" */
export function lossWords({ before, after, periodMs, errorMs }: Loss): string {
  const seconds = (ms: number) => round(ms / 1000);
  const parts = [
    before &&
      `${before.n} acknowledged from ${seconds(before.oldestMs)} s to ${seconds(before.newestMs)} s before the fault's effect`,
    after && `${after.n} from ${seconds(after.firstMs)} s to ${seconds(after.lastMs)} s after it`,
  ].filter(Boolean);
  return `${seconds(periodMs)} s of acknowledged writes: ${parts.join(", ")} (± ${seconds(errorMs)} s)`;
}
