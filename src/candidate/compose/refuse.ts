import { type ErrorCode, exitCodes, ResilienceError } from "../../history/errors.ts";

/** The one way in which a stack file is refused: exit code 3, the place first. */
export function refuse(code: ErrorCode, sentence: string, cure: string, cause?: unknown): ResilienceError {
  return new ResilienceError(code, sentence, { cure, exitCode: exitCodes.badInput, ...(cause === undefined ? {} : { cause }) });
}
