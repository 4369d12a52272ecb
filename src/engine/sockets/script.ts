import { readFileSync } from "node:fs";
import { fixturesFolder } from "../../candidate/assets.ts";

/** The shell script that counts destinations in the network namespace it runs in, and reads what it counted. */
export function watchScript(): string {
  return readFileSync(`${fixturesFolder}config/watch/watch.sh`, "utf8");
}
