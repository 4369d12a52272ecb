import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, runnerIdentity } from "../../engine/live-runs.ts";
import { exitCodes, ResilienceError } from "../../history/errors.ts";

/**
 * Keeps a second disruptive run off a replica: a file in its folder that names the runner. One whose runner is dead holds nothing.
 * @returns what releases it
 * @throws ResilienceError E_REPLICA_BUSY
 */
export function lockReplica(replicaFolder: string): () => void {
  const path = join(replicaFolder, "chaos.lock");
  const mine = runnerIdentity();
  for (;;) {
    try {
      // Made and written in one: whoever finds it there already has lost.
      writeFileSync(path, mine, { flag: "wx", mode: 0o600 });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = existsSync(path) ? readFileSync(path, "utf8") : "";
    if (holder !== "" && isAlive(holder)) {
      throw new ResilienceError("E_REPLICA_BUSY", `Another chaos run (${holder}) is hurting this replica.`, {
        cure: "Wait for its end, or end it: sprocket-resilience chaos --stop --on RUN.",
        exitCode: exitCodes.badInput,
      });
    }
    rmSync(path, { force: true });
  }
}
