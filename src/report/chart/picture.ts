import type { ClientAccount, ExperimentAccount } from "../../check/experiment/account.ts";
import { type Story, storyOf } from "../../check/experiment/story.ts";
import { type SideFile, seenOf } from "../../check/seen.ts";
import type { HistoryEvent } from "../../history/events.ts";
import { type ExperimentPhase, experimentPhases } from "../../history/experiment.ts";
import { type FaultLife, faultLives } from "./fault-lives.ts";
import type { Answer } from "./reduce.ts";

/** All that a chart shows of an experiment, in milliseconds since the run began. */
export interface Picture {
  fromMs: number;
  toMs: number;
  /** What the axis counts from. */
  zero: { atMs: number; is: "effect" | "announced" | "beginning" };
  phases: { phase: ExperimentPhase; fromMs: number; toMs: number }[];
  faults: FaultLife[];
  clients: Watched[];
  said: Story["said"];
}

/** A client with its answers, in the order of their due times; none when `missing` says why. */
export interface Watched {
  account: ClientAccount;
  answers: Answer[];
  missing?: string;
}

/** @throws NotSeen when the history does not say what the experiment was */
export function pictureOf(
  account: ExperimentAccount,
  observation: string,
  events: readonly HistoryEvent[],
  sideFile: SideFile,
): Picture {
  const { seen } = seenOf(observation, events, sideFile);
  const story = storyOf(seen, observation);
  const clients = account.clients.map((one) => watched(one, (label) => seen.samples(label)));
  const faults = faultLives(seen.faults());
  const mine = events.filter((event) => "observation" in event && event.observation === observation);
  const { phases, moments } = story;
  // Not all answers at once as arguments: a function takes only so many.
  const dues = clients.flatMap(({ answers }) => [answers[0], answers.at(-1)]).flatMap((one) => (one ? [one.atMs] : []));
  const fromMs = Math.min(...dues, phases.control ?? phases.precondition ?? mine[0]?.t ?? 0);
  const toMs = Math.max(fromMs + 1, ...dues, phases.ended ?? mine.at(-1)?.t ?? 0);
  const announced = faults[0]?.announced;
  const zero: Picture["zero"] = moments
    ? { atMs: moments.effect, is: "effect" }
    : announced === undefined
      ? { atMs: fromMs, is: "beginning" }
      : { atMs: announced, is: "announced" };
  return {
    fromMs,
    toMs,
    zero,
    phases: phasesIn(phases, fromMs, toMs),
    faults,
    clients,
    said: story.said.filter(({ t }) => t >= fromMs && t <= toMs).toSorted((a, b) => a.t - b.t),
  };
}

/** Each lasts until the next one that began. */
function phasesIn(begun: Story["phases"], fromMs: number, toMs: number): Picture["phases"] {
  const known = experimentPhases.flatMap((phase) => {
    const at = begun[phase];
    return at === undefined ? [] : [{ phase, at }];
  });
  return known
    .map(({ phase, at }, index) => ({ phase, fromMs: Math.max(at, fromMs), toMs: known[index + 1]?.at ?? toMs }))
    .filter((one) => one.toMs > one.fromMs);
}

function watched(account: ClientAccount, samplesOf: (label: string) => { sample: { due: number; done: number } }[]): Watched {
  const { label, clock, missing, n, bad } = account;
  if (missing !== undefined || !clock) return { account, answers: [], missing: missing ?? "nothing was recorded" };
  let samples: { due: number; done: number }[];
  try {
    samples = samplesOf(label).map(({ sample }) => sample);
  } catch (error) {
    return { account, answers: [], missing: (error as Error).message };
  }
  if (samples.length !== n)
    return { account, answers: [], missing: `the verdict speaks of ${n} samples, and ${samples.length} are here` };
  samples.sort((a, b) => a.due - b.due);
  const isBad = new Set(bad.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, at) => from + at)));
  const answers = samples.map(({ due, done }, at) => ({
    atMs: (due - clock.offsetNs) / 1e6,
    tookMs: (done - due) / 1e6,
    good: !isBad.has(at),
  }));
  return { account, answers };
}
