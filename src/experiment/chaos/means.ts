import { join } from "node:path";
import type Dockerode from "dockerode";
import { UndoJournal } from "../../engine/undo/journal.ts";
import type { ExperimentMeans } from "../observe.ts";
import type { Run } from "../run.ts";

/** Journal and stop file of a replica, in the folder of the run that brought it up: whoever comes later finds them there. */
export function placesOf(replicaRunFolder: string): Pick<ExperimentMeans, "journal" | "stopFile"> {
  return { journal: new UndoJournal(replicaRunFolder), stopFile: join(replicaRunFolder, "stop") };
}

/** All that experiments of a run need; what images it lacks, that run provides. */
export function experimentMeans(replicaRunFolder: string, run: Run, docker: Dockerode): ExperimentMeans {
  const images = new Map<string, Promise<string>>();
  const had = async (name: string) => {
    const [image] = await run.helperImages(docker, [name]);
    if (!image) throw new Error(`the catalogue has no image ${name}`);
    return image.tag;
  };
  return {
    ...placesOf(replicaRunFolder),
    image(name) {
      const image = images.get(name) ?? had(name);
      images.set(name, image);
      return image;
    },
    tell: run.settings.onProgress,
  };
}
