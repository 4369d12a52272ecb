import type { FaultData } from "../history/experiment.ts";
import type { FaultKind } from "./fault.ts";
import { gone } from "./party/gone.ts";
import { kill } from "./process/kill.ts";
import { pause } from "./process/pause.ts";

/** Every kind of fault, in the order of the documents. */
const kinds = [kill, pause, gone] as const;

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
