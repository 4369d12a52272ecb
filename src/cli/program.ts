import { type ExitCode, exitCodes } from "../history/errors.ts";
import { badInput, refusal } from "./bad-input.ts";
import type { Command } from "./command.ts";
import { commands } from "./commands/index.ts";
import { type Environment, readEnvironment } from "./environment.ts";
import { type Explained, explain } from "./explain.ts";
import { parseFlags } from "./flags.ts";
import { commandHelp, programHelp } from "./help.ts";
import { version } from "./version.ts";

/** The process as the program sees it; a test gives its own. */
export interface ProgramIo {
  /** Writes to stdout; resolves when it is written, also when nobody reads any more. */
  out: (text: string) => Promise<void>;
  err: (text: string) => void;
  /** Whether stderr is a terminal: colour (unless NO_COLOR is set) and redrawn progress. */
  interactive: boolean;
  signal: AbortSignal;
  env: NodeJS.ProcessEnv;
  cwd: string;
}

/** Runs one command line (without node and script) to its exit code; never throws. */
export async function runProgram(args: readonly string[], io: ProgramIo): Promise<ExitCode> {
  const json = args.includes("--json");
  const name = args[0];
  try {
    if (name === undefined) throw refusal(`Missing command on the command line: allowed are ${commandNames().join(", ")}.`);
    if (name === "--version" || name === "-v") return await say(io, `${await version()}\n`);
    if (name === "--help" || name === "-h" || name === "help") return await say(io, helpFor(args.slice(1)));
    if (name.startsWith("-"))
      throw refusal(`Flag "${name}" before the command on the command line: allowed first is a command, --help or --version.`);
    const found = findCommand(name);
    if (args.includes("--help") || args.includes("-h")) return await say(io, commandHelp(found));
    const input = parseFlags(found.flags, args.slice(1), found.name);
    checkPositionals(found, input.positionals);
    const environment: Environment = readEnvironment(io.env);
    io.signal.throwIfAborted();
    const outcome = await found.run(input, {
      environment,
      signal: io.signal,
      progress: (line) => io.err(`${line}\n`),
      interactive: io.interactive,
      cwd: io.cwd,
      env: io.env,
    });
    await io.out(json ? `${JSON.stringify(outcome.document, null, 2)}\n` : outcome.text);
    return io.signal.aborted ? exitCodes.interrupted : outcome.exitCode;
  } catch (thrown) {
    const explained = explain(io.signal.aborted && isAbort(thrown, io.signal) ? io.signal.reason : thrown);
    // NO_COLOR: https://no-color.org, any non-empty value.
    io.err(render(explained, io.interactive && !io.env.NO_COLOR));
    if (json) await io.out(`${JSON.stringify(errorDocument(name, explained), null, 2)}\n`);
    return explained.exitCode;
  }
}

const commandNames = () => commands.map((command) => command.name);

function findCommand(name: string): Command {
  const found = commands.find((command) => command.name === name);
  if (!found) throw badInput({ where: "on the command line", met: name, kind: "command", allowed: commandNames() });
  return found;
}

function helpFor(rest: readonly string[]): string {
  const name = rest.find((part) => !part.startsWith("-"));
  return name === undefined ? programHelp(commands) : commandHelp(findCommand(name));
}

function checkPositionals(command: Command, given: readonly string[]): void {
  const { min, max } = command.positionals;
  const usage = command.usage === "" ? "no argument" : command.usage;
  const extra = given[max];
  if (extra !== undefined) throw refusal(`Unexpected argument "${extra}" of \`${command.name}\`: allowed is ${usage}.`);
  if (given.length < min) throw refusal(`Missing argument of \`${command.name}\`: allowed is ${usage}.`);
}

async function say(io: ProgramIo, text: string): Promise<ExitCode> {
  await io.out(text);
  return exitCodes.pass;
}

/** An abort surfaces as the reason itself, or as an AbortError of whatever was waiting. */
function isAbort(thrown: unknown, signal: AbortSignal): boolean {
  return (
    thrown === signal.reason || (thrown instanceof Error && (thrown.name === "AbortError" || thrown.cause === signal.reason))
  );
}

function render(explained: Explained, colour: boolean): string {
  const paint = (code: number, words: string) => (colour ? `\u001b[${code}m${words}\u001b[0m` : words);
  return `${paint(31, explained.code)}: ${explained.sentence}\n${paint(36, "cure:")} ${explained.cure}\n${explained.detail ? `${explained.detail}\n` : ""}`;
}

function errorDocument(command: string | undefined, explained: Explained): object {
  const { code, sentence, cure, exitCode } = explained;
  return {
    format: "error",
    version: 1,
    ...(command === undefined ? {} : { command }),
    error: { code, sentence, cure },
    exitCode,
  };
}
