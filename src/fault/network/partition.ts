import type { Role } from "../../candidate/types.ts";
import type { Replica } from "../../replica/up.ts";
import type { FaultKind } from "../fault.ts";
import { addressesOf, isParty, type PartyName } from "./edge.ts";
import { type Namespace, told, victimsOf } from "./namespace.ts";
import { newNumber, nothingLeft, onNode, undoAll } from "./node-script.ts";
import { reaches } from "./reach.ts";
import { drop } from "./rules.ts";

type Member = Role | PartyName;

/** Two sets of roles and parties cannot reach each other: every packet between them vanishes, in both directions. Within each set nothing changes. */
interface Partition {
  kind: "network/partition";
  between: readonly Member[];
  and: readonly Member[];
}

/** One side as it is now: namespaces of its tasks, and the addresses of all of it. */
interface Side {
  roles: Role[];
  inside: Namespace[];
  addresses: string[];
}

export const partition: FaultKind<Partition> = {
  kind: "network/partition",
  words: ({ between, and }) => `${between.join(", ")} and ${and.join(", ")} cannot reach each other`,
  async prepare(replica, { between, and }) {
    const sides = await sidesOf(replica, between, and);
    const [one, other] = sides;
    const inside = [...one.inside, ...other.inside];
    if (inside.length === 0) throw new Error("a partition between parties alone is outside of the Swarm");
    const number = await newNumber(replica);
    const cut = await reaching(replica, sides);
    if (cut.length === 0)
      throw new Error(`no task of ${between.join(", ")} reaches one of ${and.join(", ")}: there is nothing to cut`);
    return {
      name: `partition/${between.join("+")}/${and.join("+")}`,
      detail: { number, sides: sides.map(({ inside, addresses }) => ({ tasks: told(inside), addresses })) },
      undo: undoAll(replica, number, inside),
      apply: async () => {
        for (const { from, to } of directions(sides))
          for (const { pid, inode } of from.inside)
            await onNode(replica, "rules", number, pid, inode, drop(number, to.addresses));
      },
      bites: async () =>
        (await Promise.all(cut.map(({ from, address }) => reaches(replica, from, address)))).every((does) => !does),
      healed: () => nothingLeft(replica, number, inside),
      stale: async () => {
        const now = await sidesOf(replica, between, and).catch(() => undefined);
        const isNew = (side: Side, known: Side) =>
          side.inside.some(({ containerId }) => !known.inside.some((task) => task.containerId === containerId)) ||
          side.addresses.some((address) => !known.addresses.includes(address));
        return now !== undefined && (isNew(now[0], one) || isNew(now[1], other));
      },
    };
  },
};

const directions = ([one, other]: readonly [Side, Side]) => [
  { from: one, to: other },
  { from: other, to: one },
];

async function sidesOf(replica: Replica, between: readonly Member[], and: readonly Member[]): Promise<[Side, Side]> {
  const side = async (members: readonly Member[]): Promise<Side> => {
    const roles = members.filter((member) => !isParty(member)) as Role[];
    const [inside, addresses] = await Promise.all([
      Promise.all(roles.map((role) => victimsOf(replica, role))),
      Promise.all(members.map((member) => addressesOf(replica, member))),
    ]);
    return { roles, inside: inside.flat(), addresses: addresses.flat() };
  };
  return [await side(between), await side(and)];
}

/** Ways between both sides that are open now: a network that only one of them is in is none. */
async function reaching(replica: Replica, sides: readonly [Side, Side]): Promise<{ from: Namespace; address: string }[]> {
  const ways = directions(sides).flatMap(({ from, to }) =>
    from.inside.flatMap((one) => to.addresses.map((address) => ({ from: one, address }))),
  );
  const open = await Promise.all(ways.map(({ from, address }) => reaches(replica, from, address)));
  return ways.filter((_, at) => open[at]);
}
