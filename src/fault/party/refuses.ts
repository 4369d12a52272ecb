import { runBeside } from "../../engine/beside.ts";
import type { FaultKind } from "../fault.ts";
import { freshMark } from "../fresh-mark.ts";
import { askParty } from "./ask.ts";
import { dropTable } from "./table.ts";
import { besideParty, type PartyName, theParty } from "./the-party.ts";

/** A party's machine is there, and nobody listens on its ports: connections are refused at once, kept ones are reset when something is sent on them. */
interface Refuses {
  kind: "party/refuses";
  party: PartyName;
}

export const refuses: FaultKind<Refuses> = {
  kind: "party/refuses",
  words: ({ party }) => `${party} refuses connections: nobody listens on its ports`,
  async prepare(replica, { party }) {
    const it = await theParty(replica, party);
    const beside = await besideParty(replica, it);
    const mark = freshMark();
    const isRefused = async () => {
      const { error } = await askParty(replica, party, it);
      return error?.kind === "connect-refused" || (party === "dns" && error !== undefined);
    };
    return {
      name: `party-refuses/${party}`,
      detail: { party, container: it.id, ports: it.ports, table: mark },
      undo: [{ do: "beside", ...beside, argv: dropTable("inet", mark) }],
      apply: async () => {
        const { code, stderr } = await runBeside(replica.docker, beside, ["nft", refusal(mark, it.ports)]);
        if (code !== 0) throw new Error(`${party} does not refuse: ${stderr}`);
      },
      bites: isRefused,
      healed: async () => (await askParty(replica, party, it)).error === undefined,
    };
  },
};

/** What comes in for these ports is answered as by a machine on which nobody listens: a reset over TCP, "port unreachable" over UDP. */
export function refusal(mark: string, ports: readonly number[]): string {
  const set = `{ ${ports.join(", ")} }`;
  return [
    `table inet ${mark} {`,
    "chain input { type filter hook input priority filter; policy accept;",
    'iifname "lo" accept;',
    `tcp dport ${set} reject with tcp reset;`,
    // Of connections that another fault leads to a port of its own.
    `meta l4proto tcp ct direction original ct original proto-dst ${set} reject with tcp reset;`,
    `udp dport ${set} reject with icmpx type port-unreachable;`,
    "}",
    "}",
  ].join("\n");
}
