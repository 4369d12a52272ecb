import type { Role } from "../../candidate/types.ts";
import { claim } from "../claim.ts";
import type { FaultKind } from "../fault.ts";
import { fileOf } from "./role-mount.ts";

/** A file or folder of a role's data mount belongs to somebody else, as after another service's start gave everything below its own folder to itself. */
interface FileOwner {
  kind: "storage/file-owner";
  role: Role;
  /** Path in the container. */
  path: string;
  uid: number;
  gid: number;
  /** Access bits that go with it, octal as a number; not changed when absent. A process that runs as root is stopped by neither. */
  mode?: number;
}

const give = `chown "$2" "$1"; [ -z "$3" ] || chmod "$3" "$1"`;
const giveBack = `[ ! -e "$1" ] || { chown "$2" "$1"; chmod "$3" "$1"; }`;

export const fileOwner: FaultKind<FileOwner> = {
  kind: "storage/file-owner",
  words: ({ role, path, uid, gid, mode }) =>
    `${path} of ${role} belongs to ${uid}:${gid}${mode === undefined ? "" : `, mode ${mode.toString(8)}`}`,
  async prepare(replica, { role, path, uid, gid, mode }) {
    const { service, file, task } = await fileOf(replica, role, path);
    const look = () => replica.nodeAgent.file({ action: "stat", path: file }).catch(() => undefined);
    const before = await look();
    if (!before || (before.uid === uid && before.gid === gid))
      throw new Error(`${path} of ${service} belongs to ${uid}:${gid} already`);
    const held = claim(replica, `file ${file}`);
    const octal = (bits: number) => bits.toString(8);
    return {
      name: `file-owner/${service}${path}`,
      detail: { service, task: task.task.id, file, before: `${before.uid}:${before.gid} ${octal(before.mode)}` },
      undo: [held.undo(giveBack, file, `${before.uid}:${before.gid}`, octal(before.mode))],
      apply: () => held.apply(give, file, `${uid}:${gid}`, mode === undefined ? "" : octal(mode)),
      bites: async () => {
        const now = await look();
        return now?.uid === uid && now.gid === gid && (mode === undefined || now.mode === mode);
      },
      // One that the system has removed has no wrong owner.
      healed: async () => {
        const now = await look();
        return now === undefined || (now.uid === before.uid && now.gid === before.gid && now.mode === before.mode);
      },
    };
  },
};
