import type { FaultKind } from "../fault.ts";
import { type PartyName, theParty } from "./the-party.ts";

/** A party outside the Swarm is gone: its machine is off (its processes are killed), or nothing of it answers any more (frozen: connections hang). */
interface Gone {
  kind: "party/gone";
  party: PartyName;
  how: "off" | "hangs";
}

export const gone: FaultKind<Gone> = {
  kind: "party/gone",
  words: ({ party, how }) => (how === "off" ? `${party} is off` : `${party} hangs: connections stay open, and nothing answers`),
  async prepare(replica, { party, how }) {
    if (party === "acme" && how === "off")
      throw new Error(
        "not possible: the ACME server holds its root in memory, and would come back as another authority; it can hang, refuse or reset",
      );
    const { container, id, addresses } = await theParty(replica, party);
    // By the processes of the machine, not by what Docker was told.
    const state = async () => {
      const { State, NetworkSettings } = await container.inspect();
      const now = NetworkSettings.Networks;
      const moved = Object.entries(addresses).some(([network, address]) => now[network]?.IPAddress !== address);
      return { running: State.Running, paused: State.Paused, moved };
    };
    return {
      name: `party-${how}/${party}`,
      detail: { party, container: id, addresses },
      undo: [how === "off" ? { do: "start", container: id, addresses } : { do: "unpause", container: id }],
      // It comes back with a network namespace of its own, in which nothing counts yet.
      ...(how === "off" ? { afterwards: [replica.sockets.again(id)] } : {}),
      apply: () => (how === "off" ? container.kill({ signal: "SIGKILL" }) : container.pause()),
      bites: async () => {
        const { running, paused } = await state();
        return how === "off" ? !running : paused;
      },
      // Names in the run's DNS lead to the address that it had.
      healed: async () => {
        const { running, paused, moved } = await state();
        return running && !paused && !moved;
      },
    };
  },
};
