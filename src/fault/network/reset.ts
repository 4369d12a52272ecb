import type { FaultKind } from "../fault.ts";
import { ask, type Edge, edgeWords, everywhere } from "./edge.ts";
import { interposed } from "./interpose.ts";
import { closingQuestion } from "./question.ts";

/** Every connection on an edge is reset as soon as something is sent over it, or that much later; those that stood before are reset at once. */
interface Reset extends Edge {
  kind: "network/reset";
  afterMs?: number;
}

export const reset: FaultKind<Reset> = {
  kind: "network/reset",
  words: ({ afterMs = 0, ...edge }) =>
    `connections ${edgeWords(edge)} are reset ${afterMs > 0 ? `${afterMs} ms after` : "at"} the first byte`,
  prepare: async (replica, { afterMs = 0, ...edge }) =>
    await interposed(replica, edge, {
      name: "reset",
      toxics: (["downstream", "upstream"] as const).map((stream) => ({
        type: "reset_peer" as const,
        stream,
        attributes: { timeout: afterMs },
      })),
      bites: (ends) =>
        everywhere(ends, async (from, address) => {
          const question = { send: closingQuestion(ends.far.protocol), withinMs: 2000 + 3 * afterMs };
          const { error, response } = await ask(replica, from, ends.far, address, question);
          return error?.kind === "reset" && (response?.bytes ?? 0) === 0;
        }),
    }),
};
