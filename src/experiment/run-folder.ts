import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { replicaFolder } from "../history/run-files.ts";
import { historyFile } from "../history/writer.ts";

/** A run's id: when it began (UTC) and four letters of chance; it names its folder, its containers and its networks. */
export function newRunId(now = new Date()): string {
  const stamp = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  return `${stamp}-${randomBytes(2).toString("hex")}`;
}

/** What a run is named like. */
export const runName = /^\d{8}-\d{6}-[0-9a-f]{4}$/;

/**
 * Removes all but the newest `keep` runs; a folder that is not named like a run, or holds no history, is not ours to remove, and one that a kept replica
 * is reached by stays as long as the replica.
 */
export function removeOldRuns(runsDir: string, keep: number): void {
  if (!existsSync(runsDir)) return;
  const runs = readdirSync(runsDir)
    .filter((name) => runName.test(name) && existsSync(join(runsDir, name, historyFile)))
    .sort();
  for (const name of runs.slice(0, Math.max(0, runs.length - keep))) {
    if (!existsSync(join(runsDir, name, replicaFolder))) rmSync(join(runsDir, name), { recursive: true, force: true });
  }
}
