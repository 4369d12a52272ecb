import type { CommandOutcome } from "../command.ts";
import { command } from "../command.ts";
import { toggle } from "../flags.ts";
import type { SweepOptions } from "../options.ts";
import { part } from "../part.ts";
import { jsonFlag, runOptions } from "../run-flags.ts";

export const sweep = command({
  name: "sweep",
  summary: "remove what runs left behind that no longer live, by label, and nothing else",
  usage: "",
  positionals: { min: 0, max: 0 },
  flags: { dryRun: toggle("only say what would be removed"), ...jsonFlag },
  examples: [
    ["sweep --dry-run", "look first"],
    ["sweep", "after a machine lost power"],
  ],
  async run({ flags }, context) {
    const { runSweep } = await part<{ runSweep(options: SweepOptions): Promise<CommandOutcome> }>("engine/sweep");
    return await runSweep({ ...runOptions(flags, context), dryRun: flags.dryRun });
  },
});
