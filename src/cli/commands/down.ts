import { refusal } from "../bad-input.ts";
import { command } from "../command.ts";
import { toggle } from "../flags.ts";
import { jsonFlag, runOptions, runsFlag } from "../run-flags.ts";

export const down = command({
  name: "down",
  summary: "take a kept replica down and prove that nothing is left of it",
  usage: "[RUN]",
  positionals: { min: 0, max: 1 },
  flags: { all: toggle("every replica that runs"), ...runsFlag, ...jsonFlag },
  examples: [
    ["down", "the only replica that runs"],
    ["down --all", "all of them"],
  ],
  notes: "RUN is the run id that `up` or `gate --keep-on-fail` printed.",
  async run({ flags, positionals: [run] }, context) {
    if (flags.all && run !== undefined)
      throw refusal(`Both RUN "${run}" and --all of \`down\` are given: allowed is one of them.`);
    const { runDown } = await import("../../replica/down.ts");
    return await runDown({ ...runOptions(flags, context), ...(run === undefined ? {} : { run }), all: flags.all });
  },
});
