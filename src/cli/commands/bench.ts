import type { CommandOutcome } from "../command.ts";
import { command } from "../command.ts";
import type { BenchOptions } from "../options.ts";
import { part } from "../part.ts";
import { onlyFlag, onlyOption, runOptions, startFlags } from "../run-flags.ts";

export const bench = command({
  name: "bench",
  summary: "measure the harness itself: ratios within one run, each with its goal and its n",
  usage: "",
  positionals: { min: 0, max: 0 },
  flags: { ...onlyFlag, ...startFlags },
  examples: [
    ["bench", "every ratio"],
    ["bench --json", "as one document"],
  ],
  async run({ flags }, context) {
    const { runBench } = await part<{ runBench(options: BenchOptions): Promise<CommandOutcome> }>("experiment/bench");
    return await runBench({ ...runOptions(flags, context), ...onlyOption(flags) });
  },
});
