import { resolve } from "node:path";
import { badInput, refusal } from "../bad-input.ts";
import { command } from "../command.ts";
import { existingFile, writableFile } from "../files.ts";
import { jsonFlag } from "../run-flags.ts";

const actions = ["list", "build", "pull", "save", "load"] as const;

export const images = command({
  name: "images",
  summary: "list, build, pull, save and load the images that replicas are made of",
  usage: `${actions.join("|")} [NAME...|FILE]`,
  positionals: { min: 1, max: 1000 },
  flags: { ...jsonFlag },
  examples: [
    ["images list", "each image: what Sprocket uses, what is here, and from where"],
    ["images build traefik vault", "build two of them by their recipes; no name means all"],
    ["images pull", "pull all that a registry has"],
    ["images save images.tar", "one file that carries all of them"],
    ["images load images.tar", "on a machine without any registry"],
  ],
  async run({ positionals: [given = "", ...rest] }, context) {
    const action = actions.find((known) => known === given);
    if (!action) throw badInput({ where: "of `images`", met: given, kind: "action", allowed: actions });
    if (action === "list" && rest[0] !== undefined)
      throw refusal(`Unexpected argument "${rest[0]}" of \`images list\`: allowed is no argument.`);
    const file = action === "save" || action === "load" ? await fileOf(action, rest, context.cwd) : "";
    const { runImages } = await import("../images.ts");
    if (action === "list") return await runImages({ action }, context);
    if (action === "build" || action === "pull") return await runImages({ action, names: rest }, context);
    return await runImages({ action, file }, context);
  },
});

async function fileOf(action: "save" | "load", rest: string[], cwd: string): Promise<string> {
  const [given, extra] = rest;
  if (given === undefined) throw refusal(`Missing FILE of \`images ${action}\`: allowed is one path of an archive.`);
  if (extra !== undefined) throw refusal(`Unexpected argument "${extra}" of \`images ${action}\`: allowed is one FILE.`);
  const file = resolve(cwd, given);
  await (action === "load"
    ? existingFile(file, `FILE of \`images ${action}\``)
    : writableFile(file, `FILE of \`images ${action}\``));
  return file;
}
