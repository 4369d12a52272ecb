import type { Replica } from "../../replica/up.ts";
import type { FaultKind, PreparedFault } from "../fault.ts";
import { ask, type Edge, type Ends, edgeWords, endsOf, everywhere, isMoved } from "./edge.ts";
import { interposed } from "./interpose.ts";
import { told } from "./namespace.ts";
import { newNumber, nothingLeft, onNode, undoAll } from "./node-script.ts";
import { closingQuestion } from "./question.ts";
import { drop } from "./rules.ts";

/**
 * Nothing that is sent on an edge arrives, and nobody is told. `unanswered`: packets vanish, so connecting never ends, and connections that stand go silent.
 * `accepted`: connections are taken and then hear nothing, as behind a proxy that has lost its server (Toxiproxy's `timeout` of 0).
 */
interface BlackHole extends Edge {
  kind: "network/black-hole";
  connections: "unanswered" | "accepted";
}

/** How long silence must last to be seen as such; the far end answers in a few milliseconds. */
const silentMs = 500;

export const blackHole: FaultKind<BlackHole> = {
  kind: "network/black-hole",
  words: ({ connections, ...edge }) =>
    connections === "accepted"
      ? `connections ${edgeWords(edge)} are taken and hear nothing`
      : `packets ${edgeWords(edge)} vanish: no connection is made, and those that stand go silent`,
  prepare: async (replica, { connections, ...edge }) =>
    connections === "unanswered"
      ? await vanishing(replica, edge)
      : await interposed(replica, edge, {
          name: "black-hole-accepted",
          toxics: (["upstream", "downstream"] as const).map((stream) => ({
            type: "timeout" as const,
            stream,
            attributes: { timeout: 0 },
          })),
          bites: (ends) => isSilent(replica, ends),
        }),
};

async function vanishing(replica: Replica, edge: Edge): Promise<PreparedFault> {
  const ends = await endsOf(replica, edge);
  const number = await newNumber(replica);
  const { near, far } = ends;
  return {
    name: `black-hole/${edge.from}-${edge.to}`,
    detail: { edge: edgeWords(edge), number, near: told(near), far },
    undo: undoAll(replica, number, near),
    apply: async () => {
      for (const { pid, inode } of near)
        await onNode(replica, "rules", number, pid, inode, drop(number, far.addresses, far.port));
    },
    bites: () =>
      everywhere(ends, async (from, address) => {
        const { error } = await ask(replica, from, far, address, { send: "", withinMs: silentMs });
        return error?.kind === "connect-timeout";
      }),
    healed: () => nothingLeft(replica, number, near),
    stale: () => isMoved(replica, edge, ends),
  };
}

async function isSilent(replica: Replica, ends: Ends): Promise<boolean> {
  return await everywhere(ends, async (from, address) => {
    const question = { send: closingQuestion(ends.far.protocol), withinMs: silentMs };
    const { phases, response } = await ask(replica, from, ends.far, address, question);
    return phases.connect !== undefined && response !== undefined && response.bytes === 0 && !response.closed;
  });
}
