import type { Replica } from "../replica/up.ts";
import { type Cgroup, textOf } from "./cgroup.ts";

/** The limit that the kernel holds a task's memory to, as its file has it: bytes, or "max". */
export interface MemoryLimit {
  file: "memory.limit_in_bytes" | "memory.max" | "memory.high";
  before: string;
  /** Undefined once the task's cgroup is gone. */
  now(): Promise<string | undefined>;
}

/** @param soft of cgroup v2 the limit above which the kernel slows a task down instead of killing it; v1 has none that works by itself */
export async function memoryLimitOf(replica: Replica, { folder, version }: Cgroup, soft = false): Promise<MemoryLimit> {
  const file = version === 1 ? "memory.limit_in_bytes" : soft ? "memory.high" : "memory.max";
  const read = () => textOf(replica, `${folder}/${file}`);
  return {
    file,
    before: await read(),
    now: () => read().catch(() => undefined),
  };
}
