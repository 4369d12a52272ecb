import type { Finding } from "../../history/events.ts";
import { experimentFacts, type SideEffects } from "../../history/experiment.ts";
import type { Judgement, Seen } from "../check.ts";
import { all, condition, pass, round, unknown } from "../expect.ts";
import { hurtOf, type Story } from "./story.ts";

/** What one restart may leave on the disk (facts sheet, experiment X-15); Sprocket's own storage report tells of about 1 GB. */
const perRestartBytes = 1_000_000;
/** Descriptors that a service holds more than before: beyond that many it is told. */
const moreDescriptors = 100;

/** What an experiment leaves beside bad answers: the writable layers of restarts, and how much more the node's disk holds. */
export function sideEffectsSmall(seen: Seen, story: Story): Judgement {
  hurtOf(story);
  const [before, after] = ["before", "after"].map((when) =>
    seen.facts<SideEffects>(experimentFacts.sideEffects).find((one) => one.when === when),
  );
  if (!before || !after) return unknown("nobody counted before and after");
  const judged = restarts(before, after);
  const findings = descriptors(before, after, story.definition.name);
  const disk =
    before.diskUsedBytes === undefined || after.diskUsedBytes === undefined
      ? ""
      : `; the node's disk holds ${megabytes(after.diskUsedBytes - before.diskUsedBytes)} more`;
  const whole = judged.length === 0 ? pass("no service was restarted") : all(judged);
  return { ...whole, reason: `${whole.reason}${disk}`, ...(findings.length > 0 ? { findings } : {}) };
}

function restarts(before: SideEffects, after: SideEffects): Judgement[] {
  return Object.entries(after.tasks).flatMap(([service, tasks]) => {
    const restarted = tasks - (before.tasks[service] ?? 0);
    if (restarted <= 0) return [];
    const grown = (after.layerBytes[service] ?? 0) - (before.layerBytes[service] ?? 0);
    const met = `${megabytes(grown / restarted)} (${restarted} restart${restarted === 1 ? "" : "s"})`;
    return [condition(`${service}: layers for each restart`, met, "are at most 1 MB", grown / restarted <= perRestartBytes)];
  });
}

/** Somebody still holds what broke, when the clients are gone: no promise of the owners' is broken by it. */
function descriptors(before: SideEffects, after: SideEffects, experiment: string): Finding[] {
  return Object.entries(after.descriptors).flatMap(([service, held]) => {
    const earlier = before.descriptors[service];
    if (earlier === undefined || held - earlier <= moreDescriptors) return [];
    return [
      {
        rule: "resilience/descriptors-held",
        place: service,
        what: `${held} open descriptors some seconds after ${experiment}, ${earlier} before`,
        cure: "Shorten the time-outs of its connections, or raise its limit of descriptors.",
      },
    ];
  });
}

function megabytes(bytes: number): string {
  return `${round(bytes / 1e6)} MB`;
}
