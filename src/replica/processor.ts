import type { AgentClient } from "../engine/agent-client.ts";

/** What the kernel has counted of a task's share of the processor since its container began. */
export interface ProcessorAccount {
  /** Processors that the task may use at most; absent without a limit. */
  limit?: number;
  /** Periods in which it wanted to run, and those in which it was held back because its share was used up. 0 without a limit. */
  periods: number;
  throttled: number;
  /** Milliseconds that its threads were held back in all. */
  throttledMs: number;
}

/** Folder of a process's account of one resource, from its `/proc/PID/cgroup` (cgroups(7)); v2 has one hierarchy, v1 one of that controller. */
export function accountFolder(
  cgroup: string,
  controller: "cpu" | "memory" = "cpu",
): { folder: string; version: 1 | 2 } | undefined {
  const lines = cgroup.split("\n").map((line) => /^\d+:([^:]*):(.*)$/.exec(line));
  const v1 = lines.find((line) => line?.[1]?.split(",").includes(controller));
  if (v1) return { folder: `/sys/fs/cgroup/${v1[1]}${v1[2]}`, version: 1 };
  const v2 = lines.find((line) => line?.[1] === "");
  return v2 ? { folder: `/sys/fs/cgroup${v2[2]}`, version: 2 } : undefined;
}

/** Reads the kernel's files: `cpu.stat`, and the quota and period in microseconds (-1 or "max": no limit). */
export function accountOf(stat: string, quota: string, period: string): ProcessorAccount {
  const count = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(stat)?.[1] ?? 0);
  const limit = Number(quota) / Number(period);
  return {
    ...(limit > 0 ? { limit } : {}),
    periods: count("nr_periods"),
    throttled: count("nr_throttled"),
    throttledMs: Math.round(count("throttled_usec") / 1000 + count("throttled_time") / 1e6),
  };
}

/** The account of a process of the node; undefined where the node's kernel keeps none that can be read. */
export async function processorOf(agent: AgentClient, pid: number): Promise<ProcessorAccount | undefined> {
  const read = async (path: string) =>
    Buffer.from((await agent.file({ action: "read", path })).content, "base64")
      .toString("utf8")
      .trim();
  try {
    const at = accountFolder(await read(`/proc/${pid}/cgroup`));
    if (!at) return undefined;
    const stat = await read(`${at.folder}/cpu.stat`);
    if (at.version === 1)
      return accountOf(stat, await read(`${at.folder}/cpu.cfs_quota_us`), await read(`${at.folder}/cpu.cfs_period_us`));
    const [quota = "max", period = ""] = (await read(`${at.folder}/cpu.max`)).split(" ");
    return accountOf(stat, quota, period);
  } catch {
    return undefined;
  }
}
