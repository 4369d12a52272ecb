import type { Role } from "../../candidate/types.ts";
import type { Replica } from "../../replica/up.ts";
import type { FaultKind } from "../fault.ts";
import { joined, type Namespace, namespacesOf, told, victimsOf } from "./namespace.ts";
import { newNumber, onNode, undoAll, undoOnNode } from "./node-script.ts";

/** The tasks of a role lose one of their networks, by its name or as the one that they share with another role: its interface is down in each, as if the cable were out. */
interface Detach {
  kind: "network/detach";
  role: Role;
  network: string | { sharedWith: Role };
}

/** The interface of a task in a network, and its routes that the kernel forgets when it goes down. */
interface Interface {
  at: Namespace;
  network: string;
  device: string;
  routes: string[];
}

export const detach: FaultKind<Detach> = {
  kind: "network/detach",
  words: ({ role, network }) =>
    `${role} loses ${typeof network === "string" ? `the network ${network}` : `every network that it shares with ${network.sharedWith}`}`,
  async prepare(replica, { role, network }) {
    const victims = await victimsOf(replica, role);
    const names = typeof network === "string" ? [network] : await shared(replica, victims, network.sharedWith);
    const found = (await Promise.all(victims.map((at) => interfacesOf(replica, at, names)))).flat();
    if (found.length === 0) {
      const had = victims.flatMap(({ addresses }) => [...addresses.keys()]);
      throw new Error(`${role} is in no network ${names.join(", ") || "of that kind"}; it has ${[...new Set(had)].join(", ")}`);
    }
    const number = await newNumber(replica);
    const routed = async ({ at: { pid, inode }, device }: Interface) => {
      const { pids } = await replica.nodeAgent.netns([pid]);
      if (!pids.some((one) => one.inode === inode)) return undefined;
      // The kernel's own table, not what `ip` was told: a device that is down has no route.
      const { code, stdout } = await replica.node.exec(["cat", `/proc/${pid}/net/route`]);
      return code === 0 ? stdout.split("\n").some((line) => line.startsWith(`${device}\t`)) : undefined;
    };
    return {
      name: `detach/${role}/${names.join("+")}`,
      detail: {
        number,
        victims: told(victims),
        interfaces: found.map(({ network, device, routes }) => ({ network, device, routes })),
      },
      undo: [
        ...found.map(({ at, device, routes }) => undoOnNode(replica, "link-up", at.pid, at.inode, device, ...routes)),
        // Done first: from then on it cannot be applied any more.
        ...undoAll(replica, number, victims),
      ],
      apply: async () => {
        for (const { at, device } of found) await onNode(replica, "link", number, at.pid, at.inode, device);
      },
      bites: async () => (await Promise.all(found.map(routed))).every((has) => has === false),
      healed: async () => (await Promise.all(found.map(routed))).every((has) => has !== false),
      stale: () => joined(replica, [role], victims),
    };
  },
};

async function shared(replica: Replica, victims: readonly Namespace[], role: Role): Promise<string[]> {
  const others = new Set((await namespacesOf(replica, role)).flatMap(({ addresses }) => [...addresses.keys()]));
  return [...new Set(victims.flatMap(({ addresses }) => [...addresses.keys()]).filter((name) => others.has(name)))];
}

async function interfacesOf(replica: Replica, at: Namespace, names: readonly string[]): Promise<Interface[]> {
  const inside = async (...argv: string[]) => {
    const { code, stdout, stderr } = await replica.node.exec(["nsenter", "-t", String(at.pid), "-n", "ip", "-4", ...argv]);
    if (code !== 0) throw new Error(`the interfaces of ${at.service} cannot be read: ${stderr.trim()}`);
    return stdout.split("\n").filter(Boolean);
  };
  const addressed = await inside("-o", "addr", "show", "up");
  const wanted = names.flatMap((network) => {
    const address = at.addresses.get(network);
    const line = addressed.find((one) => one.includes(` inet ${address}/`));
    const device = line && /^\d+: ([^@\s]+)/.exec(line)?.[1];
    if (address === undefined) return [];
    if (!device) throw new Error(`${at.service} has no interface in ${network} that is up: it is detached already`);
    return [{ network, device }];
  });
  return await Promise.all(
    wanted.map(async ({ network, device }) => ({
      at,
      network,
      device,
      routes: (await inside("route", "show", "dev", device))
        .filter((route) => !route.includes("proto kernel"))
        .map((route) => route.trim()),
    })),
  );
}
