import { appendFileSync, readFileSync } from "node:fs";
import type Dockerode from "dockerode";
import { loadSuites } from "../../suites/index.ts";
import type { VerdictDocument } from "../check/verdict.ts";
import { Reaper } from "../engine/reaper/reaper.ts";
import { removeRun } from "../engine/remove-run.ts";
import { exitCodes, ResilienceError } from "../history/errors.ts";
import type { Tier } from "../history/events.ts";
import { type Replica, up } from "../replica/up.ts";
import { Progress } from "../report/progress.ts";
import { painter, terminal } from "../report/terminal.ts";
import { recordSecretScan } from "../report/write-reports.ts";
import { withDataDisk } from "../substitute/data-disk.ts";
import { type CandidateSource, loadPlan } from "./candidate.ts";
import { experimentMeans } from "./chaos/means.ts";
import { type Ending, endsOf } from "./ending.ts";
import { type Kept, keep, keptText } from "./keep.ts";
import { mutationNamed } from "./mutations/index.ts";
import { variantNamed } from "./mutations/variants.ts";
import { Observer } from "./observe.ts";
import { resourceEvents } from "./resources.ts";
import { Run, type RunSettings } from "./run.ts";
import { refuseUnmatched, select } from "./selection.ts";
import { proveSteady } from "./steady.ts";

/** What a gate is told; durations in milliseconds. */
export interface GateOptions extends Omit<RunSettings, "command"> {
  candidate: CandidateSource;
  only?: string[];
  /** Runs experiments instead of the gate's own checks; `only` names theirs. */
  experiments?: true;
  keepOnFail: boolean;
  deadlineMs?: number;
  json: boolean;
  interactive: boolean;
}

export interface GateOutcome {
  exitCode: 0 | 1 | 2 | 130;
  document: VerdictDocument;
  text: string;
}

/** Up, all checks, down: brings a replica of the candidate up, judges it as its clients would, takes it down. */
export async function runGate(options: GateOptions): Promise<GateOutcome> {
  await loadSuites();
  const among = { experiments: options.experiments ?? false };
  refuseUnmatched(options.only, among);
  const mutation = options.mutation === undefined ? undefined : mutationNamed(options.mutation);
  const variant = variantNamed(options.variant ?? mutation?.of);
  const { plan: planned, origin } = await loadPlan(options.candidate, options, (candidate) => {
    const base = variant ? variant.candidate(candidate) : candidate;
    return mutation?.candidate ? mutation.candidate(base) : base;
  });
  const selection = select(planned, options.only, among);
  const plan = selection.dataDisk ? withDataDisk(planned) : planned;

  const ends = endsOf(options.signal, options.deadlineMs);
  const { signal } = ends;
  const paint = painter({ isTTY: options.interactive, env: process.env });
  const progress = new Progress(process.stderr, paint);
  const run = await Run.open(
    {
      ...options,
      ...(variant ? { variant: variant.name, expects: options.expects ?? variant.expects } : {}),
      ...(origin ? { origin } : {}),
      command: options.experiments ? "chaos" : "gate",
      signal,
    },
    plan,
    progress.onEvent,
  );
  const { history } = run;

  let docker: Dockerode | undefined;
  let reaper: Reaper | undefined;
  let replica: Replica | undefined;
  let ended: Ending = { reason: "completed" };
  let failure: unknown;
  let kept: Kept | undefined;
  const looks: Promise<void>[] = [];
  const looksAt = (tier: Tier) =>
    selection.observations.filter((one) => one.tier === tier && one.effect === "observe" && !one.alone);
  try {
    const engine = await run.plan(plan, selection);
    docker = engine.docker;
    const { tailnet } = selection;
    const images = await run.images(docker, plan, { tailnet });
    reaper = Reaper.start(run.id, engine.endpoint);
    const observers: { observer?: Observer } = {};
    replica = await up(
      {
        docker,
        runId: run.id,
        plan,
        images,
        append: (event) => void history.append(event),
        zeroNs: history.zeroNs,
        hide: (name, value) => void run.redactor.add(name, value),
        signal,
        onProgress: options.onProgress,
        upTo: selection.upTo,
        tailnet,
        ...(mutation?.replica ? { mutation: mutation.replica } : {}),
      },
      async (running, tier) => {
        observers.observer ??= new Observer(
          running,
          history,
          signal,
          (name, value) => void run.redactor.add(name, value),
          experimentMeans(run.folder, run, running.docker),
        );
        if (mutation?.afterTier === tier) await mutation.running?.(running);
        // A tier is looked at as soon as it is up, while the next one starts; the last one when the entry point knows its routes too.
        if (tier !== selection.upTo) looks.push(observers.observer.together(looksAt(tier)));
      },
    );
    const observer = observers.observer as Observer;
    if (mutation?.running && !mutation.afterTier) await mutation.running(replica);
    await Promise.all(looks);
    await proveSteady(replica, history, signal);
    await observer.together(looksAt(selection.upTo));
    await observer.together(selection.observations.filter((one) => one.effect === "write" && !one.alone));
    await observer.oneByOne(selection.observations.filter((one) => one.effect !== "disrupt" && one.alone && !one.last));
    await observer.oneByOne(selection.observations.filter((one) => one.effect === "disrupt"));
    await observer.oneByOne(selection.observations.filter((one) => one.last));
    for (const event of await resourceEvents(docker, run.id, reaper.pid, replica)) history.append(event);
    if (signal.aborted) throw signal.reason;
  } catch (error) {
    ended = ends.of(error);
    if (ended.reason === "crashed") failure = error;
    // What is still looking must have ended before the history does.
    ends.stop();
    await Promise.allSettled(looks);
  }
  let clean = true;
  if (docker && reaper) {
    if (options.keepOnFail && replica && ended.reason === "completed" && !(await run.passedSoFar()))
      kept = await keep(docker, run, replica, selection.upTo);
    else {
      const started = performance.now();
      const { left } = await removeRun(docker, run.id);
      history.append({ type: "teardown", left, durationMs: Math.round(performance.now() - started) });
      clean = left.length === 0;
    }
    // What could not be removed is left to the reaper, which begins when this process ends.
    if (clean) reaper.dismiss();
  }
  await recordSecretScan(history, run.redactor.secrets());
  history.append({ type: "run-ended", ...ended });
  const { verdict, events, reports } = await run.finish();
  progress.end();
  if (process.env.GITHUB_STEP_SUMMARY) appendFileSync(process.env.GITHUB_STEP_SUMMARY, readFileSync(reports.summary));
  // What kept the run from beginning (no engine, no image) is the command's own error, not a verdict on the candidate.
  if (failure instanceof ResilienceError && !replica && failure.exitCode >= exitCodes.badInput) throw failure;
  return {
    exitCode: verdict.exitCode,
    document: verdict,
    text: `${terminal(verdict, events, { folder: run.folder, paint })}${kept ? keptText(kept) : ""}`,
  };
}
