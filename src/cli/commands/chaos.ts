import { candidateSource } from "../candidate-source.ts";
import { command } from "../command.ts";
import { duration, type Flag, text, texts, toggle } from "../flags.ts";
import { candidateFlags, candidateNotes, expectFlag, retainFlag, runOptions, startFlags } from "../run-flags.ts";

export const chaos = command({
  name: "chaos",
  summary: "hurt a replica, watch as its clients do, and prove that it recovered",
  usage: "[EXPERIMENT...]",
  positionals: { min: 0, max: 1000 },
  flags: {
    tag: texts("TAG", "experiments with this tag; a comma separates several"),
    all: toggle("every experiment of the catalogue"),
    dry: toggle("show targets and steps, and do nothing"),
    on: text("RUN", undefined, "hurt this kept replica instead of bringing one up") as Flag<string | undefined>,
    stop: toggle("have the chaos run on a kept replica (--on) undo everything and end"),
    undo: toggle("undo what an earlier run left in a kept replica (--on)"),
    keepOnFail: toggle("leave the replica running when the verdict is not pass"),
    deadline: duration(undefined, "end with a partial verdict after this time"),
    mutation: text("NAME", undefined, "change the candidate or the replica on purpose; `mutate --list` names them") as Flag<
      string | undefined
    >,
    ...expectFlag,
    ...retainFlag,
    ...candidateFlags,
    ...startFlags,
  },
  examples: [
    ["chaos --all --dry", "the catalogue: what each would do to whom"],
    ["chaos redis-killed postgres-gone", "two experiments on a replica of their own"],
    ["chaos --tag crash --on 20261122-101500-ab12", "on a replica that `up` keeps"],
    ["chaos --stop --on 20261122-101500-ab12", "from another terminal: undo and end"],
  ],
  notes: candidateNotes,
  async run({ flags, positionals }, context) {
    const options = runOptions(flags, context);
    if (flags.stop || flags.undo) {
      const { stopChaos, undoChaos } = await import("../../experiment/chaos/by-hand.ts");
      return await (flags.stop ? stopChaos : undoChaos)(options, flags.on);
    }
    const { runChaos } = await import("../../experiment/chaos/chaos.ts");
    return await runChaos({
      ...options,
      wanted: { names: positionals, tags: flags.tag, all: flags.all },
      dry: flags.dry,
      ...(flags.on === undefined ? {} : { on: flags.on }),
      candidate: await candidateSource(flags, context.cwd, "chaos"),
      keepOnFail: flags.keepOnFail,
      ...(flags.deadline === undefined ? {} : { deadlineMs: flags.deadline }),
      retain: flags.retain,
      ...(flags.mutation === undefined ? {} : { mutation: flags.mutation }),
      ...(flags.expect === undefined ? {} : { expects: flags.expect }),
    });
  },
});
