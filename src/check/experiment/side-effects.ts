import type { Finding } from "../../history/events.ts";
import { experimentFacts, type SideEffects } from "../../history/experiment.ts";
import type { Judgement, Seen } from "../check.ts";
import { all, condition, pass, round, unknown } from "../expect.ts";
import { type Gauges, gaugesSeen } from "./gauges.ts";
import { hurtOf, type Story } from "./story.ts";

/** What one restart may leave on the disk (facts sheet, experiment X-15); Sprocket's own storage report tells of about 1 GB. */
const perRestartBytes = 1_000_000;
/** Descriptors that a service holds more than before: beyond that many it is told. */
const moreDescriptors = 100;

/** What an experiment leaves beside bad answers: the writable layers of restarts, and, told only, disk, descriptors, lost lines of logs, connections and messages. */
export function sideEffectsSmall(seen: Seen, story: Story, gauges: Gauges): Judgement {
  hurtOf(story);
  const [before, after] = ["before", "after"].map((when) =>
    seen.facts<SideEffects>(experimentFacts.sideEffects).find((one) => one.when === when),
  );
  if (!before || !after) return unknown("nobody counted before and after");
  const judged = restarts(before, after);
  const logs = logLines(before, after, story.definition.name);
  const counted = gaugesSeen(seen, story, gauges);
  const findings = [...descriptors(before, after, story.definition.name), ...logs.findings, ...counted.findings];
  const disk =
    before.diskUsedBytes === undefined || after.diskUsedBytes === undefined
      ? ""
      : `; the node's disk holds ${moreOrLess(after.diskUsedBytes - before.diskUsedBytes)}`;
  const whole = judged.length === 0 ? pass("no service was restarted") : all(judged);
  const reason = [`${whole.reason}${disk}`, ...logs.words, ...counted.words].join("; ");
  return { ...whole, reason, ...(findings.length > 0 ? { findings } : {}) };
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

/** Lines that could be read before and cannot be any more: their task's container is gone (Swarm keeps a service's last five), or its log went round. */
function logLines(before: SideEffects, after: SideEffects, experiment: string): { words: string[]; findings: Finding[] } {
  const [had, has] = [before.logLines, after.logLines];
  if (!had || !has) return { words: ["logs were not counted"], findings: [] };
  const lost: Record<string, number> = {};
  let readable = 0;
  for (const [container, { service, lines }] of Object.entries(had)) {
    readable += lines;
    const gone = lines - (has[container]?.lines ?? 0);
    if (gone > 0) lost[service] = (lost[service] ?? 0) + gone;
  }
  const findings = Object.entries(lost).map(([service, lines]) => ({
    rule: "resilience/log-lines-lost",
    place: service,
    what: `${lines} lines of its log that could be read before ${experiment} cannot be read after it`,
    cure: "Send logs off the node, or keep more ended tasks (docker swarm update --task-history-limit) and longer logs.",
  }));
  const total = Object.values(lost).reduce((sum, lines) => sum + lines, 0);
  return { words: [`${total} of ${readable} lines of logs lost`], findings };
}

function moreOrLess(bytes: number): string {
  return `${megabytes(Math.abs(bytes))} ${bytes < 0 ? "less" : "more"}`;
}

function megabytes(bytes: number): string {
  return `${round(bytes / 1e6)} MB`;
}
