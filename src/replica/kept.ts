import type Dockerode from "dockerode";
import { closest } from "fastest-levenshtein";
import { runsOn } from "../engine/sweep.ts";
import { exitCodes, ResilienceError } from "../history/errors.ts";

/**
 * The kept replica that is meant: the one with that run id, or the only one.
 * @throws ResilienceError E_REPLICA_UNKNOWN when there is none, or several and none is named
 */
export async function theKept(docker: Dockerode, run: string | undefined): Promise<string> {
  const { kept, live } = await runsOn(docker);
  const refuse = (sentence: string, cure: string) =>
    new ResilienceError("E_REPLICA_UNKNOWN", sentence, { cure, exitCode: exitCodes.badInput });
  const which = kept.length > 0 ? `kept are ${kept.join(", ")}` : "none is kept";
  if (run !== undefined) {
    if (kept.includes(run)) return run;
    if (live.includes(run))
      throw refuse(`Run ${run} is still being worked on by its own command.`, "Wait for its end, or end it with Ctrl-C.");
    const nearest = kept.length > 1 ? `; nearest is ${closest(run, kept)}` : "";
    throw refuse(`No replica of run ${run} is kept: ${which}${nearest}.`, "`up` brings one up and prints its run id.");
  }
  const [only, ...others] = kept;
  if (only === undefined) throw refuse("No replica is kept.", "`up` brings one up.");
  if (others.length > 0) throw refuse(`Several replicas are kept: ${kept.join(", ")}.`, "Name one of them.");
  return only;
}
