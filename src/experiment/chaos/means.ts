import { join } from "node:path";
import { UndoJournal } from "../../engine/undo/journal.ts";
import type { ExperimentMeans } from "../observe.ts";

/** Journal and stop file of a replica, in the folder of the run that brought it up: whoever comes later finds them there. */
export function experimentMeans(replicaRunFolder: string): ExperimentMeans {
  return { journal: new UndoJournal(replicaRunFolder), stopFile: join(replicaRunFolder, "stop") };
}
