import type { Objective } from "../../history/events.ts";
import { type Abort, type ClientUse, clientLabel, experimentFacts } from "../../history/experiment.ts";
import { msIn } from "../../history/objective-time.ts";
import type { Judgement, Seen } from "../check.ts";
import { notRestarted, type TaskFact } from "../comes-back.ts";
import { errorBudgetOf } from "../error-budget.ts";
import { all, fail, named, pass, round, unknown } from "../expect.ts";
import type { Good } from "../latency.ts";
import { type Recovery, recoveryOf } from "../recovery.ts";
import { hurtOf, type Moments, onClientClock, type Story, samplesOf } from "./story.ts";

/** Good answers in a row, and how long they last, that make a recovery. */
const proof = { run: 5, lastingMs: 1000 };

/** What one victim met; see docs/measuring.md, "Recovery". */
export interface VictimRecovery extends Recovery {
  n: number;
  /** From the last removal to the recovery, milliseconds; absent when there was none, or nothing to recover from. */
  afterRemovalMs?: number;
}

/**
 * How a victim recovered: counted from the confirmed effect, while what was answered badly since the announcement belongs to the outage. Nothing when it looked no more after the effect.
 */
export function victimRecovery(
  seen: Seen,
  client: ClientUse,
  good: Good,
  moments: Moments,
): { steady: boolean | undefined; met: VictimRecovery | undefined } {
  const samples = samplesOf(seen, client);
  const effect = onClientClock(seen, client, moments.effect);
  const { steady, recovery } = recoveryOf(samples, {
    announcedAt: onClientClock(seen, client, moments.announced).atNs,
    faultAt: effect.atNs,
    clockError: effect.errorNs,
    good,
    ...proof,
  });
  if (!recovery) return { steady, met: undefined };
  const after =
    recovery.recoveredMs !== undefined && recovery.bad > 0
      ? recovery.recoveredMs - (moments.removed - moments.effect)
      : undefined;
  return { steady, met: { ...recovery, n: samples.length, ...(after === undefined ? {} : { afterRemovalMs: after }) } };
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
  const limitMs = objective.limit * msIn(objective);
  const claimMs = claimOf(story, moments);
  const expected = `every victim is served again at most ${objective.limit} ${objective.unit} after the fault's effect, ${proof.run} good answers in a row`;
  let worst: number | undefined;
  let n = 0;
  const judged = story.definition.victims.map((client) => {
    const { steady, met } = victimRecovery(seen, client, goodOf(client.client), moments);
    n += met?.n ?? 0;
    if (met?.recoveredMs !== undefined) worst = Math.max(worst ?? 0, met.recoveredMs);
    return named(
      clientLabel(client),
      judgeOne(steady, met, {
        objective,
        limitMs,
        claimMs,
        given: notRestarted(seen.facts<TaskFact[]>(experimentFacts.tasks).at(-1) ?? []),
        aborted: story.aborted,
      }),
    );
  });
  if (judged.length === 0) return unknown("nobody was watched", { expected });
  const together = all(judged);
  const budget = judged.some(({ verdict }) => verdict !== "pass") ? undefined : budgetUsed(seen, story, goodOf);
  const value = worst === undefined ? undefined : worst / msIn(objective);
  const whole = judged.every(({ verdict }) => verdict === "pass" || verdict === "fail");
  return {
    ...together,
    expected,
    ...(budget ? { reason: `${together.reason}; ${budget.words}` } : {}),
    ...(value === undefined || !whole
      ? {}
      : { measured: [{ objective: objective.id, value: round(value), n }, ...(budget ? [budget.measured] : [])] }),
  };
}

/** How much of a month's budget the worst hit victim's bad answers use up, where the owners promised an uptime. */
function budgetUsed(seen: Seen, { definition }: Story, goodOf: (client: string) => Good) {
  if (definition.uptime === undefined) return undefined;
  const objective = seen.objective(definition.uptime);
  const used = definition.victims.flatMap(
    (client) => errorBudgetOf(samplesOf(seen, client), objective, goodOf(client.client)) ?? [],
  );
  const worst = used.toSorted((a, b) => b.badS - a.badS)[0];
  if (!worst) return undefined;
  return {
    words: `${round(worst.badS)} s of bad answers are ${round(worst.spent * 100)} % of a month's budget, burn rate ${round(worst.burnRate)} while it was watched`,
    measured: { objective: objective.id, value: worst.spent * objective.limit, n: worst.n },
  };
}

function judgeOne(
  steady: boolean | undefined,
  met: VictimRecovery | undefined,
  limits: {
    objective: Objective;
    limitMs: number;
    claimMs: number | undefined;
    given: string | undefined;
    aborted: Abort | undefined;
  },
): Judgement {
  const { objective, limitMs, claimMs, given, aborted } = limits;
  if (steady === undefined) return unknown("no sample was taken before the fault");
  if (!steady) return unknown("there was no good answer just before the fault, so its effect cannot be told");
  if (!met) return unknown("no sample was taken after the fault");
  const promised = `${objective.limit} ${objective.unit}`;
  if (met.recoveredMs === undefined) {
    const observed = `${met.bad} bad answers, no recovery in ${seconds(met.watchedMs)}`;
    if (given !== undefined) return fail(`${given} (watched ${seconds(met.watchedMs)})`, { observed });
    if (aborted) return unknown(`ended by a guardrail (${aborted.guard}): ${aborted.why}; ${observed}`, { observed });
    return met.watchedMs < limitMs
      ? unknown(`not recovered when the watch ended after ${seconds(met.watchedMs)}; the limit is ${promised}`, { observed })
      : fail(`never recovered: the limit is ${promised}, watched ${seconds(met.watchedMs)}`, { observed });
  }
  const words = recoveryWords(met, met.recoveredMs, claimMs);
  const extra = { observed: words };
  if (met.recoveredMs + met.confirmedAfterMs <= limitMs) return pass(words, extra);
  if (met.recoveredMs - met.errorMs > limitMs) return fail(`${words}, promised at most ${promised}`, extra);
  return unknown(`cannot be told: ${words}, the limit is ${promised}`, extra);
}

/** The numbers of one recovery, each with how far it may be from the truth. */
function recoveryWords(met: VictimRecovery, recoveredMs: number, claimMs: number | undefined): string {
  if (met.bad === 0) return `noticed nothing (n = ${met.n})`;
  const parts = [
    `at most ${seconds(met.errorMs)} earlier, ${seconds(met.confirmedAfterMs)} later`,
    ...(met.afterRemovalMs === undefined ? [] : [`${seconds(met.afterRemovalMs)} after the fault was removed`]),
    ...(met.detectedMs === undefined ? [] : [`noticed after ${seconds(met.detectedMs)}`]),
    ...(met.outageMs === undefined ? [] : [`outage ${seconds(met.outageMs)} ± ${seconds(met.outageErrorMs ?? 0)}`]),
    `${met.bad} of ${met.n} bad${met.relapses > 0 ? `, then ${met.relapses} bad again` : ""}`,
  ];
  const words = `served again after ${seconds(recoveredMs)} (${parts.join(", ")})`;
  if (claimMs === undefined) return words;
  const blind = `${seconds(Math.abs(recoveredMs - claimMs))} ${recoveredMs >= claimMs ? "too early" : "later"}`;
  return `${words}; the orchestrator called it running after ${seconds(claimMs)}, ${blind}`;
}

function seconds(ms: number): string {
  return `${round(ms / 1000)} s`;
}
