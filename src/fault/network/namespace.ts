import type { Role } from "../../candidate/types.ts";
import type { Replica } from "../../replica/up.ts";

/** The network namespace of a running task. */
export interface Namespace {
  service: string;
  /** Swarm's id of the task. */
  task: string;
  containerId: string;
  /** First process of the task, as the node numbers it. */
  pid: number;
  /** Of the namespace: a process with the same number may live in another one later. */
  inode: number;
  /** Network → address of the task there. */
  addresses: ReadonlyMap<string, string>;
}

/** Where all running tasks of a role are; none while it has none. */
export async function namespacesOf(replica: Replica, role: Role): Promise<Namespace[]> {
  const service = replica.service(role).candidate.name;
  const tasks = await replica.swarm.tasks(service);
  const running = (await Promise.all(tasks.map((task) => replica.swarm.runningOf([task])))).filter((task) => task !== undefined);
  const { pids } = await replica.nodeAgent.netns(running.map(({ pid }) => pid));
  return running.flatMap(({ task, containerId, pid, addresses }) => {
    const inode = pids.find((one) => one.pid === pid)?.inode;
    return inode === undefined ? [] : [{ service, task: task.id, containerId, pid, inode, addresses }];
  });
}

/** The same, of a role that is to be hurt. @throws when it has no running task: there is nobody to hurt */
export async function victimsOf(replica: Replica, role: Role): Promise<Namespace[]> {
  const found = await namespacesOf(replica, role);
  if (found.length === 0) throw new Error(`${replica.service(role).candidate.name} has no running task to hurt`);
  return found;
}

/** Whether a task of these roles runs that was not there when the fault was made. */
export async function joined(replica: Replica, roles: readonly Role[], known: readonly Namespace[]): Promise<boolean> {
  const now = (await Promise.all(roles.map((role) => namespacesOf(replica, role)))).flat();
  return now.some(({ containerId }) => !known.some((one) => one.containerId === containerId));
}

/** For the history: who is hurt. */
export function told(namespaces: readonly Namespace[]): object[] {
  return namespaces.map(({ service, task, pid, inode }) => ({ service, task, pid, inode }));
}
