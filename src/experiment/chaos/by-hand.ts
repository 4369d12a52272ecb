import { writeFileSync } from "node:fs";
import { openEngine } from "../../engine/provision/open.ts";
import { UndoJournal } from "../../engine/undo/journal.ts";
import { undo } from "../../engine/undo/step.ts";
import { type ExitCode, exitCodes } from "../../history/errors.ts";
import { theKept } from "../../replica/kept.ts";
import { replicaFolderOf } from "../on-kept.ts";
import type { RunSettings } from "../run.ts";
import { placesOf } from "./means.ts";

type Settings = Pick<RunSettings, "runsDir" | "signal" | "onProgress">;

interface Outcome {
  exitCode: ExitCode;
  document: object;
  text: string;
}

/** Has a chaos run on a kept replica end now: it undoes everything and its verdict says so. */
export async function stopChaos(settings: Settings, run: string | undefined): Promise<Outcome> {
  const { replicaRun, folder } = await replicaOf(settings, run);
  writeFileSync(placesOf(folder).stopFile, "");
  return {
    exitCode: exitCodes.pass,
    document: { format: "chaos-stop", version: 1, run: replicaRun },
    text: `What hurts ${replicaRun} was told to stop: it undoes everything and ends.\n`,
  };
}

/** Undoes what an earlier run left in a kept replica: what the reaper does, for a machine on which that died too. */
export async function undoChaos(settings: Settings, run: string | undefined): Promise<Outcome> {
  const { docker, replicaRun, folder } = await replicaOf(settings, run);
  const journal = new UndoJournal(folder);
  const undone: string[] = [];
  const failed: { fault: string; why: string[] }[] = [];
  for (const { id, fault, steps } of journal.left().toReversed()) {
    const why = await undo(docker, steps);
    if (why.length > 0) failed.push({ fault, why });
    else {
      journal.close(id);
      undone.push(fault);
    }
  }
  const lines = [
    ...undone.map((fault) => `undone: ${fault}`),
    ...failed.map(({ fault, why }) => `NOT undone: ${fault}: ${why.join("; ")}`),
    ...(undone.length + failed.length === 0 ? ["nothing was left to undo"] : []),
  ];
  return {
    exitCode: failed.length > 0 ? exitCodes.fail : exitCodes.pass,
    document: { format: "chaos-undo", version: 1, run: replicaRun, undone, failed },
    text: `${lines.join("\n")}\n`,
  };
}

async function replicaOf(settings: Settings, run: string | undefined) {
  const { docker } = await openEngine({ provision: "never", onProgress: settings.onProgress, signal: settings.signal });
  const replicaRun = await theKept(docker, run);
  return { docker, replicaRun, folder: replicaFolderOf(settings.runsDir, replicaRun) };
}
