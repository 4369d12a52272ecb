import { until } from "../../engine/until.ts";
import type { Replica } from "../../replica/up.ts";
import type { PreparedFault } from "../fault.ts";
import { type Edge, type Ends, edgeWords, endsOf, type FarEnd, isMoved } from "./edge.ts";
import { type Namespace, told } from "./namespace.ts";
import { becomes, newNumber, nothingLeft, onNode, undoAll } from "./node-script.ts";
import { proxyPorts, redirect, resetOthers } from "./rules.ts";

/** One of Toxiproxy's own; `stream` is as it names them: upstream is what the near end sends. */
export interface Toxic {
  type: "latency" | "bandwidth" | "slow_close" | "reset_peer" | "timeout";
  stream: "upstream" | "downstream";
  attributes: Record<string, number>;
}

/** Longest wait for connections that were reset to be made again. */
const comeBackMs = 2_000;

/**
 * Puts Toxiproxy on an edge without changing a service. It runs inside the network namespace of each task at the near end, as a user of its own; new connections to the far
 * end are redirected to it there, and its own go where they would have gone, by name, so they follow a far end that is replaced behind a virtual address. Connections
 * that stood before are reset once, at both ends, so that they come back through it. Without toxics nothing differs but that.
 *
 * Toxiproxy takes every connection before it makes its own: connecting is never slow, and never refused.
 */
export async function interposed(
  replica: Replica,
  edge: Edge,
  given: { name: string; toxics: readonly Toxic[]; bites: (ends: Ends) => Promise<boolean> },
): Promise<PreparedFault> {
  const ends = await endsOf(replica, edge);
  const number = await newNumber(replica);
  const { near, far } = ends;
  return {
    name: `${given.name}/${edge.from}-${edge.to}`,
    detail: { edge: edgeWords(edge), number, near: told(near), far, toxics: given.toxics },
    undo: undoAll(replica, number, near),
    apply: async () => {
      const connections = [];
      for (const one of near) connections.push(await stepIn(replica, number, one, far));
      for (const one of near) await poison(replica, number, one, given.toxics);
      return { connections };
    },
    bites: () => given.bites(ends),
    healed: () => nothingLeft(replica, number, near),
    stale: () => isMoved(replica, edge, ends),
  };
}

/**
 * Puts the proxy between, without toxics, and gives those who had connections time to have them again: what they would else meet is a log-in under the fault, which is
 * not what the fault is about. Who opens connections only when it needs them is not waited for.
 */
async function stepIn(
  replica: Replica,
  number: number,
  { pid, inode, containerId }: Namespace,
  far: FarEnd,
): Promise<{ stood: number; back: number }> {
  const { listen, api } = proxyPorts(number);
  const standing = async () => Number(await onNode(replica, "standing", pid, inode, far.port, ...far.addresses));
  await becomes(replica, number, "proxy", number, pid, inode, listen, api, `${far.host}:${far.port}`, containerId);
  await onNode(replica, "proxy-ready", number, pid, inode, listen, api);
  const stood = await standing();
  await onNode(replica, "rules", number, pid, inode, redirect(number, far));
  // Before the rule that would eat its last word to the other side.
  await onNode(replica, "cut", number, pid, inode, far.port, ...far.addresses);
  await onNode(replica, "rules", number, pid, inode, resetOthers(number, far));
  let back = await standing();
  const isBack = async () => {
    back = await standing();
    return back >= stood;
  };
  await until("the connections to come back", { withinMs: comeBackMs, everyMs: 50 }, isBack).catch(() => {});
  return { stood, back };
}

async function poison(replica: Replica, number: number, { pid }: Namespace, toxics: readonly Toxic[]): Promise<void> {
  const url = `http://127.0.0.1:${proxyPorts(number).api}/proxies/edge/toxics`;
  for (const { type, stream, attributes } of toxics) {
    const body = JSON.stringify({ type, stream, attributes });
    const { response, error } = await replica.nodeAgent.probe({ netnsPid: pid }, { kind: "http", url, method: "POST", body });
    if (response?.status !== 200)
      throw new Error(`Toxiproxy did not take ${type}: ${error?.message ?? `${response?.status} ${response?.bodyText}`}`);
  }
}
