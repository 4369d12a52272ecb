import type { Finding } from "../../history/events.ts";
import type { Candidate } from "../types.ts";
import { bindDirectory } from "./bind-directory.ts";
import { bucketMissing } from "./bucket-missing.ts";
import { configUnknown } from "./config-unknown.ts";
import { databaseUnlike } from "./database-unlike.ts";
import { hostDiffers } from "./host-differs.ts";
import { imageFloats } from "./image-floats.ts";
import { imageLine } from "./image-line.ts";
import { labelUnknown } from "./label-unknown.ts";
import { logAddress } from "./log-address.ts";
import { networkUndefined } from "./network-undefined.ts";
import { noHealthCheck } from "./no-health-check.ts";
import { placementLabel } from "./placement-label.ts";
import { portConflict } from "./port-conflict.ts";
import { portPublished } from "./port-published.ts";
import { routerTwice } from "./router-twice.ts";
import { routerWithoutTls } from "./router-without-tls.ts";
import type { StaticRule } from "./rule.ts";
import { ruleOffIngress } from "./rule-off-ingress.ts";
import { secretInClear } from "./secret-in-clear.ts";
import { secretUnknown } from "./secret-unknown.ts";
import { storeOnIngress } from "./store-on-ingress.ts";
import { valueMangled } from "./value-mangled.ts";
import { volumeNested } from "./volume-nested.ts";

/** Every rule, those first whose findings stop something from working at all. */
export function staticRules(): StaticRule[] {
  return [
    hostDiffers,
    routerTwice,
    ruleOffIngress,
    labelUnknown,
    routerWithoutTls,
    networkUndefined,
    configUnknown,
    secretUnknown,
    placementLabel,
    bindDirectory,
    portConflict,
    valueMangled,
    databaseUnlike,
    bucketMissing,
    secretInClear,
    portPublished,
    storeOnIngress,
    volumeNested,
    imageFloats,
    imageLine,
    logAddress,
    noHealthCheck,
  ];
}

/** What is wrong in a candidate as it is written, before anything starts: pure, in the order of the rules and then of the candidate. */
export function staticFindings(candidate: Candidate): Finding[] {
  return staticRules().flatMap((rule) => rule.find(candidate));
}
