import { until } from "../engine/until.ts";
import type { EventOf } from "../history/events.ts";
import type { HistoryWriter } from "../history/writer.ts";

/** A fault that lasts until it is removed. Its two looks see by other means than those that made it and ended it. */
export interface HeldFault {
  name: string;
  /** What ends it, in words for the history. */
  undo: string;
  apply(): Promise<void>;
  bites(): Promise<boolean>;
  remove(): Promise<void>;
  healed(): Promise<boolean>;
}

/** Longest time for a fault to bite, and to heal. */
const withinMs = 30_000;

/**
 * Holds a fault while something is looked at, as its life in the history: its intent on disk first, then applied, then seen to bite. It is removed whatever happened
 * meanwhile, and seen to heal.
 */
export async function holdFault(
  history: HistoryWriter,
  observation: string,
  fault: HeldFault,
  look: () => Promise<void>,
): Promise<void> {
  const step = (step: EventOf<"fault">["step"], detail: unknown) =>
    history.append({ type: "fault", observation, fault: fault.name, step, detail });
  step("intent", { undo: fault.undo });
  await history.flush();
  try {
    await fault.apply();
    step("applied", {});
    await until(`${fault.name} to bite`, { withinMs, everyMs: 100 }, fault.bites);
    step("effect-seen", {});
    await look();
  } finally {
    await fault.remove().catch((error: Error) => {
      step("failed", { removing: error.message });
      throw error;
    });
    step("removed", {});
    await until(`${fault.name} to heal`, { withinMs, everyMs: 100 }, fault.healed);
    step("heal-seen", {});
  }
}
