import type { ServiceTrouble } from "../history/events.ts";
import { show } from "./expect.ts";

/** Why a service is not up, in one line: the condition and the value it met, state, exit code, restarts, Swarm's words, the last log line. */
export function troubleLine(trouble: ServiceTrouble): string {
  const state = [`state ${trouble.state}`];
  if (trouble.exitCode !== undefined) state.push(`exit code ${trouble.exitCode}`);
  state.push(`${trouble.restarts} restart${trouble.restarts === 1 ? "" : "s"}`);
  const parts = [`waited for "${trouble.condition}", met ${show(trouble.met)}`, state.join(", ")];
  // "task: non-zero exit (1)" only says the exit code again.
  if (trouble.error && !/^task: non-zero exit/.test(trouble.error)) parts.push(`Swarm says: ${show(trouble.error)}`);
  const last = trouble.log.findLast((line) => line.trim() !== "");
  if (last) parts.push(`last log line: ${show(last.trim())}`);
  return parts.join("; ");
}
