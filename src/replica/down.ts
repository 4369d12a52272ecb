import { rmSync } from "node:fs";
import { join } from "node:path";
import { openEngine } from "../engine/provision/open.ts";
import { removeRun } from "../engine/remove-run.ts";
import { runsOn } from "../engine/sweep.ts";
import { type ExitCode, exitCodes } from "../history/errors.ts";
import { replicaFolder } from "../history/run-files.ts";
import { theKept } from "./kept.ts";

export interface DownCommandOptions {
  run?: string;
  all: boolean;
  runsDir: string;
  signal: AbortSignal;
  onProgress: (line: string) => void;
}

export interface DownOutcome {
  exitCode: ExitCode;
  document: object;
  text: string;
}

/**
 * Takes kept replicas down, and what reached them: their secrets on disk. Says what is left, which is nothing but for exit code 1.
 * @throws ResilienceError E_REPLICA_UNKNOWN for a run id that is not kept
 */
export async function runDown(options: DownCommandOptions): Promise<DownOutcome> {
  // Where no engine is, no replica is kept, so none is provided for this.
  const { docker } = await openEngine({ provision: "never", onProgress: options.onProgress, signal: options.signal });
  const wanted = options.all ? (await runsOn(docker)).kept : [await theKept(docker, options.run)];
  const removed: { run: string; left: string[]; durationMs: number }[] = [];
  for (const run of wanted) {
    const started = performance.now();
    const { left } = await removeRun(docker, run);
    if (left.length === 0) rmSync(join(options.runsDir, run, replicaFolder), { recursive: true, force: true });
    removed.push({ run, left, durationMs: Math.round(performance.now() - started) });
  }
  const rows = removed.map(({ run, left, durationMs }) =>
    left.length === 0
      ? `${run} is down: nothing is left (${(durationMs / 1000).toFixed(1)} s)`
      : `${run}: left are ${left.join(", ")}`,
  );
  return {
    exitCode: removed.some((one) => one.left.length > 0) ? exitCodes.fail : exitCodes.pass,
    document: { format: "down", version: 1, removed },
    text: `${rows.length > 0 ? rows.join("\n") : "No replica is kept."}\n`,
  };
}
