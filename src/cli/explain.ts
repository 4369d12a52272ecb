import { type ErrorCode, type ExitCode, exitCodes, ResilienceError } from "../history/errors.ts";

/** An error as a person gets it. */
export interface Explained {
  code: ErrorCode;
  sentence: string;
  cure: string;
  exitCode: ExitCode;
  /** For an error of ours only: what a report of it needs. */
  detail?: string;
}

/** Says what any thrown thing means; what is not a ResilienceError is our mistake, and asks to be reported. */
export function explain(thrown: unknown): Explained {
  if (thrown instanceof ResilienceError)
    return { code: thrown.code, sentence: thrown.message, cure: thrown.cure, exitCode: thrown.exitCode };
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return {
    code: "E_INTERNAL",
    sentence: `The program met something it did not expect: ${firstLine(error.message) || error.name}.`,
    cure: "This is a mistake of sprocket-resilience: report the lines below, the command line, and the run's folder if there is one; `sweep` removes what the run may have left.",
    exitCode: exitCodes.unknown,
    detail: [
      `node ${process.version} on ${process.platform} ${process.arch}`,
      error.stack ?? String(thrown),
      ...causes(error),
    ].join("\n"),
  };
}

function causes(error: Error): string[] {
  const lines: string[] = [];
  for (let cause = error.cause, depth = 0; cause !== undefined && depth < 5; depth++) {
    lines.push(`caused by: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`);
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return lines;
}

const firstLine = (text: string) => text.split("\n", 1)[0]?.replace(/[.\s]+$/, "") ?? "";
