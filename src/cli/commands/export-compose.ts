import { candidateSource } from "../candidate-source.ts";
import { command } from "../command.ts";
import { candidateFlags, candidateNotes, runOptions } from "../run-flags.ts";

export const exportCompose = command({
  name: "export-compose",
  summary: "write a candidate as a Compose stack file on stdout, without any secret's value; starts nothing",
  usage: "",
  positionals: { min: 0, max: 0 },
  flags: candidateFlags,
  examples: [["export-compose > stack.yaml", "the built-in reference as a stack file"]],
  notes: `Secrets are external in it and texts that hold one keep \${secret:NAME}; docs/candidates.md says what else a stack file cannot say.\n\n${candidateNotes}`,
  async run({ flags }, context) {
    const { exportCompose: write } = await import("../../candidate/compose/export.ts");
    const { loadCandidate } = await import("../../experiment/candidate.ts");
    const source = await candidateSource(flags, context.cwd, "export-compose");
    const { candidate } = await loadCandidate(source, { ...runOptions({}, context), provision: "never" });
    const text = write(candidate);
    return { exitCode: 0, document: {}, text };
  },
});
