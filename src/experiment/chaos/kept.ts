import { rmSync } from "node:fs";
import { Reaper } from "../../engine/reaper/reaper.ts";
import { type OnKeptOutcome, runOnKept } from "../on-kept.ts";
import { select } from "../selection.ts";
import { proveSteady } from "../steady.ts";
import type { ChaosOptions } from "./chaos.ts";
import { lockReplica } from "./lock.ts";
import { experimentMeans, placesOf } from "./means.ts";

/** Runs experiments on a kept replica. When this process dies, the reaper undoes what is in the replica's journal; the replica stays. */
export async function hurtKept(options: ChaosOptions & { only: string[]; on: string }): Promise<OnKeptOutcome> {
  const { on: run, only, ...settings } = options;
  return await runOnKept(
    { ...settings, run },
    {
      command: "chaos on",
      select: (plan, lacking) => select(plan, only, { experiments: true }, lacking),
      means: experimentMeans,
      async begin({ run, engine, replicaFolder }) {
        const release = lockReplica(replicaFolder);
        const { journal, stopFile } = placesOf(replicaFolder);
        // An order to stop is for what runs when it is given.
        rmSync(stopFile, { force: true });
        const reaper = Reaper.start(run.id, engine.endpoint, journal.path);
        return async () => {
          if (journal.left().length === 0) reaper.dismiss();
          release();
        };
      },
      async observe(observer, { observations }, replica, { history, settings: { signal } }) {
        await proveSteady(replica, history, signal);
        await observer.oneByOne(observations);
      },
    },
  );
}
