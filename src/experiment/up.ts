import type Dockerode from "dockerode";
import { loadSuites } from "../../suites/index.ts";
import { Reaper } from "../engine/reaper/reaper.ts";
import { removeRun } from "../engine/remove-run.ts";
import { type ExitCode, exitCodes, ResilienceError } from "../history/errors.ts";
import { type Replica, up } from "../replica/up.ts";
import { Progress } from "../report/progress.ts";
import { painter, terminal } from "../report/terminal.ts";
import { recordSecretScan } from "../report/write-reports.ts";
import { withDataDisk } from "../substitute/data-disk.ts";
import { type CandidateSource, loadPlan } from "./candidate.ts";
import { type Ending, endsOf } from "./ending.ts";
import { type Kept, keep, keptText } from "./keep.ts";
import { resourceEvents } from "./resources.ts";
import { Run, type RunSettings } from "./run.ts";
import { proveSteady } from "./steady.ts";

/** What `up` is told. */
export interface UpCommandOptions extends Omit<RunSettings, "command"> {
  candidate: CandidateSource;
  tier: "layer1" | "layer2" | "platform";
  tailnet: boolean;
  /** Gives the node a data disk of a size that can be filled. */
  dataDisk: boolean;
  interactive: boolean;
}

export interface UpOutcome {
  exitCode: ExitCode;
  document: object;
  text: string;
}

/**
 * Brings a replica up to a tier, proves that it is steady and keeps it. A red tier is said and ends with 1, and the replica stays, since somebody will want
 * to look at it; a start that fails or is interrupted leaves nothing.
 */
export async function runUp(options: UpCommandOptions): Promise<UpOutcome> {
  await loadSuites();
  const { plan: planned, origin } = await loadPlan(options.candidate, options);
  const plan = options.dataDisk ? withDataDisk(planned) : planned;
  const ends = endsOf(options.signal, undefined);
  const paint = painter({ isTTY: options.interactive, env: process.env });
  const progress = new Progress(process.stderr, paint);
  const run = await Run.open({ ...options, ...(origin ? { origin } : {}), command: "up" }, plan, progress.onEvent);
  const { history } = run;

  let docker: Dockerode | undefined;
  let reaper: Reaper | undefined;
  let replica: Replica | undefined;
  let kept: Kept | undefined;
  let ended: Ending = { reason: "completed" };
  let failure: unknown;
  try {
    const engine = await run.plan(plan, {
      observations: [],
      checks: [],
      notApplicable: [],
      upTo: options.tier,
      tailnet: options.tailnet,
      dataDisk: options.dataDisk,
    });
    docker = engine.docker;
    const { tailnet } = options;
    const images = await run.images(docker, plan, { tailnet });
    reaper = Reaper.start(run.id, engine.endpoint);
    replica = await up(
      {
        docker,
        runId: run.id,
        plan,
        images,
        append: (event) => void history.append(event),
        zeroNs: history.zeroNs,
        hide: (name, value) => void run.redactor.add(name, value),
        signal: ends.signal,
        onProgress: options.onProgress,
        upTo: options.tier,
        tailnet,
      },
      async () => {},
    );
    await proveSteady(replica, history, ends.signal);
    ends.signal.throwIfAborted();
    for (const event of await resourceEvents(docker, run.id, reaper.pid, replica)) history.append(event);
    kept = await keep(docker, run, replica, options.tier);
  } catch (error) {
    ended = ends.of(error);
    if (ended.reason === "crashed") failure = error;
    ends.stop();
    if (docker && reaper) {
      const started = performance.now();
      const { left } = await removeRun(docker, run.id);
      history.append({ type: "teardown", left, durationMs: Math.round(performance.now() - started) });
    }
  }
  // Kept or removed: in both cases there is nothing for the reaper to do.
  reaper?.dismiss();
  await recordSecretScan(history, run.redactor.secrets());
  history.append({ type: "run-ended", ...ended });
  const { verdict, events } = await run.finish();
  progress.end();
  if (failure instanceof ResilienceError && failure.exitCode >= exitCodes.badInput) throw failure;
  return {
    exitCode: verdict.exitCode,
    document: {
      format: "up",
      version: 1,
      run: run.id,
      verdict: verdict.verdict,
      cause: verdict.cause,
      kept: kept !== undefined,
      urls: kept?.urls ?? [],
      ...(kept ? { replicaFolder: kept.folder } : {}),
      runFolder: run.folder,
    },
    text: `${terminal(verdict, events, { folder: run.folder, paint })}${kept ? keptText(kept) : ""}`,
  };
}
