import { posix } from "node:path";
import type { Role } from "../../candidate/types.ts";
import type { RunningTask } from "../../engine/swarm/swarm.ts";
import type { Replica } from "../../replica/up.ts";
import { look } from "../claim.ts";
import { taskOf } from "../victim.ts";

/** A folder of the node that a role's task has mounted. */
export interface RoleMount {
  service: string;
  task: RunningTask;
  /** Path in the container. */
  target: string;
  /** Path on the node; of a volume that is bound to a folder, that folder, which is there while no task has it. */
  source: string;
  /** What the daemon says that it mounts: of a bound volume another path than `source`. */
  mounted: string;
}

interface Seen {
  Type: string;
  Name?: string;
  Source: string;
  Destination: string;
  RW: boolean;
}

/**
 * The mount of a role's running task that holds its data.
 *
 * @param target where it is mounted; not needed when the task has only one that it may write to
 * @throws when there is none, or more than one and none is named
 */
export async function mountOf(replica: Replica, role: Role, target?: string): Promise<RoleMount> {
  const { service, task } = await taskOf(replica, role);
  const all = await writable(replica, task);
  const [one, ...more] = target === undefined ? all : all.filter(({ Destination }) => Destination === target);
  if (!one) throw new Error(`${service} has no data mount${target ? ` at ${target}` : ""} that could be hurt`);
  if (more.length > 0) throw new Error(`${service} has several data mounts; name one of ${all.map((each) => each.Destination)}`);
  return await asMount(replica, service, task, one);
}

/**
 * A file or folder of a role's data mount, or the mount itself, by its path in the container.
 *
 * @throws when it is in no data mount, or leads out of it
 */
export async function fileOf(replica: Replica, role: Role, path: string): Promise<RoleMount & { file: string }> {
  const { service, task } = await taskOf(replica, role);
  const within = (folder: string, inner: string) => inner.startsWith(`${folder.replace(/\/$/, "")}/`);
  const found = (await writable(replica, task))
    .filter(({ Destination }) => Destination === path || within(Destination, posix.normalize(path)))
    .sort((a, b) => b.Destination.length - a.Destination.length)[0];
  if (!found) throw new Error(`${path} is in no data mount of ${service}`);
  const mount = await asMount(replica, service, task, found);
  const file = await look(replica, 'realpath -e "$1"', posix.join(mount.source, posix.relative(found.Destination, path)));
  if (!file) throw new Error(`${service} has no file ${path}`);
  const root = await look(replica, 'realpath -e "$1"', mount.source);
  if (!root || (root !== file && !within(root, file))) throw new Error(`${path} of ${service} leads out of its data mount`);
  return { ...mount, file };
}

/** A path of the container as the node's processes reach it through the task's own mounts. */
export function insideTask({ pid }: RunningTask, path: string): string {
  return `/proc/${pid}/root${path}`;
}

async function writable(replica: Replica, task: RunningTask): Promise<Seen[]> {
  const { Mounts } = await replica.node.daemon.getContainer(task.containerId).inspect();
  return (Mounts as Seen[]).filter(({ RW, Type, Source }) => RW && Type !== "tmpfs" && !Source.endsWith(".sock"));
}

async function asMount(replica: Replica, service: string, task: RunningTask, seen: Seen): Promise<RoleMount> {
  const bound = seen.Name === undefined ? undefined : await replica.node.daemon.getVolume(seen.Name).inspect();
  const device = (bound?.Options as Record<string, string> | null)?.device;
  return {
    service,
    task,
    target: seen.Destination,
    source: device?.startsWith("/") ? device : seen.Source,
    mounted: seen.Source,
  };
}
