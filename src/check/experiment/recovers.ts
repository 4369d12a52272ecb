import type { EventOf, Objective } from "../../history/events.ts";
import { type ClientUse, clientLabel, experimentFacts } from "../../history/experiment.ts";
import type { Judgement, Seen } from "../check.ts";
import type { TaskFact } from "../comes-back.ts";
import { all, fail, named, pass, round, unknown } from "../expect.ts";
import type { Good } from "../latency.ts";
import { recoveryOf } from "../recovery.ts";
import { hurtOf, type Moments, onClientClock, type Story, samplesOf } from "./story.ts";

/** Good answers in a row, and how long they last, that make a recovery. */
const proof = { run: 5, lastingMs: 1000 };

/** What one victim met, in milliseconds; see docs/measuring.md, "Recovery". */
export interface VictimRecovery {
  client: string;
  n: number;
  bad: number;
  relapses: number;
  /** From the confirmed effect to the first good answer that lasted; 0 when no bad answer was seen; absent when there was none. */
  recoveredMs?: number;
  /** How far from the truth that may be, to either side. */
  errorMs: number;
  /** From the confirmed effect to the first bad answer. */
  detectedMs?: number;
  /** From the last removal to the recovery. */
  afterRemovalMs?: number;
  steady: boolean | undefined;
  watchedMs: number;
}

/**
 * How a victim recovered. The client's samples are parted at the announcement, so that no bad answer of the fault counts as one before it; the time is
 * counted from the confirmed effect, and what lies between both is in the bound.
 */
export function victimRecovery(
  samples: readonly EventOf<"sample">[],
  client: ClientUse,
  good: Good,
  moments: Moments,
  clock: { atNs: number; errorNs: number },
): VictimRecovery | undefined {
  const { steady, recovery } = recoveryOf(samples, {
    announcedAt: clock.atNs,
    faultAt: clock.atNs + (moments.effect - moments.announced) * 1e6,
    clockError: clock.errorNs,
    good,
    ...proof,
  });
  if (!recovery) return undefined;
  const { recoveredMs, detectedMs, watchedMs } = recovery;
  return {
    client: clientLabel(client),
    n: samples.length,
    bad: recovery.bad,
    relapses: recovery.relapses,
    ...(recoveredMs === undefined ? {} : { recoveredMs }),
    errorMs: recovery.errorMs + (recovery.bad > 0 ? recovery.confirmedAfterMs : 0),
    ...(detectedMs === undefined ? {} : { detectedMs }),
    ...(recoveredMs === undefined || recovery.bad === 0
      ? {}
      : { afterRemovalMs: recoveredMs - (moments.removed - moments.effect) }),
    steady,
    watchedMs,
  };
}

/** When the orchestrator called the service running again, ms after the confirmed effect; absent where it said nothing. */
export function claimOf({ said, service }: Pick<Story, "said" | "service">, moments: Moments): number | undefined {
  const first = said.find((one) => one.service === service && one.action === "running" && one.t >= moments.announced);
  return first && first.t - moments.effect;
}

/** Every victim is served again within the objective, as it saw it itself. */
export function victimsRecover(seen: Seen, story: Story, goodOf: (client: string) => Good): Judgement {
  const moments = hurtOf(story);
  const objective = seen.objective(story.definition.objective);
  const limitMs = objective.limit * (objective.unit === "s" ? 1000 : 1);
  const claimMs = claimOf(story, moments);
  const expected = `every victim is served again at most ${objective.limit} ${objective.unit} after the fault's effect, ${proof.run} good answers in a row`;
  let worst: number | undefined;
  let n = 0;
  const judged = story.definition.victims.map((client) => {
    const samples = samplesOf(seen, client);
    const met = victimRecovery(samples, client, goodOf(client.client), moments, onClientClock(seen, client, moments.announced));
    n += samples.length;
    if (met?.recoveredMs !== undefined) worst = Math.max(worst ?? 0, met.recoveredMs);
    return named(clientLabel(client), judgeOne(met, { objective, limitMs, claimMs, given: notRestarted(seen) }));
  });
  if (judged.length === 0) return unknown("nobody was watched", { expected });
  const together = all(judged);
  const value = worst === undefined ? undefined : objective.unit === "s" ? worst / 1000 : worst;
  const whole = judged.every(({ verdict }) => verdict === "pass" || verdict === "fail");
  return {
    ...together,
    expected,
    ...(value === undefined || !whole ? {} : { measured: [{ objective: objective.id, value: round(value), n }] }),
  };
}

/** Why nothing is to come: Swarm wants no task of the service any more. */
function notRestarted(seen: Seen): string | undefined {
  const tasks = seen.facts<TaskFact[]>(experimentFacts.tasks).at(-1) ?? [];
  const [last] = tasks;
  if (!last || tasks.some(({ desired }) => desired === "running" || desired === "ready")) return undefined;
  const exit = last.exitCode === undefined ? "" : ` with exit code ${last.exitCode}`;
  return `Swarm does not restart it: its last task is ${last.state}${exit}, and no other is wanted`;
}

function judgeOne(
  met: VictimRecovery | undefined,
  {
    objective,
    limitMs,
    claimMs,
    given,
  }: { objective: Objective; limitMs: number; claimMs?: number | undefined; given: string | undefined },
): Judgement {
  if (!met) return unknown("no sample was taken after the fault");
  if (met.steady === undefined) return unknown("no sample was taken before the fault");
  if (!met.steady) return unknown("there was no good answer just before the fault, so its effect cannot be told");
  if (met.recoveredMs === undefined) {
    const words = `${met.bad} bad answers, no recovery in ${seconds(met.watchedMs)}`;
    if (given !== undefined) return fail(`${given} (watched ${seconds(met.watchedMs)})`, { observed: words });
    return met.watchedMs < limitMs
      ? unknown(
          `not recovered when the watch ended after ${seconds(met.watchedMs)}; the limit is ${objective.limit} ${objective.unit}`,
          { observed: words },
        )
      : fail(`never recovered: the limit is ${objective.limit} ${objective.unit}, watched ${seconds(met.watchedMs)}`, {
          observed: words,
        });
  }
  if (met.bad === 0) return pass(`noticed nothing (n = ${met.n})`, { observed: "no bad answer" });
  const after = met.afterRemovalMs === undefined ? "" : `, ${seconds(met.afterRemovalMs)} after the fault was removed`;
  const noticed = met.detectedMs === undefined ? "" : `, noticed after ${seconds(met.detectedMs)}`;
  const blind =
    claimMs === undefined
      ? ""
      : `; the orchestrator called it running after ${seconds(claimMs)}, ${seconds(Math.abs(met.recoveredMs - claimMs))} ${met.recoveredMs >= claimMs ? "too early" : "later"}`;
  const relapsed = met.relapses > 0 ? `, then ${met.relapses} bad again` : "";
  const words = `served again after ${seconds(met.recoveredMs)} (± ${seconds(met.errorMs)}${after}${noticed}, ${met.bad} of ${met.n} bad${relapsed})${blind}`;
  const extra = { observed: words };
  if (met.recoveredMs + met.errorMs <= limitMs) return pass(words, extra);
  if (met.recoveredMs - met.errorMs > limitMs)
    return fail(`${words}, promised at most ${objective.limit} ${objective.unit}`, extra);
  return unknown(`cannot be told: ${words}, the limit is ${objective.limit} ${objective.unit}`, extra);
}

function seconds(ms: number): string {
  return `${round(ms / 1000)} s`;
}
