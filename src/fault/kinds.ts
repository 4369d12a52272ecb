import type { FaultData } from "../history/experiment.ts";
import type { FaultKind } from "./fault.ts";
import { gone } from "./party/gone.ts";
import { crashLoop } from "./process/crash-loop.ts";
import { exitAtStart } from "./process/exit-at-start.ts";
import { kill } from "./process/kill.ts";
import { outOfMemory } from "./process/out-of-memory.ts";
import { pause } from "./process/pause.ts";
import { restart } from "./process/restart.ts";
import { stop } from "./process/stop.ts";
import { connectionStorm } from "./resource/connection-storm.ts";
import { connectionsUsedUp } from "./resource/connections-used-up.ts";
import { cpuHog } from "./resource/cpu-hog.ts";
import { descriptors } from "./resource/descriptors.ts";
import { memorySqueeze } from "./resource/memory-squeeze.ts";
import { diskFull } from "./storage/disk-full.ts";
import { fileOwner } from "./storage/file-owner.ts";
import { fileTruncated } from "./storage/file-truncated.ts";
import { readOnly } from "./storage/read-only.ts";
import { volumeGone } from "./storage/volume-gone.ts";

/** Every kind of fault, in the order of the documents. */
const kinds = [
  kill,
  pause,
  stop,
  restart,
  crashLoop,
  exitAtStart,
  outOfMemory,
  diskFull,
  readOnly,
  volumeGone,
  fileTruncated,
  fileOwner,
  cpuHog,
  memorySqueeze,
  descriptors,
  connectionStorm,
  connectionsUsedUp,
  gone,
] as const;

type SettingsOf<K> = K extends FaultKind<infer F> ? F : never;

/** The settings of any fault. */
export type Fault = SettingsOf<(typeof kinds)[number]>;

/** @throws when no file is for that kind: an experiment that was written elsewhere, or by a newer version */
export function kindOf({ kind }: FaultData): FaultKind<FaultData> {
  const found = kinds.find((one) => one.kind === kind);
  if (!found) throw new Error(`no fault is called ${kind}`);
  // Each reads the settings of its own kind only.
  return found as unknown as FaultKind<FaultData>;
}
