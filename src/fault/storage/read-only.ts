import type { Role } from "../../candidate/types.ts";
import { claim } from "../claim.ts";
import type { FaultKind } from "../fault.ts";
import { insideTask, mountOf } from "./role-mount.ts";

/**
 * A role's data mount can be read and no longer written, as after an error of its disk: for the running task, and on the node for every task that comes. The kernel takes
 * away from nobody what is open for writing already; then the running task keeps these files, and new ones are refused.
 */
interface ReadOnly {
  kind: "storage/read-only";
  role: Role;
  /** Where it is mounted; not needed for a role with only one. */
  mount?: string;
}

/**
 * On the node a layer over the folder, which must not spread to what is mounted from it: whoever unmounts that later, as the engine does with a volume, would take the layer away
 * too. So what the folder lies on is private meanwhile. Then the task's own mount is changed where nothing of it is open for writing, and covered where something is.
 */
const close = `source=$1; pid=$2; target=$3
on=$(findmnt -n -o TARGET -T "$source")
mount --make-private "$on"
mount --bind "$source" "$source" && mount -o remount,bind,ro "$source" || failed=yes
mount --make-shared "$on"; [ -z "\${failed:-}" ]
if mount -N "$pid" -o remount,bind,ro "$target" 2>/dev/null; then echo "changed"
else mount -N "$pid" --bind "$target" "$target"; mount -N "$pid" -o remount,bind,ro "$target"; echo "covered: something is open for writing"; fi`;

/** What the engine mounted of the layer meanwhile, and every task that has it by now. */
const open = `source=$1; mounted=$2
layers() { awk -v at="$2" '$5 == at { n++ } END { print n + 0 }' "/proc/$1/mountinfo" 2>/dev/null || echo 0; }
if awk -v at="$source" '$5 == at { found = $6 } END { exit found !~ /(^|,)ro(,|$)/ }' /proc/self/mountinfo; then umount "$source" 2>/dev/null || umount -l "$source"; fi
mount -o remount,bind,rw "$mounted" 2>/dev/null || true
for container in $(docker ps -q --no-trunc); do
  docker inspect -f '{{$pid := .State.Pid}}{{range .Mounts}}{{if .RW}}{{$pid}} {{.Source}} {{.Destination}}{{println}}{{end}}{{end}}' "$container" 2>/dev/null || true
done | while read -r pid from at; do
  [ "$from" = "$source" ] || [ "$from" = "$mounted" ] || continue
  while [ "$(layers "$pid" "$at")" -gt 1 ]; do umount -N "$pid" "$at" 2>/dev/null || umount -N "$pid" -l "$at" || break; done
  mount -N "$pid" -o remount,bind,rw "$at" || [ ! -d "/proc/$pid" ]
done`;

export const readOnly: FaultKind<ReadOnly> = {
  kind: "storage/read-only",
  words: ({ role, mount }) => `the data mount${mount ? ` ${mount}` : ""} of ${role} can be read only`,
  async prepare(replica, { role, mount }) {
    const { service, task, source, target, mounted } = await mountOf(replica, role, mount);
    const held = claim(replica, `mount ${source}`);
    /** What comes of a new file, by the agent's own try; it leaves none. Where there is no such folder any more, nothing does. */
    const takes = async (folder: string): Promise<"yes" | "read-only" | "no"> => {
      const path = `${folder}/.sprocket-${held.id}`;
      try {
        await replica.nodeAgent.file({ action: "write", path, content: "" });
        await replica.nodeAgent.file({ action: "remove", path });
        return "yes";
      } catch (error) {
        return /read-only file system/i.test((error as Error).message) ? "read-only" : "no";
      }
    };
    return {
      name: `read-only/${service}${target}`,
      detail: { service, task: task.task.id, source, target },
      undo: [held.undo(open, source, mounted)],
      apply: async () => ({ mount: await held.apply(close, source, task.pid, target) }),
      bites: async () => (await takes(source)) === "read-only" && (await takes(insideTask(task, target))) === "read-only",
      healed: async () => {
        const now = await replica.swarm.running(service);
        return (await takes(source)) === "yes" && (now === undefined || (await takes(insideTask(now, target))) === "yes");
      },
    };
  },
};
