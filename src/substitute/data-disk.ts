import { posix } from "node:path";
import type { ReplicaPlan } from "./plan.ts";

/** Filled to 90 % it leaves as much as RabbitMQ wants to see free (50 MB), so that an alarm says that more than that is used. */
const bytes = 512 * 2 ** 20;

/**
 * The same plan on a node whose data lie on a disk of their own, which can be filled: what the candidate's volumes are bound to, or, where none is bound to a folder, all of its
 * volumes. Their definitions stay as they are.
 */
export function withDataDisk(plan: ReplicaPlan): ReplicaPlan {
  const at = diskAt(plan.volumes.flatMap(({ driverOpts }) => driverOpts.device ?? [])) ?? "volumes";
  return {
    ...plan,
    node: { ...plan.node, dataDisk: { at, bytes } },
    substitutions: [
      ...plan.substitutions,
      {
        subject: "host",
        kind: "host-resource",
        asked: at === "volumes" ? "volumes on the node's own disk" : `${at} on a disk of the node, of a size that nothing says`,
        got: `a disk of ${bytes / 2 ** 20} MiB in the node's memory`,
        why: "An experiment of this run fills it, and the user's own disk must never be filled",
        hides: ["disk-size", "data-after-node-restart", "flushed-to-disk"],
      },
    ],
  };
}

/** The folder that holds all of these, and itself lies on the node's first disk; undefined without any. */
function diskAt(devices: readonly string[]): string | undefined {
  const [first, ...rest] = devices.filter((path) => path.startsWith("/")).map((path) => posix.normalize(path).split("/"));
  if (!first) return undefined;
  const common = first.filter(
    (part, at) => first.slice(0, at + 1).every((one, up) => rest.every((other) => other[up] === one)) && part !== undefined,
  );
  // One above what is bound, so that a bound folder has a place beside it.
  const above =
    common.length === first.length || rest.some((other) => other.length === common.length) ? common.slice(0, -1) : common;
  return above.length > 1 ? above.join("/") : undefined;
}
