import type { ClientAccount, ExperimentAccount, LedgerCount } from "../check/experiment/account.ts";
import type { JudgedExperiment } from "../check/experiment/judged.ts";
import type { LatencySummary } from "../check/latency.ts";
import type { CheckVerdict, VerdictDocument } from "../check/verdict.ts";
import { duration } from "./format.ts";

/** What every report says of an experiment in its one line, in the same words. Text without markup. */
export interface ExperimentLine {
  name: string;
  title: string;
  verdict: CheckVerdict;
  /** Every unknown of it is accepted by the baseline. */
  accepted: boolean;
  /** `service-restart ≤ 5 min` */
  objective: string;
  recovery: string;
  loss: string;
  /** Of the victim that was served again last, before, during and after the fault. */
  p95: [before: string, during: string, after: string];
  reason: string;
}

export function experimentLines({ experiments = [], checks }: VerdictDocument): ExperimentLine[] {
  return experiments.map((one) => {
    const { observation, verdict, reason, account } = one;
    const unknowns = checks.filter((check) => check.observation === observation && check.verdict === "unknown");
    const client = account && worstVictim(account);
    const name = experimentName(one);
    return {
      name,
      title: account?.title ?? name,
      verdict,
      accepted: verdict === "unknown" && unknowns.every((check) => check.accepted !== undefined),
      objective: account ? objectiveWords(account) : "–",
      recovery: recoveryWords(one),
      loss: account?.ledger ? lossWords(account.ledger) : "–",
      p95: [p95Words(client?.latency?.before), p95Words(client?.latency?.during), p95Words(client?.latency?.after)],
      reason,
    };
  });
}

/** Without the suite that it is registered in, as `chaos` takes it: `redis-killed`. */
export function experimentName({ observation }: JudgedExperiment): string {
  return observation.replace(/^[^/]*\//, "");
}

/** The one that was never served again, else the one that was served again last. */
export function worstVictim({ clients }: ExperimentAccount): ClientAccount | undefined {
  const lateness = ({ recovery }: ClientAccount) =>
    recovery === undefined ? Number.NEGATIVE_INFINITY : (recovery.recoveredMs ?? Number.POSITIVE_INFINITY);
  return clients.filter(({ victim }) => victim).toSorted((a, b) => lateness(b) - lateness(a))[0];
}

export function objectiveWords({ objective, promised }: ExperimentAccount): string {
  if (!promised) return objective;
  const { limit, unit } = promised;
  return `${objective} ≤ ${unit === "s" ? promisedTime(limit) : `${limit} ${unit}`}`;
}

/** `5 min`, `2 h`, `90 s`. */
function promisedTime(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

function recoveryWords({ account, missing }: JudgedExperiment): string {
  if (!account) return missing === undefined ? "–" : "no numbers";
  if (!account.moments) return account.aborted ? `nothing was hurt: ${account.aborted.guard}` : "no fault was seen to bite";
  const aborted = account.aborted ? `; ended early: ${account.aborted.guard}` : "";
  const client = worstVictim(account);
  if (!client?.recovery) return `not seen${aborted}`;
  return `${clientRecoveryWords(client)}${aborted}`;
}

/** `2.2 s (−11 ms, +40 ms)`: from the confirmed effect, and how much earlier or later it may have been. */
export function clientRecoveryWords({ recovery }: ClientAccount): string {
  if (!recovery) return "not seen";
  const { recoveredMs, bad, errorMs, confirmedAfterMs, watchedMs } = recovery;
  if (recoveredMs === undefined) return `not within ${duration(watchedMs)}`;
  return bad === 0 ? "noticed nothing" : `${duration(recoveredMs)} (−${duration(errorMs)}, +${duration(confirmedAfterMs)})`;
}

/** `24 of 394, 2.3 s`: how many acknowledged writes, and the period that they are of. */
export function lossWords({ acknowledged, readBack }: LedgerCount): string {
  if (!readBack) return `unknown of ${acknowledged}`;
  const { lost, lostMs } = readBack;
  return `${lost} of ${acknowledged}${lost > 0 && lostMs !== undefined ? `, ${duration(lostMs)}` : ""}`;
}

export function p95Words(latency: LatencySummary | undefined): string {
  return latencyWords(latency?.p95);
}

/** A percentile: `bad` where its rank falls on an answer that was not good, nothing where there are too few to say. */
export function latencyWords(ms: number | "bad" | undefined): string {
  if (ms === undefined) return "–";
  if (ms === "bad") return "bad";
  return ms < 10 ? `${ms.toFixed(1)} ms` : duration(ms);
}
