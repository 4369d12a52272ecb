import { command } from "../command.ts";
import { duration } from "../flags.ts";
import { expectFlag, jsonFlag, onlyFlag, onlyOption, retainFlag, runOptions, runsFlag } from "../run-flags.ts";

export const verify = command({
  name: "verify",
  summary: "judge what runs already, with the checks that only observe",
  usage: "[RUN]",
  positionals: { min: 0, max: 1 },
  flags: {
    ...onlyFlag,
    ...expectFlag,
    deadline: duration(undefined, "end with a partial verdict after this time"),
    ...retainFlag,
    ...runsFlag,
    ...jsonFlag,
  },
  examples: [
    ["verify", "the only replica that runs"],
    ["verify 20261122-101500-ab12 --only 'layer1/*'", "one of several, layer 1 alone"],
  ],
  notes: "RUN is the run id that `up` printed; without it there must be exactly one replica.",
  async run({ flags, positionals: [run] }, context) {
    const { runVerify } = await import("../../experiment/verify.ts");
    return await runVerify({
      ...runOptions(flags, context),
      ...onlyOption(flags),
      ...(run === undefined ? {} : { run }),
      ...(flags.expect === undefined ? {} : { expects: flags.expect }),
      ...(flags.deadline === undefined ? {} : { deadlineMs: flags.deadline }),
      retain: flags.retain,
    });
  },
});
