import type { FaultKind } from "../fault.ts";
import { ask, type Edge, edgeWords, everywhere } from "./edge.ts";
import { interposed } from "./interpose.ts";
import { closingQuestion } from "./question.ts";

/** Every answer on an edge comes later by `delayMs`, give or take up to `jitterMs` each time; connecting itself is not slower. */
interface Latency extends Edge {
  kind: "network/latency";
  delayMs: number;
  jitterMs?: number;
}

export const latency: FaultKind<Latency> = {
  kind: "network/latency",
  words: ({ delayMs, jitterMs = 0, ...edge }) =>
    `answers on ${edgeWords(edge)} come ${delayMs}${jitterMs > 0 ? ` ± ${jitterMs}` : ""} ms later`,
  prepare: async (replica, { delayMs, jitterMs = 0, ...edge }) =>
    await interposed(replica, edge, {
      name: "latency",
      toxics: [{ type: "latency", stream: "downstream", attributes: { latency: delayMs, jitter: jitterMs } }],
      bites: (ends) =>
        everywhere(ends, async (from, address) => {
          const question = { send: closingQuestion(ends.far.protocol), withinMs: 2000 + 3 * (delayMs + jitterMs) };
          const { phases, response } = await ask(replica, from, ends.far, address, question);
          return response !== undefined && response.bytes > 0 && (phases.firstByte ?? 0) >= (delayMs - jitterMs) * 1e6;
        }),
    }),
};
