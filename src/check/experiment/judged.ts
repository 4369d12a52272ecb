import type { HistoryEvent } from "../../history/events.ts";
import { type CheckDefinition, NotSeen } from "../check.ts";
import { type SideFile, seenOf } from "../seen.ts";
import type { CheckVerdict, JudgedCheck } from "../verdict.ts";
import type { ExperimentAccount } from "./account.ts";

/** An experiment that was planned: what its checks say together, and its numbers. */
export interface JudgedExperiment {
  /** `resilience/redis-killed` */
  observation: string;
  checks: string[];
  /** Fails when one of its checks does, else is unknown when one is, else passes when one does. */
  verdict: CheckVerdict;
  /** Of the first check with that verdict. */
  reason: string;
  account?: ExperimentAccount;
  /** Why there are no numbers. */
  missing?: string;
}

const worstFirst: readonly CheckVerdict[] = ["fail", "unknown", "pass", "not-applicable"];

/** Every planned experiment, in the order of its checks: one whose checks could not be judged has its numbers all the same, where there are any. */
export function judgedExperiments(
  checks: readonly JudgedCheck[],
  definitions: ReadonlyMap<string, CheckDefinition>,
  events: readonly HistoryEvent[],
  sideFile: SideFile,
): JudgedExperiment[] {
  return checks.flatMap(({ id, observation }): JudgedExperiment[] => {
    const account = definitions.get(id)?.account;
    if (!account || observation === "") return [];
    const mine = checks.filter((check) => check.observation === observation);
    const worst = worstFirst.flatMap((verdict) => mine.find((check) => check.verdict === verdict) ?? [])[0];
    if (!worst) return [];
    const told = { observation, checks: mine.map((check) => check.id), verdict: worst.verdict, reason: worst.reason };
    try {
      return [{ ...told, account: account(seenOf(observation, events, sideFile).seen) }];
    } catch (error) {
      const missing = error instanceof NotSeen ? error.message : `its account could not be made: ${String(error)}`;
      return [{ ...told, missing }];
    }
  });
}
