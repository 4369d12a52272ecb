import { resolve } from "node:path";
import { expectationSets } from "../history/access.ts";
import type { CommandContext } from "./command.ts";
import { choice, type Flag, type FlagValues, integer, optional, text, texts, toggle } from "./flags.ts";
import type { RunOptions } from "./options.ts";

/** Flags that several commands share, so that each reads and is described the same everywhere. */
export const jsonFlag = { json: toggle("print one versioned document on stdout and nothing else there") };

export const runsFlag = { runsDir: text("DIR", "runs", "folder that holds one folder a run") };

export const onlyFlag = {
  only: texts("PATTERN", "only checks whose id matches, * for any part, such as layer1/*; a comma separates several"),
};

export const expectFlag = {
  expect: optional(
    choice(
      expectationSets,
      "actual",
      "what the access modes are held to: actual, today's rules (default), or documented, all four answer",
    ),
  ),
};

export const candidateFlags = {
  candidate: texts(
    "reference|PATH",
    "the definition under judgement: reference (the default), a Pulumi checkout, or stack files",
  ),
  profile: optional(choice<"core" | "full">(["core", "full"], "core", "which part of the reference; core by default")),
  relaxLock: toggle("let a Pulumi program's locked packages move to the nearest version that the registry serves, each listed"),
};

/** For the help of commands that take any candidate. */
export const candidateNotes =
  "A Pulumi checkout is a folder with Pulumi.yaml in it or one level below; its program is evaluated in a container without network, so it needs an engine, " +
  "`plan` too.";

export const seedFlag = {
  seed: integer({ min: 0, max: 2 ** 32 - 1 }, undefined, "drives everything random; drawn and recorded when not given") as Flag<
    number | undefined
  >,
};

export const retainFlag = {
  retain: integer({ min: 1, max: 10_000 }, 20, "how many runs are kept in the folder, newest first") as Flag<number>,
};

export const startFlags = { ...seedFlag, ...runsFlag, ...jsonFlag };

type Shared = Partial<FlagValues<typeof startFlags>>;

/** The options that every run-like command hands on; what a command has no flag for gets its default. */
export function runOptions(flags: Shared, context: CommandContext): RunOptions {
  return {
    ...context.environment,
    ...(flags.seed === undefined ? {} : { seed: flags.seed }),
    runsDir: resolve(context.cwd, flags.runsDir ?? "runs"),
    json: flags.json ?? false,
    signal: context.signal,
    onProgress: context.progress,
    interactive: context.interactive,
  };
}

/** `only` as options have it: absent when not given, since absent means all. */
export function onlyOption(flags: { only: string[] }): { only?: string[] } {
  return flags.only.length === 0 ? {} : { only: flags.only };
}
