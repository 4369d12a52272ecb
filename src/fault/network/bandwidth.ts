import type { FaultKind } from "../fault.ts";
import { ask, type Edge, edgeWords, everywhere } from "./edge.ts";
import { interposed } from "./interpose.ts";
import { longQuestion } from "./question.ts";

/** An edge carries no more than that, in each direction and for each connection. */
interface Bandwidth extends Edge {
  kind: "network/bandwidth";
  /** Toxiproxy counts in thousands. */
  kilobytesPerSecond: number;
}

/** What takes less than this on the wire is lost in the noise of any exchange. */
const leastSeenMs = 10;

export const bandwidth: FaultKind<Bandwidth> = {
  kind: "network/bandwidth",
  words: ({ kilobytesPerSecond, ...edge }) => `a connection ${edgeWords(edge)} carries ${kilobytesPerSecond} kB/s each way`,
  async prepare(replica, { kilobytesPerSecond, ...edge }) {
    if (!Number.isInteger(kilobytesPerSecond) || kilobytesPerSecond < 1)
      throw new Error("a bandwidth is a whole number of kB/s, 1 or more");
    const attributes = { rate: kilobytesPerSecond };
    return await interposed(replica, edge, {
      name: "bandwidth",
      toxics: [
        { type: "bandwidth", stream: "upstream", attributes },
        { type: "bandwidth", stream: "downstream", attributes },
      ],
      bites: (ends) => {
        const { send, bytes } = longQuestion(ends.far.protocol);
        const most = bytes / leastSeenMs;
        if (kilobytesPerSecond > most)
          throw new Error(`more than ${most} kB/s cannot be seen on ${edgeWords(edge)}, where a look has ${bytes} bytes`);
        const withinMs = 2000 + (3 * bytes) / kilobytesPerSecond;
        return everywhere(ends, async (from, address) => {
          const { phases, response } = await ask(replica, from, ends.far, address, { send, withinMs });
          if (!response || response.bytes === 0) return false;
          // One after the other: the server reads the whole question before it answers.
          return (phases.firstByte ?? 0) / 1e6 >= bytes / kilobytesPerSecond;
        });
      },
    });
  },
};
