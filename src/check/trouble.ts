import type { ServiceTrouble } from "../history/events.ts";
import { show } from "./expect.ts";

/** Why a service is not up, in one line: state, exit code, restarts, the condition and the value it met, Swarm's words, the last log line. */
export function troubleLine(trouble: ServiceTrouble): string {
  const parts = [`state ${trouble.state}`];
  if (trouble.exitCode !== undefined) parts.push(`exit code ${trouble.exitCode}`);
  parts.push(`${trouble.restarts} restart${trouble.restarts === 1 ? "" : "s"}`);
  parts.push(`waited for ${trouble.condition}, met ${show(trouble.met)}`);
  if (trouble.error) parts.push(`Swarm says ${show(trouble.error)}`);
  const last = trouble.log.findLast((line) => line.trim() !== "");
  if (last) parts.push(`last log line: ${show(last.trim())}`);
  return parts.join(", ");
}
