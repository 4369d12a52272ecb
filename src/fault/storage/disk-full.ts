import { posix } from "node:path";
import { dataDiskName } from "../../engine/node/data-disk.ts";
import { claim, look } from "../claim.ts";
import type { FaultKind } from "../fault.ts";

/** The node's data disk is filled, as by logs or dumps that nobody cleans up. Its node's own disk, and the user's, are not touched. */
interface DiskFull {
  kind: "storage/disk-full";
  /** Share of the whole disk that is used then, 1 to 100. */
  percent: number;
}

/** In one file, whose space is taken at once; for the whole disk also what is left beside it. */
const fill = `file=$1; percent=$2
set -- $(df -B1 --output=size,used,avail "$(dirname "$file")" | tail -1)
bytes=$(( $1 * percent / 100 - $2 )); [ "$bytes" -le "$3" ] || bytes=$3
[ "$bytes" -gt 0 ] || { echo "$2 of $1 bytes are used already" >&2; exit 1; }
fallocate -l "$bytes" "$file"
[ "$percent" -lt 100 ] || head -c 1048576 /dev/zero >> "$file" 2>/dev/null || true
echo "$bytes bytes"`;

/** Of the user's machine, beside what is filled: the disk is in its memory. */
const leastLeftBytes = 2 ** 30;

export const diskFull: FaultKind<DiskFull> = {
  kind: "storage/disk-full",
  words: ({ percent }) => `the node's data disk is filled to ${percent} %`,
  async prepare(replica, { percent }) {
    const disk = await look(replica, `awk -v name="$1" '$1 == name { print $2; exit }' /proc/mounts`, dataDiskName);
    if (!disk) throw new Error("this replica's node has no data disk of its own that could be filled (need node:data-disk)");
    const { totalBytes } = await replica.nodeAgent.statfs(disk);
    const available = Number(
      (await look(replica, `awk '$1 == "MemAvailable:" { print $2 * 1024 }' /proc/meminfo`)) ?? Number.NaN,
    );
    if (!(available > totalBytes + leastLeftBytes))
      throw new Error(`the data disk of ${totalBytes} bytes is in memory, of which this machine has ${available} bytes left`);
    const held = claim(replica, `filling ${disk} ${percent} ${performance.now()}`);
    const file = posix.join(disk, `.sprocket-fill-${held.id}`);
    return {
      name: `disk-full/${percent}`,
      detail: { disk, totalBytes },
      undo: [held.undo('rm -f "$1"', file)],
      apply: async () => ({ filled: await held.apply(fill, file, percent) }),
      // As a process on that disk meets it: the share, and for a full one that nothing more is taken.
      bites: async () => {
        const { totalBytes: whole, availableBytes } = await replica.nodeAgent.statfs(disk);
        return (whole - availableBytes) / whole >= percent / 100 - 0.005 && (percent < 100 || !(await takesMore()));
      },
      healed: async () => (await look(replica, 'ls "$1"', file)) === undefined && (await takesMore()),
    };

    async function takesMore(): Promise<boolean> {
      const path = posix.join(disk as string, `.sprocket-try-${held.id}`);
      const written = await replica.nodeAgent
        .file({ action: "write", path, content: Buffer.alloc(65_536).toString("base64") })
        .then(
          () => true,
          () => false,
        );
      await replica.nodeAgent.file({ action: "remove", path }).catch(() => {});
      return written;
    }
  },
};
