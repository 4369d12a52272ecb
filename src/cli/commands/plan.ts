import type { CommandOutcome } from "../command.ts";
import { command } from "../command.ts";
import type { PlanOptions } from "../options.ts";
import { part } from "../part.ts";
import { candidateFlags, jsonFlag, runOptions } from "../run-flags.ts";

export const plan = command({
  name: "plan",
  summary: "say what would start, in what order, from which images, and what is changed for it; starts nothing",
  usage: "",
  positionals: { min: 0, max: 0 },
  flags: { ...candidateFlags, ...jsonFlag },
  examples: [
    ["plan", "for people"],
    ["plan --json", "services, findings and substitutions as one document"],
  ],
  async run({ flags }, context) {
    const { runPlan } = await part<{ runPlan(options: PlanOptions): Promise<CommandOutcome> }>("experiment/plan");
    return await runPlan(runOptions(flags, context));
  },
});
