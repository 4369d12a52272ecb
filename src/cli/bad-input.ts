import { exitCodes, ResilienceError } from "../history/errors.ts";
import { nearest } from "./nearest.ts";

/** What was given that is not allowed: enough for the one sentence that a person gets. */
export interface BadInput {
  /** Where it was given: "the command line", "--seed", "the environment variable SPROCKET_IMAGES". */
  where: string;
  /** What was met, verbatim. */
  met: string;
  /** What it was taken for: "command", "flag", "value". */
  kind: string;
  /** Every right spelling, or one phrase that says what is allowed. */
  allowed: readonly string[] | string;
}

/**
 * The one error for all bad input, `E_BAD_INPUT`, exit code 3: what, where, what is allowed, and the nearest right spelling.
 * Thrown while parsing only, so nothing has started.
 */
export function badInput(input: BadInput): ResilienceError {
  const allowed = typeof input.allowed === "string" ? input.allowed : input.allowed.join(", ");
  const sentence = `Unknown ${input.kind} "${input.met}" ${input.where}: allowed ${typeof input.allowed === "string" ? "is" : "are"} ${allowed}`;
  const guess = typeof input.allowed === "string" ? undefined : nearest(input.met, input.allowed);
  return refusal(guess === undefined ? `${sentence}.` : `${sentence}; did you mean "${guess}"?`);
}

/** Bad input whose sentence is written by hand, since no list of right spellings exists (a missing file, a missing value). */
export function refusal(
  sentence: string,
  cure = "Nothing was started: correct it and run the command again; `--help` shows what it takes.",
): ResilienceError {
  return new ResilienceError("E_BAD_INPUT", sentence, { cure, exitCode: exitCodes.badInput });
}
