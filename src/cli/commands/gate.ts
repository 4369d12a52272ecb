import { candidateSource } from "../candidate-source.ts";
import { command } from "../command.ts";
import { duration, type Flag, text, toggle } from "../flags.ts";
import {
  candidateFlags,
  candidateNotes,
  expectFlag,
  onlyFlag,
  onlyOption,
  retainFlag,
  runOptions,
  startFlags,
} from "../run-flags.ts";

export const gate = command({
  name: "gate",
  summary: "bring a replica up, judge it with every check, take it down; the exit code is the verdict",
  usage: "",
  positionals: { min: 0, max: 0 },
  flags: {
    ...onlyFlag,
    keepOnFail: toggle("leave the replica running when the verdict is not pass"),
    deadline: duration(undefined, "end with a partial verdict after this time"),
    mutation: text("NAME", undefined, "change the candidate or the replica on purpose; `mutate --list` names them") as Flag<
      string | undefined
    >,
    variant: text("NAME", undefined, "judge a named form of the candidate: documented-rules") as Flag<string | undefined>,
    ...expectFlag,
    ...retainFlag,
    ...candidateFlags,
    ...startFlags,
  },
  examples: [
    ["gate", "everything"],
    ["gate --only 'layer1/*'", "the checks of layer 1 on a whole replica"],
    ["gate --candidate ../infra", "a checkout of the infrastructure, as its Pulumi program defines it"],
    ["gate --candidate docker-stack.yml", "a stack file"],
    ["gate --deadline 10m --json", "for CI: the verdict as one document"],
  ],
  notes: candidateNotes,
  async run({ flags }, context) {
    const { runGate } = await import("../../experiment/gate.ts");
    return await runGate({
      ...runOptions(flags, context),
      candidate: await candidateSource(flags, context.cwd, "gate"),
      ...onlyOption(flags),
      keepOnFail: flags.keepOnFail,
      ...(flags.deadline === undefined ? {} : { deadlineMs: flags.deadline }),
      retain: flags.retain,
      ...(flags.mutation === undefined ? {} : { mutation: flags.mutation }),
      ...(flags.variant === undefined ? {} : { variant: flags.variant }),
      ...(flags.expect === undefined ? {} : { expects: flags.expect }),
    });
  },
});
