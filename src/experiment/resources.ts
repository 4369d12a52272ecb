import { readFileSync } from "node:fs";
import type Dockerode from "dockerode";
import type { AgentClient } from "../engine/agent-client.ts";
import { kindLabel, runLabel } from "../engine/labels.ts";
import type { EventBody } from "../history/events.ts";

interface Usage {
  memoryBytes: number;
  cpuSeconds: number;
}

/**
 * Memory and processor time of a run since it began, as two events: of the replica (nodes and parties) and of the harness (runner, reaper, vantages, and
 * the agent that sits inside the node, which is taken out of its node's account). Of containers memory is without page cache, of processes it is resident memory.
 * Docker's own work on the user's machine is in neither.
 */
export async function resourceEvents(
  docker: Dockerode,
  runId: string,
  reaperPid: number | undefined,
  replica?: { node: { containerId: string }; nodeAgent: AgentClient },
): Promise<EventBody[]> {
  const containers = await docker.listContainers({ filters: JSON.stringify({ label: [`${runLabel}=${runId}`] }) });
  const ofReplica: Record<string, Usage> = {};
  const ofHarness: Record<string, Usage> = {};
  await Promise.all(
    containers.map(async (container) => {
      const name = (container.Names[0] ?? container.Id).replace(/^\//, "").replace(`sr-${runId}-`, "");
      const stats = (await docker.getContainer(container.Id).stats({ stream: false, "one-shot": true })) as unknown as Stats;
      const usage = { memoryBytes: workingSet(stats), cpuSeconds: stats.cpu_stats.cpu_usage.total_usage / 1e9 };
      if (container.Labels[kindLabel] === "vantage") ofHarness[name] = usage;
      else if (container.Id === replica?.node.containerId) {
        const agent = await ofAgent(replica.nodeAgent);
        ofReplica[name] = less(usage, agent);
        ofHarness[`agent-${name}`] = agent;
      } else ofReplica[name] = usage;
    }),
  );
  const own = process.cpuUsage();
  ofHarness.runner = { memoryBytes: process.memoryUsage.rss(), cpuSeconds: (own.user + own.system) / 1e6 };
  const reaper = reaperPid && ofProcess(reaperPid);
  if (reaper) ofHarness.reaper = reaper;
  return [event("replica", ofReplica), event("harness", ofHarness)];
}

interface Stats {
  memory_stats: { usage?: number; stats?: { total_inactive_file?: number; inactive_file?: number } };
  cpu_stats: { cpu_usage: { total_usage: number } };
}

/** Usage less what the kernel gives back at once, as `docker stats` counts it; v1 and v2 of cgroups name it differently. */
function workingSet({ memory_stats }: Stats): number {
  const reclaimable = memory_stats.stats?.total_inactive_file ?? memory_stats.stats?.inactive_file ?? 0;
  return Math.max(0, (memory_stats.usage ?? 0) - reclaimable);
}

/** The node's agent lives in the node's own process namespace, so it reads its account itself. */
async function ofAgent(agent: AgentClient): Promise<Usage> {
  const { pid } = await agent.hello();
  const text = async (file: string) =>
    Buffer.from((await agent.file({ action: "read", path: `/proc/${pid}/${file}` })).content, "base64").toString("utf8");
  return usageOf(await text("stat"), await text("status"));
}

function less(whole: Usage, part: Usage): Usage {
  return {
    memoryBytes: Math.max(0, whole.memoryBytes - part.memoryBytes),
    cpuSeconds: Math.max(0, whole.cpuSeconds - part.cpuSeconds),
  };
}

function ofProcess(pid: number): Usage | undefined {
  try {
    return usageOf(readFileSync(`/proc/${pid}/stat`, "utf8"), readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * Reads `/proc/PID/stat` and `/proc/PID/status` (proc(5)): resident memory, and processor time of the process and of those of its children that have ended.
 */
export function usageOf(stat: string, status: string): Usage {
  // The name in parentheses may hold anything; fields are counted from behind it, the first is number 3.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = [14, 15, 16, 17].reduce((sum, field) => sum + Number(fields[field - 3] ?? 0), 0);
  const rss = /VmRSS:\s+(\d+) kB/.exec(status)?.[1];
  // Clock ticks are 100 a second on every Linux that Node runs on.
  return { memoryBytes: Number(rss ?? 0) * 1024, cpuSeconds: ticks / 100 };
}

function event(subject: "replica" | "harness", of: Record<string, Usage>): EventBody {
  const sum = (pick: (usage: Usage) => number) => Object.values(of).reduce((total, usage) => total + pick(usage), 0);
  return {
    type: "resources",
    subject,
    memoryBytes: sum((usage) => usage.memoryBytes),
    cpuSeconds: sum((usage) => usage.cpuSeconds),
    of,
  };
}
