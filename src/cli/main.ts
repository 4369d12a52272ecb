import process from "node:process";
import { type ExitCode, exitCodes, ResilienceError } from "../history/errors.ts";
import { runProgram } from "./program.ts";

/**
 * The process: signals, streams and the exit code; everything else is `runProgram`.
 * The first signal aborts, and commands undo what they did; the second ends the process at once (the reaper cleans up).
 */
const abort = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.on(signal, () => {
    if (abort.signal.aborted) process.exit(exitCodes.interrupted);
    process.stderr.write(`${signal}: undoing what was started; once more ends at once and leaves that to the reaper\n`);
    abort.abort(
      new ResilienceError("E_INTERRUPTED", `The command was ended by ${signal}.`, {
        cure: "Run it again; `sweep --dry-run` shows whether anything was left.",
        exitCode: exitCodes.interrupted,
      }),
    );
  });

// A reader that went away (`| head`) is no error of ours; the run goes on and its files tell what happened.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });

const args = process.argv.slice(2);
if (args.includes("--json")) {
  // Whatever a library prints must not get between a program and its document.
  console.log = console.error;
  console.info = console.error;
  console.debug = console.error;
}

const exitCode: ExitCode = await runProgram(args, {
  out: (text) => new Promise((resolve) => process.stdout.write(text, () => resolve())),
  err: (text) => void process.stderr.write(text),
  interactive: process.stderr.isTTY === true,
  signal: abort.signal,
  env: process.env,
  cwd: process.cwd(),
});
// Handles of libraries (agents, sockets) may outlive the command; what must be awaited was awaited.
process.exit(exitCode);
