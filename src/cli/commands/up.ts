import { candidateSource } from "../candidate-source.ts";
import { command } from "../command.ts";
import { choice, toggle } from "../flags.ts";
import { candidateFlags, candidateNotes, retainFlag, runOptions, startFlags } from "../run-flags.ts";

const tailnetFlag = { tailnet: toggle("with a tailnet, for the checks that look from one") };
const dataDiskFlag = { dataDisk: toggle("on a node with a data disk of its own, for the experiments that fill it") };
const tierFlag = { tier: choice(["layer1", "layer2", "platform"], "platform", "the highest tier, with what it needs") };

export const up = command({
  name: "up",
  summary: "bring a replica up and keep it; prints its URLs and where its secrets lie",
  usage: "",
  positionals: { min: 0, max: 0 },
  flags: {
    ...tierFlag,
    ...tailnetFlag,
    ...dataDiskFlag,
    ...retainFlag,
    ...candidateFlags,
    ...startFlags,
  },
  examples: [
    ["up", "start, then `verify` as often as you like, then `down`"],
    ["up --tier layer1", "layer 1 alone"],
    ["up --json", "run id, URLs and folders as one document"],
  ],
  notes: candidateNotes,
  async run({ flags }, context) {
    const { runUp } = await import("../../experiment/up.ts");
    return await runUp({
      ...runOptions(flags, context),
      candidate: await candidateSource(flags, context.cwd, "up"),
      tier: flags.tier,
      tailnet: flags.tailnet,
      dataDisk: flags.dataDisk,
      retain: flags.retain,
    });
  },
});
