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
import { kill } from "./process/kill.ts";
import { pause } from "./process/pause.ts";

/** Every kind of fault, a line a family, in the order of the documents. */
const kinds = [
  ...[kill, pause],
  ...[bandwidth, blackHole, detach, dnsFailure, dnsWrong, latency, loss, partition, reset, slowClose],
  ...[expired, aboutToExpire, skew],
  ...[acmeFails, answers, gone, refuses, slow, wrongCredentials],
  ...[badImage, configMissing, duplicateRouter, labelMissing, secretRotated, wrongHost],
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
