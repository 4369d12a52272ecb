import { clientLabel, type Meanwhile } from "../../history/experiment.ts";
import type { Judgement, Seen } from "../check.ts";
import { all, condition, named, round, unknown } from "../expect.ts";
import type { Good } from "../latency.ts";
import { hurtOf, onClientClock, type Story, samplesOf } from "./story.ts";

/**
 * What must hold while a fault is there, of one client's answers that were due from its confirmed effect to its removal (what applying it disturbs is no part of it); after a crash, until the recovery's phase was over.
 */
export function holdsMeanwhile(seen: Seen, story: Story, goodOf: (client: string) => Good): Judgement {
  const moments = hurtOf(story);
  const until = moments.removed > moments.effect ? moments.removed : (story.phases.after ?? story.phases.ended);
  if (until === undefined) return unknown("it was ended before its fault was over");
  const judged = (story.definition.meanwhile ?? []).map((one) => {
    const client = [...story.definition.victims, ...story.definition.bystanders].find((use) => clientLabel(use) === one.client);
    if (!client) return named(one.client, unknown("nobody of that name looked"));
    const [from, to] = [moments.effect, until].map((t) => onClientClock(seen, client, t).atNs) as [number, number];
    const during = samplesOf(seen, client).filter(({ sample }) => sample.due >= from && sample.due < to);
    if (during.length === 0) return named(one.client, unknown("no sample was due while the fault was there"));
    return named(one.client, all(conditions(one, during, goodOf(client.client))));
  });
  return judged.length === 0 ? unknown("nothing was to hold meanwhile") : all(judged);
}

function conditions({ answersWithinMs, badAtMost }: Meanwhile, during: ReturnType<typeof samplesOf>, good: Good): Judgement[] {
  const n = during.length;
  const judged: Judgement[] = [];
  if (badAtMost !== undefined) {
    const bad = during.filter(({ sample }) => !good(sample)).length;
    const met = `${round((bad / n) * 100)} % (${bad} of ${n})`;
    judged.push(condition("bad answers", met, `are at most ${round(badAtMost * 100)} %`, bad / n <= badAtMost));
  }
  if (answersWithinMs !== undefined) {
    // A client that gave up has no answer, however short its patience; one that was refused has.
    const late = during.filter(({ sample }) => {
      const unanswered =
        sample.error?.kind === "timeout" || sample.error?.kind === "connect-timeout" || sample.error?.kind === "not-sent";
      return unanswered || (sample.done - sample.due) / 1e6 > answersWithinMs;
    }).length;
    const slowest = during.reduce((most, { sample }) => Math.max(most, (sample.done - sample.due) / 1e6), 0);
    const met = late === 0 ? `${round(slowest)} ms (n = ${n})` : `${late} of ${n} later or none at all`;
    judged.push(condition("each answer, good or bad, comes", met, `within ${answersWithinMs} ms`, late === 0));
  }
  return judged;
}
