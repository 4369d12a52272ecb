import type Dockerode from "dockerode";
import { run, startProcess } from "../../exec.ts";
import type { PartySite } from "../containers.ts";
import { awaitContainer, type Standing, startContainer } from "./container.ts";

/** How a machine reaches another one just now. */
export interface TailnetPath {
  /** `direct`: from machine to machine; `derp`: through the relay; `none`: no answer. */
  kind: "direct" | "derp" | "none";
  /** tailscaled's own words: the other's address and port, the relay's region, or why there is no way. */
  via: string;
}

/** What a machine says of itself. */
export interface MemberState {
  /** tailscaled's word: "Running", "NeedsLogin", … */
  state: string;
  /** Its addresses in the tailnet. */
  addresses: string[];
  /** Whether its key's time is over. */
  expired: boolean;
}

/** What `tailscale status --json` says, as far as it is read here. */
interface Status {
  BackendState: string;
  TailscaleIPs: string[] | null;
  Self?: { Expired?: boolean };
  Peer?: Record<string, { TailscaleIPs: string[] | null; CurAddr: string }> | null;
}

/** Port of the tailnet's own packets, the one that machines have by default. */
const tunnelPort = 41641;
const authorityFile = "/etc/sprocket/authority.pem";

/**
 * A machine of the tailnet: `tailscaled` in a container of its own, in the network namespace of the container that is to have `tailscale0`. What runs there needs no part of
 * it, so the node and an outside vantage stay as they are, and the official image serves unchanged.
 */
export class Member {
  readonly name: string;
  readonly containerId: string;
  readonly #docker: Dockerode;

  constructor(docker: Dockerode, known: { name: string; containerId: string }) {
    this.#docker = docker;
    this.name = known.name;
    this.containerId = known.containerId;
  }

  /** @param authority PEM of the authority that issued the relay's certificate; the machine trusts no other */
  static async start(
    docker: Dockerode,
    site: PartySite,
    options: { name: string; stands: Standing; authority: string },
  ): Promise<Member> {
    const { name, stands, authority } = options;
    const container = await startContainer(docker, site, {
      name: `tailscaled-${name}`,
      image: "tailscale",
      argv: ["tailscaled", "--statedir=/var/lib/tailscale", `--port=${tunnelPort}`, "--no-logs-no-support"],
      stands,
      env: [`SSL_CERT_FILE=${authorityFile}`],
      files: [{ path: authorityFile, content: authority }],
      host: {
        CapAdd: ["NET_ADMIN"],
        Devices: [{ PathOnHost: "/dev/net/tun", PathInContainer: "/dev/net/tun", CgroupPermissions: "rwm" }],
      },
    });
    const member = new Member(docker, { name, containerId: container.id });
    await awaitContainer(container, `tailscaled of ${name} to take orders`, async () => (await member.#status()) !== undefined);
    return member;
  }

  /**
   * Asks the control server at `url` to let it in; resolves when it is in, or was refused. Nobody's DNS settings change unless `acceptDns`.
   * @returns exit code of `tailscale up`, and what it said
   */
  async join(url: string, key: string, acceptDns: boolean): Promise<{ code: number; words: string }> {
    const { code, stdout, stderr } = await this.exec([
      "tailscale",
      "up",
      `--login-server=${url}`,
      `--auth-key=${key}`,
      `--hostname=${this.name}`,
      `--accept-dns=${acceptDns}`,
      "--timeout=20s",
    ]);
    return { code, words: `${stdout}${stderr}`.trim() };
  }

  async state(): Promise<MemberState> {
    const status = await this.#status();
    if (!status) throw new Error(`tailscaled of ${this.name} does not answer`);
    return { state: status.BackendState, addresses: status.TailscaleIPs ?? [], expired: status.Self?.Expired === true };
  }

  /** How packets to another machine go: what it uses now, else what answers first when it asks every way. */
  async pathTo(address: string): Promise<TailnetPath> {
    const peers = Object.values((await this.#status())?.Peer ?? {});
    const inUse = peers.find((peer) => peer.TailscaleIPs?.includes(address))?.CurAddr;
    if (inUse) return { kind: "direct", via: inUse };
    const words = await this.#firstLine(["tailscale", "ping", "--c=1", "--timeout=2s", "--until-direct=false", address]);
    const via = / via (\S+) in /.exec(words)?.[1];
    if (via === undefined) return { kind: "none", via: words };
    return { kind: via.startsWith("DERP(") ? "derp" : "direct", via };
  }

  /** Whether another machine answers an ICMP echo through the tunnel, and what was said. */
  async echo(address: string): Promise<{ answered: boolean; words: string }> {
    const words = await this.#firstLine(["tailscale", "ping", "--icmp", "--c=1", "--timeout=2s", address]);
    return { answered: words.startsWith("pong "), words };
  }

  exec(argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    return run(this.#docker, this.containerId, argv);
  }

  async remove(): Promise<void> {
    await this.#docker.getContainer(this.containerId).remove({ force: true, v: true });
  }

  /** Undefined while tailscaled takes no orders. */
  async #status(): Promise<Status | undefined> {
    const { code, stdout } = await this.exec(["tailscale", "status", "--json"]);
    return code === 0 ? (JSON.parse(stdout) as Status) : undefined;
  }

  /** What a command prints first, on either stream; one that has more to do is not waited for. */
  async #firstLine(argv: string[]): Promise<string> {
    const process = await startProcess(this.#docker, this.containerId, argv);
    const first = new Promise<string>((resolve) => {
      for (const stream of [process.stdout, process.stderr])
        stream.once("data", (chunk: Buffer) => resolve(chunk.toString("utf8").split("\n")[0] ?? ""));
    });
    const line = await Promise.race([first, process.ended.then((code) => `ended with ${code}`)]);
    process.destroy();
    return line;
  }
}
