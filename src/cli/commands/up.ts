import type { CommandOutcome } from "../command.ts";
import { command } from "../command.ts";
import type { UpOptions } from "../options.ts";
import { part } from "../part.ts";
import { retainFlag, runOptions, startFlags } from "../run-flags.ts";

export const up = command({
  name: "up",
  summary: "bring a replica up and keep it; prints its URLs and where its secrets lie",
  usage: "",
  positionals: { min: 0, max: 0 },
  flags: { ...retainFlag, ...startFlags },
  examples: [
    ["up", "start, then `verify` as often as you like, then `down`"],
    ["up --json", "run id, URLs and folders as one document"],
  ],
  async run({ flags }, context) {
    const { runUp } = await part<{ runUp(options: UpOptions): Promise<CommandOutcome> }>("experiment/up");
    return await runUp({ ...runOptions(flags, context), retain: flags.retain });
  },
});
