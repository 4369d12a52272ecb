import type Dockerode from "dockerode";
import { runLabel, runnerLabel } from "./labels.ts";
import { isAlive, keptRunner } from "./live-runs.ts";
import { pruneStores } from "./node/golden-stores.ts";
import { cloneOwners, inStore, removeClones, removeRun } from "./remove-run.ts";

/** What `sweep` found of runs on this Docker. */
export interface SweepResult {
  /** Runs whose runner is gone: removed (or, in a dry run, what would be). */
  removed: string[];
  /** Replicas that `up` keeps on purpose; `down` removes them. */
  kept: string[];
  /** Runs whose runner is alive: left alone. */
  live: string[];
  /** Keys of golden stores that nobody used for long: removed (or would be). */
  stores: string[];
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
 * @param options.among only these runs are looked at, and no stores; all when not given
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
    stores: [],
  };
  if (!options.dryRun)
    for (const runId of result.removed)
      await (cloneOnly.includes(runId) ? removeClones(docker, runId) : removeRun(docker, runId));
  if (!options.among) {
    const dryRun = options.dryRun ?? false;
    result.stores = await pruneStores(docker, (argv) => inStore(docker, "sweep", argv), { dryRun });
  }
  return result;
}

function note(owners: Map<string, string>, labels: Record<string, string>): void {
  const run = labels[runLabel];
  if (run && owners.get(run) !== keptRunner) owners.set(run, labels[runnerLabel] || owners.get(run) || "");
}
