import { candidateSource } from "../candidate-source.ts";
import { command } from "../command.ts";
import { candidateFlags, candidateNotes, jsonFlag, runOptions, runsFlag } from "../run-flags.ts";

export const plan = command({
  name: "plan",
  summary: "say what would start, in what order, from which images, and what is changed for it; starts nothing",
  usage: "",
  positionals: { min: 0, max: 0 },
  flags: { ...candidateFlags, ...runsFlag, ...jsonFlag },
  examples: [
    ["plan", "for people"],
    ["plan --json", "services, findings and substitutions as one document"],
    ["plan --profile full", "every service of the program and of the documents"],
    ["plan --candidate ../infra", "what a checkout of the infrastructure would start"],
  ],
  notes: candidateNotes,
  async run({ flags }, context) {
    const { runPlan } = await import("../../experiment/plan.ts");
    return await runPlan({ ...runOptions(flags, context), candidate: await candidateSource(flags, context.cwd, "plan") });
  },
});
