import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type Dockerode from "dockerode";
import { kindLabel, runLabel, runnerLabel } from "./labels.ts";

/** Says which process runs a run: host, process id and the process's start, so that a reused id is not taken for a live runner. */
export function runnerIdentity(pid = process.pid): string {
  return `${hostname()}:${pid}:${startOf(pid)}`;
}

/** Mark of a replica that is meant to outlive its runner. */
export const keptRunner = "kept";

/** Whether the runner that a label names is alive on this machine; one of another machine is taken for alive, since this one cannot know. */
export function isAlive(identity: string): boolean {
  if (identity === keptRunner) return true;
  const [host, pid, start] = identity.split(":");
  if (host !== hostname()) return true;
  try {
    process.kill(Number(pid), 0);
  } catch {
    return false;
  }
  return startOf(Number(pid)) === start;
}

/** Start time of a process in clock ticks since boot; empty where the system does not tell. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

/** Marks a run that was begun to be removed as kept after all: labels of containers cannot change, so an empty network carries the mark. */
export async function markKept(docker: Dockerode, runId: string): Promise<void> {
  await docker.createNetwork({
    Name: `sr-${runId}-kept`,
    Driver: "bridge",
    Internal: true,
    Labels: { [runLabel]: runId, [kindLabel]: "network", [runnerLabel]: keptRunner },
  });
}
