import { openEngine } from "../../engine/provision/open.ts";
import { exitCodes } from "../../history/errors.ts";
import { command } from "../command.ts";
import { toggle } from "../flags.ts";
import { jsonFlag } from "../run-flags.ts";

export const sweep = command({
  name: "sweep",
  summary: "remove what runs left behind that no longer live, and image stores that nobody uses, and nothing else",
  usage: "",
  positionals: { min: 0, max: 0 },
  flags: { dryRun: toggle("only say what would be removed"), ...jsonFlag },
  examples: [
    ["sweep --dry-run", "look first"],
    ["sweep", "after a machine lost power"],
  ],
  async run({ flags }, context) {
    const { sweep } = await import("../../engine/sweep.ts");
    // What a machine without an engine has left is nothing, so none is provided for this.
    const { docker } = await openEngine({
      provision: "never",
      onProgress: context.progress,
      env: context.env,
      signal: context.signal,
    });
    const found = await sweep(docker, { dryRun: flags.dryRun });
    const rows = [
      ...found.removed.map((run) => `${flags.dryRun ? "would remove" : "removed"} ${run}`),
      ...found.stores.map((key) => `${flags.dryRun ? "would remove" : "removed"} image store ${key}: nobody used it for long`),
      ...found.kept.map((run) => `kept ${run}: \`up\` keeps it until \`down\``),
      ...found.live.map((run) => `left ${run}: its runner is alive`),
    ];
    return {
      exitCode: exitCodes.pass,
      document: { format: "sweep", version: 1, dryRun: flags.dryRun, ...found },
      text: `${rows.length > 0 ? rows.join("\n") : "Nothing is left of any run."}\n`,
    };
  },
});
