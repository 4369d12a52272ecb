import { command } from "../command.ts";
import { existingRun } from "../files.ts";
import { jsonFlag } from "../run-flags.ts";

export const judge = command({
  name: "judge",
  summary: "judge a finished run again from its history alone; touches no container",
  usage: "RUN_DIR",
  positionals: { min: 1, max: 1 },
  flags: { ...jsonFlag },
  examples: [["judge runs/20261122-101500-ab12", "prints the verdict that verdict.json holds, byte for byte with --json"]],
  notes: "RUN_DIR is the folder of a run; it must hold history.jsonl. The exit code is the verdict.",
  async run({ flags, positionals: [given = ""] }, context) {
    const runDir = await existingRun(given, context.cwd);
    const { runJudge } = await import("../../experiment/judge.ts");
    return await runJudge({ runDir, json: flags.json });
  },
});
