import { resolve } from "node:path";
import { refusal } from "../bad-input.ts";
import { candidateSource } from "../candidate-source.ts";
import { command } from "../command.ts";
import { existingFile } from "../files.ts";
import { type Flag, text, texts } from "../flags.ts";
import { candidateFlags, jsonFlag, runOptions, runsFlag } from "../run-flags.ts";

export const drift = command({
  name: "drift",
  summary: "say what a candidate, what Pulumi recorded and what runs have different, field by field",
  usage: "",
  positionals: { min: 0, max: 0 },
  flags: {
    export: texts("FILE", "what `pulumi stack export` printed of a stack; one file a stack"),
    run: text("RUN", undefined, "run id of a kept replica, whose services are read by Swarm's API") as Flag<string | undefined>,
    ...candidateFlags,
    ...runsFlag,
    ...jsonFlag,
  },
  examples: [
    ["drift --export layer_2.json --export platform.json", "the candidate against two stacks"],
    ["drift --run 20261122-101500-ab12", "the candidate against a replica that `up` kept"],
  ],
  notes:
    "Exit code 0: no drift; 1: drift. What a source keeps secret is unknown, and no drift. Services are the same when their names are, without Pulumi's suffix.",
  async run({ flags }, context) {
    if (flags.export.length === 0 && flags.run === undefined)
      throw refusal("Nothing to compare with for `drift`: allowed is --export FILE, --run RUN, or both.");
    const files = flags.export.map((given) => ({ given, path: resolve(context.cwd, given) }));
    for (const { path } of files) await existingFile(path, "--export of `drift`");
    const { runDrift } = await import("../../experiment/drift.ts");
    return await runDrift({
      ...runOptions(flags, context),
      candidate: await candidateSource(flags, context.cwd, "drift"),
      exports: files,
      ...(flags.run === undefined ? {} : { run: flags.run }),
    });
  },
});
