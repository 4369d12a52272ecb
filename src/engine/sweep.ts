import type Dockerode from "dockerode";
import { runLabel, runnerLabel } from "./labels.ts";
import { isAlive, keptRunner } from "./live-runs.ts";
import { cloneOwners, removeClones, removeRun } from "./remove-run.ts";

/** What `sweep` found of runs on this Docker. */
export interface SweepResult {
  /** Runs whose runner is gone: removed (or, in a dry run, what would be). */
  removed: string[];
  /** Replicas that `up` keeps on purpose; `down` removes them. */
  kept: string[];
  /** Runs whose runner is alive: left alone. */
  live: string[];
}

/** Removes what belongs to no live run, by label, for machines that lost power; never touches anything that is not ours. */
export async function sweep(docker: Dockerode, options: { dryRun?: boolean } = {}): Promise<SweepResult> {
  const owners = new Map<string, string>();
  const filters = JSON.stringify({ label: [runLabel] });
  for (const container of await docker.listContainers({ all: true, filters })) {
    note(owners, container.Labels);
  }
  for (const network of await docker.listNetworks({ filters })) note(owners, network.Labels ?? {});
  const result: SweepResult = { removed: [], kept: [], live: [] };
  for (const [runId, runner] of owners) {
    if (runner === keptRunner) result.kept.push(runId);
    else if (runner !== "" && isAlive(runner)) result.live.push(runId);
    else result.removed.push(runId);
  }
  for (const runId of await cloneOwners(docker)) {
    if (!owners.has(runId)) {
      result.removed.push(runId);
      if (!options.dryRun) await removeClones(docker, runId);
    }
  }
  if (!options.dryRun) for (const runId of result.removed) if (owners.has(runId)) await removeRun(docker, runId);
  return result;
}

function note(owners: Map<string, string>, labels: Record<string, string>): void {
  const run = labels[runLabel];
  if (run && owners.get(run) !== keptRunner) owners.set(run, labels[runnerLabel] || owners.get(run) || "");
}
