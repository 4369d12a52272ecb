import type { Command } from "./command.ts";
import { variables } from "./environment.ts";
import { type FlagTable, spelling } from "./flags.ts";

export const programName = "sprocket-resilience";

/** Help of the whole program: every command in a line. */
export function programHelp(commands: readonly Command[]): string {
  return [
    `usage: ${programName} COMMAND [FLAGS]      (in a checkout: npm run COMMAND -- [FLAGS])`,
    "",
    "commands:",
    ...columns(commands.map((command) => [command.name, command.summary])),
    "",
    `\`${programName} COMMAND --help\` shows a command's flags and examples; --version prints the version.`,
    "",
    ...environmentHelp(),
    "",
    "exit codes: 0 pass, 1 fail, 2 unknown, 3 bad input, 4 no usable engine or image, 130 interrupted",
    "",
  ].join("\n");
}

/** Help of one command, made from the same table that parses its flags. */
export function commandHelp(command: Command): string {
  return [
    `${command.summary}`,
    "",
    `usage: ${programName} ${command.name}${command.usage ? ` ${command.usage}` : ""} [FLAGS]`,
    "",
    "flags:",
    ...columns([...flagRows(command.flags), ["--help", "print this"]]),
    "",
    "examples:",
    ...columns(command.examples.map(([line, does]) => [`${programName} ${line}`, does])),
    ...(command.notes ? ["", command.notes] : []),
    "",
    ...environmentHelp(),
    "",
  ].join("\n");
}

function flagRows(flags: FlagTable): [string, string][] {
  return Object.entries(flags).map(([name, flag]) => {
    const repeat = flag.many ? "; may be repeated" : "";
    const fallback = flag.read && flag.fallback !== undefined && !flag.many ? ` (default ${String(flag.fallback)})` : "";
    return [`${spelling(name)}${flag.placeholder ? ` ${flag.placeholder}` : ""}`, `${flag.describe}${repeat}${fallback}`];
  });
}

function environmentHelp(): string[] {
  const rows = Object.entries(variables).map(([name, { allowed, describe }]): [string, string] => [
    `${name}=${"pattern" in allowed ? allowed.placeholder : allowed.join("|")}`,
    describe,
  ]);
  return ["environment:", ...columns(rows)];
}

function columns(rows: [string, string][]): string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
