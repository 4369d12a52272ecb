import { candidateSource, referenceOnly } from "../candidate-source.ts";
import { command } from "../command.ts";
import { type Flag, integer, toggle } from "../flags.ts";
import { candidateFlags, runOptions, startFlags } from "../run-flags.ts";

export const mutate = command({
  name: "mutate",
  summary: "break the candidate or the replica on purpose and show that the check meant for it fails and names the cause",
  usage: "[NAME...]",
  positionals: { min: 0, max: 1000 },
  flags: {
    list: toggle("name every mutation and the check that must fail, and run none"),
    count: integer({ min: 1, max: 1000 }, 5, "how many are drawn by the seed when none is named") as Flag<number>,
    ...candidateFlags,
    ...startFlags,
  },
  examples: [
    ["mutate --list", "every mutation"],
    ["mutate postgres-without-tls", "one of them: a green control, then the red run"],
    ["mutate --count 5 --seed 7", "five, drawn by a seed"],
  ],
  async run({ flags, positionals }, context) {
    const { runMutate } = await import("../../experiment/mutate.ts");
    return await runMutate({
      ...runOptions(flags, context),
      candidate: referenceOnly(await candidateSource(flags, context.cwd, "mutate"), "mutate"),
      names: positionals,
      count: flags.count,
      list: flags.list,
    });
  },
});
