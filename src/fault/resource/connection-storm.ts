import type { Role } from "../../candidate/types.ts";
import { background } from "../background.ts";
import { textOf } from "../cgroup.ts";
import type { FaultKind } from "../fault.ts";
import { isReplaced, taskOf } from "../victim.ts";

/** So many new connections a second to a port of a role, from the place of another one; each says nothing and is kept for a while. */
interface ConnectionStorm {
  kind: "resource/connection-storm";
  role: Role;
  port: number;
  perSecond: number;
  /** How long each is kept open, milliseconds. */
  openMs: number;
  /** In whose network namespace they begin; it shares a network with the role. */
  from: Role;
}

/** Open at one time; each is a descriptor on both sides, and a port on ours. */
const mostOpen = 20_000;

/** An agent of its own, so that the fault ends with its process and nothing else does. */
const storm = "{ cat; while :; do sleep 1; done; } | sprocket-agent > /dev/null";

/** Connections that came in, of a `/proc/net/snmp`. */
export function passiveOpens(text: string): number {
  const [names = [], values = []] = text
    .split("\n")
    .filter((line) => line.startsWith("Tcp:"))
    .map((line) => line.split(" "));
  return Number(values[names.indexOf("PassiveOpens")] ?? Number.NaN);
}

export const connectionStorm: FaultKind<ConnectionStorm> = {
  kind: "resource/connection-storm",
  words: ({ role, port, perSecond, openMs, from }) =>
    `${perSecond} new connections a second from ${from} to port ${port} of ${role}, each open for ${openMs} ms`,
  async prepare(replica, { role, port, perSecond, openMs, from }) {
    const { service, task } = await taskOf(replica, role);
    const source = await taskOf(replica, from);
    const shared = [...task.addresses].find(([network]) => source.task.addresses.has(network));
    if (!shared) throw new Error(`${source.service} shares no network with ${service}`);
    const open = Math.ceil((perSecond * openMs) / 1000);
    if (!(perSecond > 0) || open > mostOpen) throw new Error(`${open} connections at one time: at most ${mostOpen} are possible`);
    const attack = background(replica);
    const request = {
      id: 1,
      op: "series",
      where: { netnsPid: source.task.pid },
      probe: { kind: "tcp", host: shared[1], port, readUntilMs: openMs, timeouts: { connectMs: 2000, totalMs: openMs + 4000 } },
      ratePerSecond: perSecond,
      maxInFlight: mostOpen,
    };
    let last: { at: number; opens: number } | undefined;
    return {
      name: `connection-storm/${service}/${perSecond}`,
      detail: { service, task: task.task.id, from: source.service, address: shared[1], port, perSecond, openMs },
      undo: [attack.undo],
      apply: async () => attack.start(storm, { stdin: `${JSON.stringify(request)}\n` }),
      // By the kernel's count of what came in where the victim is: half of it at least, since its queue may be full.
      bites: async () => {
        await attack.running();
        const now = { at: performance.now(), opens: passiveOpens(await textOf(replica, `/proc/${task.pid}/net/snmp`)) };
        if (last && now.at - last.at < 500) return false;
        const rate = last && ((now.opens - last.opens) * 1000) / (now.at - last.at);
        last = now;
        return rate !== undefined && rate >= perSecond / 2;
      },
      healed: async () => (await attack.left()).length === 0,
      stale: async () => (await isReplaced(replica, service, task)) || (await isReplaced(replica, source.service, source.task)),
    };
  },
};
