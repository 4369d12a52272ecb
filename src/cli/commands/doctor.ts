import { command } from "../command.ts";
import { examine } from "../doctor.ts";
import { jsonFlag } from "../run-flags.ts";

export const doctor = command({
  name: "doctor",
  summary: "look at this machine: engine, kernel, disk, memory, ports, images; each finding with its cure",
  usage: "",
  positionals: { min: 0, max: 0 },
  flags: { ...jsonFlag },
  examples: [
    ["doctor", "for people; exit code 4 when a replica cannot run here"],
    ["doctor --json", "each finding as data"],
  ],
  notes:
    "Like every command it installs and starts an engine where there is none and that is possible; SPROCKET_PROVISION=never only looks.",
  run: async (_input, context) => await examine(context),
});
