import { command } from "../command.ts";
import { candidateFlags } from "../run-flags.ts";

export const exportCompose = command({
  name: "export-compose",
  summary: "write a candidate as a Compose stack file on stdout, without any secret's value; starts nothing",
  usage: "",
  positionals: { min: 0, max: 0 },
  flags: candidateFlags,
  examples: [["export-compose > stack.yaml", "the built-in reference as a stack file"]],
  notes:
    "Secrets are external in it and texts that hold one keep ${secret:NAME}; docs/candidates.md says what else a stack file cannot say.",
  async run({ flags }) {
    const { exportCompose: write } = await import("../../candidate/compose/export.ts");
    const { loadCandidate } = await import("../../experiment/candidate.ts");
    const text = write(await loadCandidate(flags.candidate, flags.profile));
    return { exitCode: 0, document: {}, text };
  },
});
