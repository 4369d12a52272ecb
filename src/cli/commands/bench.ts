import { candidateSource, referenceOnly } from "../candidate-source.ts";
import { command } from "../command.ts";
import { texts } from "../flags.ts";
import { candidateFlags, onlyOption, runOptions, startFlags } from "../run-flags.ts";

export const bench = command({
  name: "bench",
  summary: "measure the harness itself: ratios within one run, each with its goal and its n",
  usage: "",
  positionals: { min: 0, max: 0 },
  flags: {
    only: texts("PATTERN", "only ratios whose name matches, * for any part, such as latency-*; a comma separates several"),
    ...candidateFlags,
    ...startFlags,
  },
  examples: [
    ["bench", "every ratio: seven starts, ten minutes of load, one gate"],
    ["bench --only 'replica-start/*'", "the starts alone"],
    ["bench --json", "as one document"],
  ],
  async run({ flags }, context) {
    const { runBench } = await import("../../experiment/bench.ts");
    return await runBench({
      ...runOptions(flags, context),
      candidate: referenceOnly(await candidateSource(flags, context.cwd, "bench"), "bench"),
      ...onlyOption(flags),
    });
  },
});
