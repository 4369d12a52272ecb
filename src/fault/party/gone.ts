import type { FaultKind } from "../fault.ts";

/** A party outside the Swarm is gone: its machine is off (its processes are killed), or nothing of it answers any more (frozen: connections hang). */
interface Gone {
  kind: "party/gone";
  party: "postgres" | "s3" | "dns" | "acme";
  how: "off" | "hangs";
}

export const gone: FaultKind<Gone> = {
  kind: "party/gone",
  words: ({ party, how }) => (how === "off" ? `${party} is off` : `${party} hangs: connections stay open, and nothing answers`),
  async prepare(replica, { party, how }) {
    const id = replica.parties.get(party);
    if (!id) throw new Error(`this target has no party ${party} that could be hurt`);
    const container = replica.docker.getContainer(id);
    // By the processes of the machine, not by what Docker was told.
    const state = async () => {
      const { State } = await container.inspect();
      return { running: State.Running, paused: State.Paused };
    };
    return {
      name: `party-${how}/${party}`,
      detail: { party, container: id },
      undo: [{ do: how === "off" ? "start" : "unpause", container: id }],
      apply: () => (how === "off" ? container.kill({ signal: "SIGKILL" }) : container.pause()),
      bites: async () => {
        const { running, paused } = await state();
        return how === "off" ? !running : paused;
      },
      healed: async () => {
        const { running, paused } = await state();
        return running && !paused;
      },
    };
  },
};
