import type { Role } from "../../candidate/types.ts";
import type { FaultKind } from "../fault.ts";
import { joined, told, victimsOf } from "./namespace.ts";
import { newNumber, nothingLeft, onNode, undoAll } from "./node-script.ts";
import { silenceDns } from "./rules.ts";

/** A role's tasks get no answer from name servers: their questions vanish, or are refused at once. Names in their hosts files still resolve. */
interface DnsFailure {
  kind: "network/dns-failure";
  role: Role;
  how: "dropped" | "refused";
}

const answeredMs = 500;

export const dnsFailure: FaultKind<DnsFailure> = {
  kind: "network/dns-failure",
  words: ({ role, how }) => `questions of ${role} to name servers ${how === "dropped" ? "vanish" : "are refused"}`,
  async prepare(replica, { role, how }) {
    const victims = await victimsOf(replica, role);
    const number = await newNumber(replica);
    const answered = async ({ service, pid }: (typeof victims)[number]) => {
      const timeouts = { connectMs: answeredMs, totalMs: answeredMs };
      const { response } = await replica.nodeAgent.probe({ netnsPid: pid }, { kind: "dns", name: service, timeouts });
      return response !== undefined;
    };
    return {
      name: `dns-${how}/${role}`,
      detail: { number, victims: told(victims) },
      undo: undoAll(replica, number, victims),
      apply: async () => {
        for (const { pid, inode } of victims) await onNode(replica, "rules", number, pid, inode, silenceDns(number, how));
      },
      bites: async () => (await Promise.all(victims.map(answered))).every((is) => !is),
      healed: () => nothingLeft(replica, number, victims),
      stale: () => joined(replica, [role], victims),
    };
  },
};
