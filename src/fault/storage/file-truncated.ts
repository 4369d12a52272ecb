import type { Role } from "../../candidate/types.ts";
import { claim, look } from "../claim.ts";
import type { FaultKind } from "../fault.ts";
import { fileOf } from "./role-mount.ts";

/** A file of a role's data mount loses its end, as after a crash in the middle of a write. */
interface FileTruncated {
  kind: "storage/file-truncated";
  role: Role;
  /** Path in the container. */
  path: string;
  /** What is left of it; 0 leaves an empty file. */
  keepBytes: number;
}

/** The copy is in the node's memory. */
const mostBytes = 64 * 2 ** 20;

/** The copy is whole before anything is cut. */
const cut = `cp -a "$1" "$folder/$id.part"; mv "$folder/$id.part" "$folder/$id.copy"; truncate -s "$2" "$1"`;

/** The same file gets its content, owner, mode and time back; one that the system has put in its place is the system's own work and stays. */
const mend = `copy="$folder/$id.copy"; [ -e "$copy" ] || exit 0
if [ ! -e "$1" ]; then [ ! -d "$(dirname "$1")" ] || cp -a "$copy" "$1"
elif [ "$(stat -c %i:%W "$1")" = "$2" ]; then cat "$copy" > "$1"; chown --reference="$copy" "$1"; chmod --reference="$copy" "$1"; touch -r "$copy" "$1"; fi
rm -f "$copy"`;

export const fileTruncated: FaultKind<FileTruncated> = {
  kind: "storage/file-truncated",
  words: ({ role, path, keepBytes }) => `${path} of ${role} is cut to ${keepBytes} bytes`,
  async prepare(replica, { role, path, keepBytes }) {
    const { service, file, task } = await fileOf(replica, role, path);
    const { type, size } = await replica.nodeAgent.file({ action: "stat", path: file });
    if (type !== "file" || size <= keepBytes || size > mostBytes)
      throw new Error(
        `${path} of ${service} is a ${type} of ${size} bytes: nothing to cut to ${keepBytes}, or too long to keep a copy of`,
      );
    const held = claim(replica, `file ${file}`);
    const identity = () => look(replica, 'stat -c %i:%W "$1"', file);
    const before = { identity: (await identity()) ?? "", hash: await hashOf(file) };
    async function hashOf(of: string): Promise<string | undefined> {
      return (await look(replica, 'sha256sum "$1"', of))?.split(" ")[0];
    }
    return {
      name: `file-truncated/${service}${path}`,
      detail: { service, task: task.task.id, file, size },
      undo: [held.undo(mend, file, before.identity)],
      apply: () => held.apply(cut, file, keepBytes),
      bites: async () => (await replica.nodeAgent.file({ action: "stat", path: file })).size === keepBytes,
      healed: async () => (await identity()) !== before.identity || (await hashOf(file)) === before.hash,
    };
  },
};
