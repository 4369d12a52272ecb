import { randomInt } from "node:crypto";
import { standBeside } from "../../engine/beside.ts";
import { run } from "../../engine/exec.ts";
import type { Sample } from "../../history/sample.ts";
import type { FaultKind } from "../fault.ts";
import { freshMark } from "../fresh-mark.ts";
import { askParty } from "./ask.ts";
import { besideParty, type PartyName, theParty } from "./the-party.ts";

/** Whatever a party sends from its ports leaves it later: every answer, on kept connections too, and the handshakes of new ones. */
interface Slow {
  kind: "party/slow";
  party: PartyName;
  delayMs: number;
}

export const slow: FaultKind<Slow> = {
  kind: "party/slow",
  words: ({ party, delayMs }) => `everything that ${party} sends leaves it ${delayMs} ms later`,
  async prepare(replica, { party, delayMs }) {
    const it = await theParty(replica, party);
    const beside = await besideParty(replica, it);
    const mark = freshMark();
    const name = `sr-${replica.runId}-${mark}`;
    const queue = randomInt(1, 65_536);
    // The first packet that comes back is the answer to the handshake, or over UDP the answer itself.
    const tookMs = async () => firstAnswerMs(await askParty(replica, party, it));
    return {
      name: `party-slow/${party}`,
      detail: { party, container: it.id, ports: it.ports, delayMs, queue, helper: name },
      undo: [
        { do: "remove", container: name },
        { do: "beside", ...beside, argv: letThrough(mark) },
      ],
      apply: async () => {
        const helper = await standBeside(replica.docker, { ...beside, name }, [
          "sprocket-agent",
          "hold-back",
          "-queue",
          String(queue),
          "-delay",
          `${delayMs}ms`,
        ]);
        const { code, stderr } = await run(replica.docker, helper.id, ["sh", "-c", holding(mark, queue, it.ports)]);
        if (code !== 0) throw new Error(`${party} is not held back: ${stderr.trim()}`);
      },
      bites: async () => {
        const took = await tookMs();
        return took !== undefined && took >= delayMs * 0.95;
      },
      healed: async () => {
        const took = await tookMs();
        return took !== undefined && took < delayMs * 0.95;
      },
    };
  },
};

/** Until the first packet came back, milliseconds; undefined where none did. */
export function firstAnswerMs({ probe, phases, sent, done, response }: Sample): number | undefined {
  if (probe === "dns") return response ? (done - sent) / 1e6 : undefined;
  return phases.connect === undefined ? undefined : phases.connect / 1e6;
}

/**
 * Shell commands that send what leaves these ports to a queue, also where another fault has led a connection to a port of its own. Where nobody reads the queue any more it passes. A
 * chain of its own, so that another fault's rules stay.
 */
export function holding(mark: string, queue: number, ports: readonly number[]): string {
  const matches = [
    // A refusal is no answer: it passes (and the kernel drops one that waited).
    `-p tcp --tcp-flags RST NONE -m multiport --sports ${ports.join(",")}`,
    `-p udp -m multiport --sports ${ports.join(",")}`,
    ...ports.map((port) => `-p tcp --tcp-flags RST NONE -m conntrack --ctorigdstport ${port} --ctdir REPLY`),
  ];
  return [
    "set -e",
    `iptables -w -N ${mark}`,
    ...matches.map((match) => `iptables -w -A ${mark} ! -o lo ${match} -j NFQUEUE --queue-num ${queue} --queue-bypass`),
    `iptables -w -I OUTPUT -j ${mark}`,
  ].join("\n");
}

/** Removes such a chain if it is there; fails only when it is there still. */
export function letThrough(mark: string): string[] {
  return [
    "sh",
    "-c",
    'while iptables -w -D OUTPUT -j "$0" 2>/dev/null; do :; done; iptables -w -F "$0" 2>/dev/null; iptables -w -X "$0" 2>/dev/null; ! iptables -w -S "$0" >/dev/null 2>&1',
    mark,
  ];
}
