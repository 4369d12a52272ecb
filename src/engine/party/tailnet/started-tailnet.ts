import type { Vantage } from "../../vantage/vantage.ts";
import type { Headscale } from "./headscale.ts";
import type { Member } from "./member.ts";
import type { Tag } from "./policy.ts";
import { Tailnet } from "./tailnet.ts";

/** What can be done to a tailnet and undone. */
export type TailnetFault = "direct-path-cut" | "control-gone" | "key-expired";

/** An attempt of a machine that nobody knows to join. */
export interface Attempt {
  /** Of the key that it showed: never used, used up by another machine, or past its time. */
  key: "fresh" | "used" | "expired";
  /** Exit code and words of its `tailscale up`. */
  code: number;
  words: string;
  /** Whether the control server lists it afterwards. */
  listed: boolean;
}

interface Parts extends Pick<Tailnet, "ingress" | "members"> {
  vantage: Vantage;
  stranger: Vantage;
  control: Headscale;
  /** Address of the ingress below the tailnet, where direct packets go. */
  underlay: string;
  reusableKeys: boolean;
  /** Starts a machine that is no member yet. */
  newcomer: (name: string) => Promise<Member>;
}

/** A tailnet that this process started: it can be hurt. Each fault is one call, and its end another; who wants to know whether it bites looks for himself. */
export class StartedTailnet extends Tailnet {
  /** The client's and the stranger's places; the client resolves names through MagicDNS. */
  readonly vantage: Vantage;
  readonly stranger: Vantage;
  readonly control: Headscale;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    super(parts);
    this.vantage = parts.vantage;
    this.stranger = parts.stranger;
    this.control = parts.control;
    this.#parts = parts;
  }

  /** Nothing of the tailnet's own packets goes from client to ingress or back any more, as behind a firewall that drops them; the relay is left. */
  async cutDirect(): Promise<void> {
    await this.#filter("-I");
  }

  async healDirect(): Promise<void> {
    await this.#filter("-D");
  }

  /** The control server dies. */
  async stopControl(): Promise<void> {
    await this.control.kill();
  }

  /** Resolves when it takes orders again. */
  async startControl(): Promise<void> {
    await this.control.restart();
  }

  /** Whether the client's machine gets a connection to the control server, beside the tunnel. */
  async controlAccepts(): Promise<boolean> {
    const { address: host, port } = this.control;
    const sample = await this.vantage.agent.probe<"tcp">({}, { kind: "tcp", host, port, timeouts: { totalMs: 1000 } });
    return sample.error === undefined;
  }

  /** Whether the control server has a connection to each of the machines. */
  async allOnline(): Promise<boolean> {
    const online = (await this.control.nodes()).filter((node) => node.online === true).map((node) => node.given_name);
    return Object.keys(this.members).every((name) => online.includes(name));
  }

  /** The time of the client's own key is over. */
  async expireKey(): Promise<void> {
    await this.control.expireNode(this.members.client.name);
  }

  /** The client logs in again with a new auth key. @throws when it is refused */
  async renewKey(): Promise<void> {
    await admit(this.control, this.members.client, { tag: "tag:client", acceptDns: true, reusable: this.#parts.reusableKeys });
  }

  /** Two machines that nobody knows ask to join: the first with a new key, the second with that same one, and with one whose time is over. Both are removed again. */
  async newcomers(): Promise<Attempt[]> {
    const { control } = this;
    const [first, second, fresh, expired] = await Promise.all([
      this.#parts.newcomer("newcomer-1"),
      this.#parts.newcomer("newcomer-2"),
      control.key("tag:stranger", this.#parts.reusableKeys),
      control.key("tag:stranger"),
    ]);
    try {
      await control.expireKey(expired);
      return [
        await this.#attempt(first, "fresh", fresh),
        await this.#attempt(second, "expired", expired),
        await this.#attempt(second, "used", fresh),
      ];
    } finally {
      await Promise.all([first.remove(), second.remove()]);
    }
  }

  async #attempt(member: Member, kind: Attempt["key"], key: string): Promise<Attempt> {
    const { code, words } = await member.join(this.control.url, key, false);
    const listed = (await this.control.nodes()).some((node) => node.given_name === member.name);
    return { key: kind, code, words, listed };
  }

  async #filter(action: "-I" | "-D"): Promise<void> {
    const { client } = this.members;
    for (const [chain, end] of [
      ["INPUT", "-s"],
      ["OUTPUT", "-d"],
    ] as const) {
      const argv = ["iptables", "-w", action, chain, "-p", "udp", end, this.#parts.underlay, "-j", "DROP"];
      const { code, stderr } = await client.exec(argv);
      if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}: ${stderr.trim()}`);
    }
  }
}

/** Lets a machine in with a key made for it. @throws when the control server refuses */
export async function admit(
  control: Headscale,
  member: Member,
  options: { tag: Tag; acceptDns: boolean; reusable: boolean },
): Promise<void> {
  const { code, words } = await member.join(control.url, await control.key(options.tag, options.reusable), options.acceptDns);
  if (code !== 0) throw new Error(`${member.name} should join the tailnet but tailscale up ended with ${code}: ${words}`);
}
