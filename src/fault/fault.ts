import type { UndoStep } from "../engine/undo/step.ts";
import type { FaultData } from "../history/experiment.ts";
import type { Replica } from "../replica/up.ts";

/** A kind of fault: one file each. Its settings are plain data, so that an experiment can be written down, shown and judged without it. */
export interface FaultKind<F extends FaultData> {
  kind: F["kind"];
  /** What it does to whom, for `--dry` and reports: "kills Redis's process (SIGKILL)". */
  words(fault: F): string;
  /** Looks up whom it hurts now. Called again when the task of a role that it hurts is replaced while it is held. */
  prepare(replica: Replica, fault: F): Promise<PreparedFault>;
}

/** A fault whose victim is known. */
export interface PreparedFault {
  /** "pause/prod-datastores-redis-service"; the same name through its whole life. */
  name: string;
  /** Whom it hurts: process ids, tasks, containers, addresses. */
  detail: Record<string, unknown>;
  /** What ends it, on disk before it is applied, done last-first. None when it is over at once. */
  undo: readonly UndoStep[];
  /** Makes it so. What it throws counts as not applied, and its undo is done all the same. */
  apply(): Promise<unknown>;
  /** Whether an independent look (not the success of `apply`) sees that it bites. */
  bites(): Promise<boolean>;
  /** Whether an independent look sees that nothing is left of it, after its undo. */
  healed(): Promise<boolean>;
  /** What is worth keeping of it when its time is over, before its undo: what the orchestrator did about it. */
  seen?(): Promise<unknown>;
  /** What is put right once it is healed, by the runner and by the reaper alike; no part of the outage. */
  afterwards?: readonly UndoStep[];
  /** Of one that follows a role: whether its victim was replaced, so that it has to be prepared and applied again. */
  stale?(): Promise<boolean>;
}
