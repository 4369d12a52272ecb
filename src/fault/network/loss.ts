import type { Role } from "../../candidate/types.ts";
import type { Replica } from "../../replica/up.ts";
import type { FaultKind } from "../fault.ts";
import { addressesOf, type PartyName } from "./edge.ts";
import { joined, type Namespace, told, victimsOf } from "./namespace.ts";
import { newNumber, nothingLeft, onNode, undoAll } from "./node-script.ts";
import { lostConnects, reaches } from "./reach.ts";
import { lose } from "./rules.ts";

/** Packets to and from a role's tasks are lost by chance, each on its own, in both directions; of all that it has to do with, or only of one role or party. */
interface Loss {
  kind: "network/loss";
  role: Role;
  with?: Role | PartyName;
  percent: number;
}

/** Connects of one look, and how many of several looks together are lost on average before anything is concluded. */
const tries = 60;
const fewLost = 8;

export const loss: FaultKind<Loss> = {
  kind: "network/loss",
  words: ({ role, with: peer, percent }) => `${percent} % of the packets between ${role} and ${peer ?? "everybody"} are lost`,
  async prepare(replica, { role, with: peer, percent }) {
    if (!(percent > 0 && percent <= 100)) throw new Error(`${percent} % of packets cannot be lost: more than 0, at most 100`);
    const victims = await victimsOf(replica, role);
    const addresses = peer === undefined ? [] : await addressesOf(replica, peer);
    if (peer !== undefined && addresses.length === 0) throw new Error(`${peer} has no address now`);
    const looks = await Promise.all(victims.map((at) => lookFrom(replica, at, peer === undefined ? undefined : addresses)));
    const number = await newNumber(replica);
    const rounds = Math.ceil(fewLost / (bothWays(percent) * tries));
    return {
      name: `loss/${role}${peer === undefined ? "" : `-${peer}`}`,
      detail: { number, percent, victims: told(victims), addresses, lookedAt: looks.map(({ address }) => address) },
      undo: undoAll(replica, number, victims),
      apply: async () => {
        for (const { pid, inode } of victims)
          await onNode(replica, "rules", number, pid, inode, lose(number, percent, addresses));
      },
      bites: async () => {
        for (const look of looks)
          look.lost = [await lostConnects(replica, look.at, look.address, tries), ...look.lost].slice(0, rounds);
        return looks.every(({ lost }) => lost.length === rounds && isSuchLoss(percent, { lost: sum(lost), n: rounds * tries }));
      },
      healed: () => nothingLeft(replica, number, victims),
      stale: async () => {
        if (await joined(replica, [role], victims)) return true;
        return peer !== undefined && (await addressesOf(replica, peer)).some((address) => !addresses.includes(address));
      },
    };
  },
};

/** Chance that a connect is not answered: its packet may be lost, or the one that comes back. */
const bothWays = (percent: number) => 1 - (1 - percent / 100) ** 2;

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);

/** Whether so many lost connects fit that chance: within five standard deviations, and 2 % for a busy machine. */
export function isSuchLoss(percent: number, { lost, n }: { lost: number; n: number }): boolean {
  const expected = bothWays(percent);
  const deviation = Math.sqrt((expected * (1 - expected)) / n);
  return lost > 0 && Math.abs(lost / n - expected) <= 5 * deviation + 0.02;
}

interface Look {
  at: Namespace;
  address: string;
  /** In each of the newest looks, as many of them as a small chance takes. */
  lost: number[];
}

/** Somebody who answers: of these addresses, or of all tasks' when none are given. */
async function lookFrom(replica: Replica, at: Namespace, addresses?: readonly string[]): Promise<Look> {
  const asked = addresses ?? (await neighbours(replica, at));
  for (const address of asked) if (await reaches(replica, at, address)) return { at, address, lost: [] };
  throw new Error(`${at.service} reaches none of ${asked.join(", ") || "its neighbours"}: there is nothing to lose`);
}

/** Addresses of other tasks, in the networks of this one. */
async function neighbours(replica: Replica, at: Namespace): Promise<string[]> {
  const all = await replica.swarm.tasks();
  const running = await Promise.all(all.map((task) => replica.swarm.runningOf([task])));
  const others = running.filter((one) => one !== undefined && one.containerId !== at.containerId) as Pick<
    Namespace,
    "addresses"
  >[];
  return others.flatMap(({ addresses }) =>
    [...addresses].flatMap(([network, address]) => (at.addresses.has(network) ? [address] : [])),
  );
}
