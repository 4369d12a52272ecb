import type { FaultData } from "../history/experiment.ts";
import { aboutToExpire } from "./certificate/about-to-expire.ts";
import { expired } from "./certificate/expired.ts";
import { skew } from "./clock/skew.ts";
import { badImage } from "./deployment/bad-image.ts";
import { configMissing } from "./deployment/config-missing.ts";
import { duplicateRouter } from "./deployment/duplicate-router.ts";
import { labelMissing } from "./deployment/label-missing.ts";
import { secretRotated } from "./deployment/secret-rotated.ts";
import { wrongHost } from "./deployment/wrong-host.ts";
import type { FaultKind } from "./fault.ts";
import { bandwidth } from "./network/bandwidth.ts";
import { blackHole } from "./network/black-hole.ts";
import { detach } from "./network/detach.ts";
import { dnsFailure } from "./network/dns-failure.ts";
import { dnsWrong } from "./network/dns-wrong.ts";
import { latency } from "./network/latency.ts";
import { loss } from "./network/loss.ts";
import { partition } from "./network/partition.ts";
import { reset } from "./network/reset.ts";
import { slowClose } from "./network/slow-close.ts";
import { acmeFails } from "./party/acme-fails.ts";
import { answers } from "./party/answers.ts";
import { gone } from "./party/gone.ts";
import { refuses } from "./party/refuses.ts";
import { slow } from "./party/slow.ts";
import { wrongCredentials } from "./party/wrong-credentials.ts";
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

/** Every kind of fault, a line a family, in the order of the documents. */
const kinds = [
  ...[crashLoop, exitAtStart, kill, outOfMemory, pause, restart, stop],
  ...[bandwidth, blackHole, detach, dnsFailure, dnsWrong, latency, loss, partition, reset, slowClose],
  ...[diskFull, fileOwner, fileTruncated, readOnly, volumeGone],
  ...[connectionStorm, connectionsUsedUp, cpuHog, descriptors, memorySqueeze],
  ...[expired, aboutToExpire, skew],
  ...[acmeFails, answers, gone, refuses, slow, wrongCredentials],
  ...[badImage, configMissing, duplicateRouter, labelMissing, secretRotated, wrongHost],
] as const;

/** Their names. */
export const faultKinds: readonly string[] = kinds.map(({ kind }) => kind);

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
