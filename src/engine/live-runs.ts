import { readFileSync } from "node:fs";
import { hostname } from "node:os";

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
