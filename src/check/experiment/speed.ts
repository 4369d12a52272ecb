import { type ClientUse, clientLabel } from "../../history/experiment.ts";
import type { Judgement, Seen } from "../check.ts";
import { all, named, round, unknown } from "../expect.ts";
import type { Good, LatencySummary } from "../latency.ts";
import { backWithin, type PhaseTimes, phasesOf } from "../phases.ts";
import { victimRecovery } from "./recovers.ts";
import { hurtOf, type Moments, onClientClock, type Story, samplesOf } from "./story.ts";

/**
 * When the fault was there for one client, on its own clock: until it was removed and the client was served again. One that never got a bad answer may all the same have
 * got slow ones for as long as it was held.
 */
export function phaseTimesOf(seen: Seen, client: ClientUse, good: Good, moments: Moments): PhaseTimes {
  const { met } = victimRecovery(seen, client, good, moments);
  const effectNs = onClientClock(seen, client, moments.announced).atNs;
  const confirmedNs = onClientClock(seen, client, moments.effect).atNs;
  return {
    effectNs,
    ...(moments.removed > moments.effect ? { removedNs: onClientClock(seen, client, moments.removed).atNs } : {}),
    ...(met?.recoveredMs === undefined
      ? {}
      : { recoveredNs: Math.max(confirmedNs + met.recoveredMs * 1e6, onClientClock(seen, client, moments.removed).atNs) }),
  };
}

/** Once a victim is served again it is served as fast as the owners promise: p95 within the objective for the API, as it was before the fault. */
export function victimsBackAtSpeed(seen: Seen, story: Story, goodOf: (client: string) => Good): Judgement {
  const moments = hurtOf(story);
  const objective = seen.objective("api-p95");
  const judged = story.definition.victims.map((client) => {
    const good = goodOf(client.client);
    const times = phaseTimesOf(seen, client, good, moments);
    const samples = samplesOf(seen, client);
    // What one victim met is no measurement of the API's own objective.
    const { measured: _, ...back } = backWithin(samples, 95, { times, objective, good });
    const { before, during, after } = phasesOf(samples, times, good);
    const words = `before ${latencyWords(before)}; during ${latencyWords(during)}; after ${latencyWords(after)}`;
    return named(clientLabel(client), { ...back, observed: words });
  });
  return judged.length === 0 ? unknown("nobody was watched") : all(judged);
}

function latencyWords({ n, bad, p50, p95, p99, maxMs }: LatencySummary): string {
  const ms = (value: number | "bad" | undefined) => (typeof value === "number" ? `${round(value)}` : (value ?? "–"));
  return `p50/p95/p99/max ${ms(p50)}/${ms(p95)}/${ms(p99)}/${ms(maxMs)} ms (n = ${n}, ${bad} bad)`;
}
