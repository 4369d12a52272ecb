import type { FaultKind } from "../fault.ts";
import { ask, type Edge, edgeWords, everywhere, isAnswered } from "./edge.ts";
import { interposed } from "./interpose.ts";
import { closingQuestion } from "./question.ts";

/** The end of a connection reaches the other side that much later: sessions pile up at both. */
interface SlowClose extends Edge {
  kind: "network/slow-close";
  delayMs: number;
}

export const slowClose: FaultKind<SlowClose> = {
  kind: "network/slow-close",
  words: ({ delayMs, ...edge }) => `connections ${edgeWords(edge)} end ${delayMs} ms late`,
  prepare: async (replica, { delayMs, ...edge }) =>
    await interposed(replica, edge, {
      name: "slow-close",
      toxics: (["downstream", "upstream"] as const).map((stream) => ({
        type: "slow_close" as const,
        stream,
        attributes: { delay: delayMs },
      })),
      bites: (ends) =>
        everywhere(ends, async (from, address) => {
          const question = { send: closingQuestion(ends.far.protocol), withinMs: 2000 + 3 * delayMs };
          const sample = await ask(replica, from, ends.far, address, question);
          const { phases, sent, done } = sample;
          // What is not of the way to the first byte of the answer was spent on waiting for the end, which the server makes at once.
          const waited = done - sent - (phases.connect ?? 0) - (phases.write ?? 0) - (phases.firstByte ?? 0);
          return isAnswered(sample) && waited >= delayMs * 1e6;
        }),
    }),
};
