import { accountFolder } from "../replica/processor.ts";
import type { Replica } from "../replica/up.ts";

/** Where the kernel keeps account of a process of the node, and in which of its two ways. */
export interface Cgroup {
  folder: string;
  version: 1 | 2;
}

/** @throws when the node's kernel keeps no account of it that can be read */
export async function cgroupOf(replica: Replica, pid: number, controller: "cpu" | "memory"): Promise<Cgroup> {
  const text = await textOf(replica, `/proc/${pid}/cgroup`);
  const found = accountFolder(text, controller);
  if (!found) throw new Error(`process ${pid} has no cgroup of the ${controller} controller that could be changed`);
  return found;
}

/** A short file of the node, read by its agent. */
export async function textOf(replica: Replica, path: string): Promise<string> {
  const { content } = await replica.nodeAgent.file({ action: "read", path });
  return Buffer.from(content, "base64").toString("utf8").trim();
}
