import { experimentFacts, type SideEffects } from "../../history/experiment.ts";
import type { Judgement, Seen } from "../check.ts";
import { all, condition, pass, round, unknown } from "../expect.ts";
import { hurtOf, type Story } from "./story.ts";

/** What one restart may leave on the disk (facts sheet, experiment X-15); Sprocket's own storage report tells of about 1 GB. */
const perRestartBytes = 1_000_000;
/** Descriptors that a service holds more than before: beyond that many somebody does not close what broke. */
const moreDescriptors = 100;

/** What an experiment leaves beside bad answers: the writable layers of restarts, descriptors that nobody closed, and how much more the node's disk holds. */
export function sideEffectsSmall(seen: Seen, story: Story): Judgement {
  hurtOf(story);
  const [before, after] = ["before", "after"].map((when) =>
    seen.facts<SideEffects>(experimentFacts.sideEffects).find((one) => one.when === when),
  );
  if (!before || !after) return unknown("nobody counted before and after");
  const judged = [...restarts(before, after), ...descriptors(before, after)];
  const disk =
    before.diskUsedBytes === undefined || after.diskUsedBytes === undefined
      ? ""
      : `; the node's disk holds ${megabytes(after.diskUsedBytes - before.diskUsedBytes)} more`;
  const whole = judged.length === 0 ? pass("no service was restarted, and none holds more descriptors") : all(judged);
  return { ...whole, reason: `${whole.reason}${disk}` };
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

function descriptors(before: SideEffects, after: SideEffects): Judgement[] {
  return Object.entries(after.descriptors).flatMap(([service, held]) => {
    const earlier = before.descriptors[service];
    if (earlier === undefined || held <= earlier) return [];
    const met = `${earlier} before, ${held} after`;
    return [
      condition(`${service}: open descriptors`, met, `are at most ${moreDescriptors} more`, held - earlier <= moreDescriptors),
    ];
  });
}

function megabytes(bytes: number): string {
  return `${round(bytes / 1e6)} MB`;
}
