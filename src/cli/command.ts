import type { ExitCode } from "../history/errors.ts";
import type { Environment } from "./environment.ts";
import type { FlagTable, FlagValues } from "./flags.ts";

/** What a command may use of the process it runs in. */
export interface CommandContext {
  environment: Environment;
  signal: AbortSignal;
  /** Prints one line for a person on stderr. */
  progress: (line: string) => void;
  /** Whether stderr is a terminal. */
  interactive: boolean;
  /** The process's working directory; relative paths of flags start here. */
  cwd: string;
  env: NodeJS.ProcessEnv;
}

export interface CommandOutcome {
  exitCode: ExitCode;
  /** A versioned document (`format`, `version`, …; schema in docs/schemas/<format>.json), all that `--json` prints on stdout. */
  document: object;
  /** Printed on stdout without `--json`. */
  text: string;
}

export interface CommandInput<Table extends FlagTable> {
  flags: FlagValues<Table>;
  positionals: string[];
}

/** One command: what `--help` and the parser need, and the call it makes. */
export interface Command<Table extends FlagTable = FlagTable> {
  name: string;
  summary: string;
  /** Positionals as `--help` prints them, such as "[RUN]"; empty when there are none. */
  usage: string;
  positionals: { min: number; max: number };
  flags: Table;
  /** Command lines without the program's name, each with what it does. */
  examples: [line: string, does: string][];
  /** Longer help, printed below the flags. */
  notes?: string;
  run(input: CommandInput<Table>, context: CommandContext): Promise<CommandOutcome>;
}

/** Keeps a command's flag types while it is kept in a list of all commands. */
export function command<Table extends FlagTable>(definition: Command<Table>): Command {
  return definition as unknown as Command;
}
