import type { EventOf } from "../history/events.ts";
import { type Judgement, NotSeen, type Seen } from "./check.ts";
import { onAgentClock } from "./clock.ts";
import { fail } from "./expect.ts";
import { type RecoveryOptions, recoversWithin, recoveryOf } from "./recovery.ts";

/** Of Swarm's view of a task, what a judge reads. */
export interface TaskFact {
  id: string;
  state: string;
  desired: string;
  exitCode?: number;
}

/**
 * When an observation's fault began, on the clock of an agent. The announcement counts, not the moment its effect was seen: so a recovery is a little too long
 * rather than too short, and no bad answer lies before the fault.
 */
export function faultOnClock(seen: Seen, agent: "node" | "public"): { faultAt: number; clockError: number } {
  const intent = seen.faults().find((event) => event.step === "intent");
  if (!intent) throw new NotSeen("no fault was announced");
  const applied = seen.faults().some((event) => event.step === "effect-seen");
  if (!applied) throw new NotSeen(`the effect of ${intent.fault} was never seen`);
  const { atNs, errorNs } = onAgentClock(seen.history, agent, intent.t);
  return { faultAt: atNs, clockError: errorNs };
}

/** Why nothing is to come: Swarm wants no task of the service any more. Nothing where it wants one, or was not asked. */
export function notRestarted(tasks: readonly Omit<TaskFact, "id">[]): string | undefined {
  const [last] = tasks;
  if (!last || tasks.some(({ desired }) => desired === "running" || desired === "ready")) return undefined;
  const exit = last.exitCode === undefined ? "" : ` with exit code ${last.exitCode}`;
  return `Swarm does not restart it: its last task is ${last.state}${exit}, and no other is wanted`;
}

/**
 * Clients are served again within the objective. When Swarm wants no task of the service any more, there is nothing to wait for: that fails before the
 * objective's time is over.
 *
 * @param tasks Swarm's newest view of the service's tasks, newest first
 */
export function comesBack(events: readonly EventOf<"sample">[], tasks: readonly TaskFact[], options: RecoveryOptions): Judgement {
  const judged = recoversWithin(events, options);
  if (judged.verdict !== "unknown") return judged;
  const { steady, recovery } = recoveryOf(events, options);
  const givenUp = notRestarted(tasks);
  if (!steady || !recovery || recovery.recoveredMs !== undefined || givenUp === undefined) return judged;
  const seconds = (recovery.watchedMs / 1000).toFixed(1);
  return fail(`${givenUp} (watched ${seconds} s)`, {
    ...(judged.expected === undefined ? {} : { expected: judged.expected }),
    observed: `${recovery.bad} bad answers, no recovery, no task is wanted`,
  });
}
