import type Dockerode from "dockerode";
import { Member, type TailnetPath } from "./member.ts";

export type Machine = "ingress" | "client" | "stranger";

/** What another process needs to look at a tailnet that runs. */
export interface TailnetState {
  ingress: { name: string; address: string };
  /** Containers of their `tailscaled`. */
  members: Record<Machine, string>;
}

/**
 * A tailnet as it can be looked at: three machines, the ingress (the node), a client that the access rules let in, and a stranger that they keep out.
 */
export class Tailnet {
  /** Where its clients reach the ingress: MagicDNS's name for it, and its address. */
  readonly ingress: { name: string; address: string };
  readonly members: Readonly<Record<Machine, Member>>;

  constructor(fields: Pick<Tailnet, "ingress" | "members">) {
    this.ingress = fields.ingress;
    this.members = fields.members;
  }

  /** One that another process started. */
  static attach(docker: Dockerode, { ingress, members }: TailnetState): Tailnet {
    const member = (name: Machine) => new Member(docker, { name, containerId: members[name] });
    return new Tailnet({
      ingress,
      members: { ingress: member("ingress"), client: member("client"), stranger: member("stranger") },
    });
  }

  get state(): TailnetState {
    const { ingress, client, stranger } = this.members;
    return {
      ingress: this.ingress,
      members: { ingress: ingress.containerId, client: client.containerId, stranger: stranger.containerId },
    };
  }

  /** How the client reaches the ingress just now. */
  path(): Promise<TailnetPath> {
    return this.members.client.pathTo(this.ingress.address);
  }
}
