import { type ProgramIo, runProgram } from "../../src/cli/program.ts";

/** Runs a command line in this process with streams of its own, so that what would be printed can be looked at. */
export async function runInProcess(
  args: string[],
  given: Partial<Pick<ProgramIo, "env" | "cwd" | "signal" | "interactive">> = {},
): Promise<{ exitCode: number; out: string; err: string }> {
  let out = "";
  let err = "";
  const exitCode = await runProgram(args, {
    out: async (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    interactive: false,
    signal: new AbortController().signal,
    env: {},
    cwd: process.cwd(),
    ...given,
  });
  return { exitCode, out, err };
}
