/** Stable codes of every error that a user can meet; `docs/errors.md` lists each with its cure. */
export type ErrorCode = `E_${string}`;

/** Process exit codes, agreed with CI: see README. */
export const exitCodes = { pass: 0, fail: 1, unknown: 2, badInput: 3, noEngine: 4, interrupted: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/**
 * An error with a stable code and one sentence that says what was expected and what was met; `cure` says what to do about it.
 * `exitCode` is what a command ends with when this error ends it.
 */
export class ResilienceError extends Error {
  readonly code: ErrorCode;
  readonly cure: string;
  readonly exitCode: ExitCode;

  constructor(code: ErrorCode, sentence: string, options: { cure: string; exitCode?: ExitCode; cause?: unknown }) {
    super(sentence, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "ResilienceError";
    this.code = code;
    this.cure = options.cure;
    this.exitCode = options.exitCode ?? exitCodes.noEngine;
  }
}
