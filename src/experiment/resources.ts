import { readFileSync } from "node:fs";
import type Dockerode from "dockerode";
import { kindLabel, runLabel } from "../engine/labels.ts";
import type { EventBody } from "../history/events.ts";

interface Usage {
  memoryBytes: number;
  cpuSeconds: number;
}

/** Memory (without page cache) and processor time of a run's containers and of the harness's own processes, as two events. */
export async function resourceEvents(docker: Dockerode, runId: string, reaperPid: number | undefined): Promise<EventBody[]> {
  const containers = await docker.listContainers({ filters: JSON.stringify({ label: [`${runLabel}=${runId}`] }) });
  const replica: Record<string, Usage> = {};
  const harness: Record<string, Usage> = {};
  await Promise.all(
    containers.map(async (container) => {
      const name = (container.Names[0] ?? container.Id).replace(/^\//, "").replace(`sr-${runId}-`, "");
      const stats = (await docker.getContainer(container.Id).stats({ stream: false, "one-shot": true })) as unknown as Stats;
      const usage = { memoryBytes: workingSet(stats), cpuSeconds: stats.cpu_stats.cpu_usage.total_usage / 1e9 };
      (container.Labels[kindLabel] === "vantage" ? harness : replica)[name] = usage;
    }),
  );
  const own = process.cpuUsage();
  harness["runner"] = { memoryBytes: process.memoryUsage.rss(), cpuSeconds: (own.user + own.system) / 1e6 };
  const reaper = reaperPid && ofProcess(reaperPid);
  if (reaper) harness["reaper"] = reaper;
  return [event("replica", replica), event("harness", harness)];
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

function ofProcess(pid: number): Usage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    // Clock ticks are 100 a second on every Linux that Node runs on.
    return { memoryBytes: Number(rss ?? 0) * 1024, cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100 };
  } catch {
    return undefined;
  }
}

function event(subject: "replica" | "harness", of: Record<string, Usage>): EventBody {
  const sum = (pick: (usage: Usage) => number) => Object.values(of).reduce((total, usage) => total + pick(usage), 0);
  return { type: "resources", subject, memoryBytes: sum((usage) => usage.memoryBytes), cpuSeconds: sum((usage) => usage.cpuSeconds), of };
}
