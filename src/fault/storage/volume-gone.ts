import { posix } from "node:path";
import type { Role } from "../../candidate/types.ts";
import { claim, look } from "../claim.ts";
import type { FaultKind } from "../fault.ts";
import { insideTask, mountOf } from "./role-mount.ts";

/**
 * Everything in a role's data mount is gone. It is set aside beside the mount, and its end gives it back, but for what the system has begun anew meanwhile: that stays, and
 * what it replaced is lost, as it would be. What a running process still has open it goes on with, as with any removed file.
 */
interface VolumeGone {
  kind: "storage/volume-gone";
  role: Role;
  /** Where it is mounted; not needed for a role with only one. */
  mount?: string;
}

const take = `aside="$2.$id"; mkdir "$aside"; find "$1" -mindepth 1 -maxdepth 1 -exec mv -t "$aside" {} +`;
const bring = `aside="$2.$id"; [ -d "$aside" ] || exit 0
find "$aside" -mindepth 1 -maxdepth 1 | while read -r entry; do
  [ -e "$1/\${entry##*/}" ] || mv "$entry" "$1/"
done
rmdir "$aside" 2>/dev/null || mv "$aside" "$aside.replaced"`;

export const volumeGone: FaultKind<VolumeGone> = {
  kind: "storage/volume-gone",
  words: ({ role, mount }) => `everything in the data mount${mount ? ` ${mount}` : ""} of ${role} is gone`,
  async prepare(replica, { role, mount }) {
    const { service, task, source, target } = await mountOf(replica, role, mount);
    const entries = async (folder: string) => ((await look(replica, 'ls -A "$1"', folder)) ?? "").split("\n").filter(Boolean);
    const before = await entries(source);
    if (before.length === 0) throw new Error(`there is nothing at ${target} of ${service} that could be lost`);
    // A rename keeps everything of a file; across two file systems there is none.
    const sameDisk = await look(replica, '[ "$(stat -c %d "$1")" = "$(stat -c %d "$2")" ]', source, posix.dirname(source));
    if (sameDisk === undefined)
      throw new Error(`${source} of ${service} is a disk of its own: there is no place beside it to set its content aside`);
    const inner = replica.plan.volumes.flatMap(({ driverOpts, name }) =>
      driverOpts.device?.startsWith(`${source}/`) ? [name] : [],
    );
    if (inner.length > 0) throw new Error(`${source} of ${service} also holds ${inner.join(", ")}, which would go with it`);
    const aside = posix.join(posix.dirname(source), ".sprocket-aside");
    const held = claim(replica, `folder ${source}`);
    return {
      name: `volume-gone/${service}${target}`,
      detail: { service, task: task.task.id, source, entries: before.length },
      undo: [held.undo(bring, source, aside)],
      apply: () => held.apply(take, source, aside),
      // As the task itself sees it; where it is gone, as its successor would.
      bites: async () => {
        const seen = [await entries(insideTask(task, target)), await entries(source)];
        return seen.every((now) => !now.some((name) => before.includes(name)));
      },
      healed: async () => {
        const now = await entries(source);
        return before.every((name) => now.includes(name));
      },
    };
  },
};
