import { isDeepStrictEqual } from "node:util";
import type { Replica } from "../../replica/up.ts";
import type { PreparedFault } from "../fault.ts";
import { freshMark } from "../fresh-mark.ts";

/** What is changed of a service's spec, as RFC 7396 merges it: null removes, objects are gone into, all else replaces. */
export type SpecPatch = { [field: string]: unknown };

/** A service's spec, and the spec of each of its tasks' containers, in Swarm's words. */
export interface ServiceNow {
  Spec: Record<string, unknown>;
  UpdateStatus?: { State?: string; Message?: string };
}

/** A task in Swarm's words, as far as faults look at it. */
export interface TaskNow {
  ID: string;
  CreatedAt: string;
  DesiredState: string;
  Spec: { ContainerSpec?: Record<string, unknown> };
  Status: { State: string; Err?: string; ContainerStatus?: { PID?: number; ContainerID?: string } };
}

export async function serviceNow(replica: Replica, service: string): Promise<ServiceNow> {
  return (await replica.node.daemon.getService(service).inspect()) as ServiceNow;
}

/** Newest first. */
export async function tasksNow(replica: Replica, service: string): Promise<TaskNow[]> {
  const tasks = (await replica.node.daemon.listTasks({ filters: JSON.stringify({ service: [service] }) })) as TaskNow[];
  return tasks.sort((a, b) => (a.CreatedAt < b.CreatedAt ? 1 : -1));
}

/**
 * Changes a service by its spec, as a deploy does it; its undo gives back the former spec, byte for byte once no other fault changes it. What a task of the changed spec
 * becomes, Swarm's own roll-back included, is Swarm's work, and recorded when the fault ends.
 */
export async function changeOf(
  replica: Replica,
  service: string,
  patch: SpecPatch,
  fault: Pick<PreparedFault, "name" | "detail" | "bites"> & {
    healed?: () => Promise<boolean>;
    /** Makes what the patch refers to, and gives back the patch with what is known only then. */
    finish?: () => Promise<SpecPatch>;
  },
): Promise<PreparedFault> {
  const mark = freshMark();
  const before = (await serviceNow(replica, service)).Spec;
  const paths = pathsOf(patch);
  return {
    name: fault.name,
    detail: { service, changed: paths.map((path) => path.join(" ")), mark, ...fault.detail },
    undo: [{ do: "exec", container: replica.node.containerId, argv: ["sprocket-agent", "spec", "restore", service, mark] }],
    apply: async () => {
      const { exit, stderr } = await replica.nodeAgent.exec({
        argv: ["sprocket-agent", "spec", "patch", service, mark],
        stdin: JSON.stringify(fault.finish ? await fault.finish() : patch),
      });
      if (exit !== 0) throw new Error(`${service} was not updated: ${stderr.trim()}`);
    },
    bites: fault.bites,
    seen: async () => {
      const [{ UpdateStatus }, tasks] = await Promise.all([serviceNow(replica, service), tasksNow(replica, service)]);
      return {
        update: UpdateStatus,
        tasks: tasks.map(({ ID, DesiredState, Status: { State, Err } }) => ({ ID, DesiredState, State, Err })),
      };
    },
    // What was changed is as it was, in the service and in every task that Swarm wants to run. What others changed meanwhile is theirs.
    healed: async () => {
      const now = (await serviceNow(replica, service)).Spec;
      if (!paths.every((path) => isDeepStrictEqual(valueAt(now, path), valueAt(before, path)))) return false;
      const tasks = (await tasksNow(replica, service)).filter(({ DesiredState }) => DesiredState === "running");
      const ofTask = paths.filter(([first]) => first === "TaskTemplate").map((path) => path.slice(1));
      const former = { ...(before.TaskTemplate as object) };
      const same = tasks.every(({ Spec }) =>
        ofTask.every((path) => isDeepStrictEqual(valueAt(Spec, path), valueAt(former, path))),
      );
      return same && tasks.length > 0 && ((await fault.healed?.()) ?? true);
    },
  };
}

/** Where a patch changes something. */
export function pathsOf(patch: SpecPatch): string[][] {
  return Object.entries(patch).flatMap(([field, change]) =>
    isObject(change) && Object.keys(change).length > 0 ? pathsOf(change).map((path) => [field, ...path]) : [[field]],
  );
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce((within, field) => (isObject(within) ? within[field] : undefined), value as unknown);
}

function isObject(value: unknown): value is SpecPatch {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
