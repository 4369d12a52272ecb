import { readFileSync } from "node:fs";
import { fixturesFolder } from "../../candidate/assets.ts";
import type { ContainerFile } from "../docker-files.ts";

/** Where a node has the script that makes and ends faults in the network namespaces of its tasks; its head says what it takes. */
export const networkFaultsPath = "/etc/sprocket/network-faults.sh";

export function networkFaults(): ContainerFile {
  return { path: networkFaultsPath, content: readFileSync(`${fixturesFolder}config/node/network-faults.sh`, "utf8") };
}
