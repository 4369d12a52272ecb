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

/** Runs of which something is on this Docker, sorted by id. */
export async function runsOn(docker: Dockerode): Promise<{ dead: string[]; kept: string[]; live: string[] }> {
  const owners = new Map<string, string>();
  const filters = JSON.stringify({ label: [runLabel] });
  for (const container of await docker.listContainers({ all: true, filters })) note(owners, container.Labels);
  for (const network of await docker.listNetworks({ filters })) note(owners, network.Labels ?? {});
  const runs: Record<"dead" | "kept" | "live", string[]> = { dead: [], kept: [], live: [] };
  for (const [runId, runner] of [...owners].sort(([a], [b]) => a.localeCompare(b))) {
    const state = runner === keptRunner ? "kept" : runner !== "" && isAlive(runner) ? "live" : "dead";
    runs[state].push(runId);
  }
  return runs;
}

/**
 * Removes what belongs to no live run, by label, for machines that lost power; never touches anything that is not ours.
 *
 * @param options.among only these runs are looked at; all when not given
 */
export async function sweep(docker: Dockerode, options: { dryRun?: boolean; among?: string[] } = {}): Promise<SweepResult> {
  const wanted = (runId: string) => options.among?.includes(runId) ?? true;
  // Clones first: a run that begins in between labels its containers before its node makes a clone.
  const clones = await cloneOwners(docker);
  const { dead, kept, live } = await runsOn(docker);
  const cloneOnly = clones.filter((runId) => ![...dead, ...kept, ...live].includes(runId));
  const result: SweepResult = {
    removed: [...dead, ...cloneOnly].filter(wanted),
    kept: kept.filter(wanted),
    live: live.filter(wanted),
  };
  if (options.dryRun) return result;
  for (const runId of result.removed) await (cloneOnly.includes(runId) ? removeClones(docker, runId) : removeRun(docker, runId));
  return result;
}

function note(owners: Map<string, string>, labels: Record<string, string>): void {
  const run = labels[runLabel];
  if (run && owners.get(run) !== keptRunner) owners.set(run, labels[runnerLabel] || owners.get(run) || "");
}
