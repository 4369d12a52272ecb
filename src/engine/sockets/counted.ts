import { isIPv6 } from "node:net";

/** A destination that was addressed, as the kernel counted it. */
export interface Destination {
  address: string;
  /** "tcp", "udp", "icmp", … */
  protocol: string;
  /** Absent where the protocol has none, for answers over UDP, and for IPv6. */
  port?: number;
  /** Of TCP only the attempts to connect, of all else every packet. */
  packets: number;
  /** Addresses that it was addressed from. */
  from: string[];
}

/** What one network namespace counted. */
export interface Counted {
  /** By programs in the namespace itself. */
  own: Destination[];
  /** By others, whose packets came in: a node's tasks, and clients. */
  passing: Destination[];
  /** A default route that packets could leave by. */
  wayOut: boolean;
}

/** That the canary was counted is the proof that the watch works there; nobody has its address. */
const canary = "203.0.113.254";
const setSize = 65_535;

interface Element {
  elem: { val: { concat: [from: string, to: string, protocol: string, port?: number] }; counter: { packets: number } };
}

/**
 * Reads what `watch.sh read` printed.
 * @throws Error with a sentence when it is not whole: no watch, no canary, or a set that was full
 */
export function counted(output: string): Counted {
  const [rules = "", routes = "[]"] = output.trim().split("\n");
  const { nftables } = JSON.parse(rules) as { nftables: { set?: { name: string; elem?: Element[] } }[] };
  const elements = (name: string): Element[] => {
    const set = nftables.find((one) => one.set?.name === name)?.set;
    if (!set) throw new Error(`the kernel has no set ${name}`);
    const found = set.elem ?? [];
    if (found.length >= setSize) throw new Error(`the set ${name} is full: what came later was not counted`);
    return found;
  };
  const all = (hook: "own" | "passing") => [hook, `${hook}_other`, `${hook}_six`].flatMap(elements);
  const own = all("own");
  if (!own.some(({ elem }) => elem.val.concat[1] === canary))
    throw new Error("what has no route is not counted there: the trial packet is missing");
  return {
    own: destinations(own.filter(({ elem }) => elem.val.concat[1] !== canary)),
    passing: destinations(all("passing")),
    wayOut: (JSON.parse(routes) as unknown[]).length > 0,
  };
}

/** Puts together what differs only in where it came from; in the order of the addresses. */
function destinations(elements: Element[]): Destination[] {
  const found = new Map<string, Destination>();
  for (const { elem } of elements) {
    const [from, address, protocol, port] = elem.val.concat;
    const key = `${isIPv6(address) ? 6 : 4} ${address} ${protocol} ${port ?? ""}`;
    const known = found.get(key) ?? { address, protocol, ...(port === undefined ? {} : { port }), packets: 0, from: [] };
    known.packets += elem.counter.packets;
    if (!known.from.includes(from)) known.from.push(from);
    found.set(key, known);
  }
  return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => ({ ...one, from: one.from.sort() }));
}
