import type Dockerode from "dockerode";
import { stringify } from "yaml";
import type { Leaf } from "../../authority.ts";
import { putFiles } from "../../docker-files.ts";
import { run } from "../../exec.ts";
import { until } from "../../until.ts";
import type { PartySite } from "../containers.ts";
import { awaitContainer, hasPrinted, startContainer } from "./container.ts";
import { owner, type Tag } from "./policy.ts";

/** A machine as the control server knows it. */
interface ListedNode {
  id: number;
  given_name: string;
  online?: boolean;
}

const port = 8443;
const folder = "/etc/headscale";
/** Followed by headscale: what is written there is told to every machine. */
const recordsFile = `${folder}/records.json`;
/** The last that it prints before it serves. */
const serves = "listening and serving HTTP";

export interface HeadscaleOptions {
  /** The relay's container, with which it shares a machine: so a dead server is a port that refuses, and not a machine that is gone. */
  beside: string;
  /** Of that machine. */
  address: string;
  tls: Leaf;
  /** MagicDNS calls a machine `<host name>.<domain>`. */
  domain: string;
  /** DNS server for every name that is none of the tailnet's. */
  resolver: string;
  policy: string;
  relay: { hostname: string; address: string };
  hide: (name: string, value: string) => void;
}

/**
 * The tailnet's control server: headscale, told everything by files, with nothing to ask of anybody outside. It speaks TLS, for over plain HTTP tailscaled 1.96 takes a
 * refused connection for one that is still being made, and tries again only after 10 s.
 */
export class Headscale {
  readonly containerId: string;
  readonly address: string;
  readonly port = port;
  readonly #docker: Dockerode;
  readonly #hide: HeadscaleOptions["hide"];

  private constructor(docker: Dockerode, containerId: string, address: string, hide: HeadscaleOptions["hide"]) {
    this.#docker = docker;
    this.containerId = containerId;
    this.address = address;
    this.#hide = hide;
  }

  static async start(docker: Dockerode, site: PartySite, options: HeadscaleOptions): Promise<Headscale> {
    const { beside, address, tls } = options;
    const container = await startContainer(docker, site, {
      name: "headscale",
      image: "headscale",
      argv: ["headscale", "serve"],
      stands: { beside },
      files: [
        { path: `${folder}/config.yaml`, content: stringify(configOf(options)) },
        { path: `${folder}/derp.yaml`, content: stringify(derpMapOf(options.relay)) },
        { path: `${folder}/policy.json`, content: options.policy },
        { path: recordsFile, content: "[]" },
        { path: `${folder}/server.crt`, content: tls.certificate },
        { path: `${folder}/server.key`, content: tls.key, mode: 0o600 },
      ],
    });
    await awaitContainer(container, "headscale to serve", () => hasPrinted(container, serves));
    const control = new Headscale(docker, container.id, address, options.hide);
    await control.#tell("users", "create", owner);
    return control;
  }

  get url(): string {
    return `https://${this.address}:${port}`;
  }

  /** A new key with which one machine may join, or several if it is reusable; of a new server the only user is the first. */
  async key(tag: Tag, reusable = false): Promise<string> {
    const args = ["create", "--tags", tag, "--expiration", "1h", ...(reusable ? ["--reusable"] : [])];
    const { key } = await this.#tell<{ key: string }>("preauthkeys", "--user", "1", ...args);
    this.#hide("tailnet-key", key);
    return key;
  }

  /** Ends a key's time, whether somebody used it or not. */
  async expireKey(key: string): Promise<void> {
    await this.#tell("preauthkeys", "--user", "1", "expire", key);
  }

  nodes(): Promise<ListedNode[]> {
    return this.#tell<ListedNode[]>("nodes", "list");
  }

  /** Ends the time of a machine's own key, so that it must log in again. */
  async expireNode(name: string): Promise<void> {
    const node = (await this.nodes()).find((one) => one.given_name === name);
    if (!node) throw new Error(`headscale knows no machine ${name}`);
    await this.#tell("nodes", "expire", "--identifier", String(node.id));
  }

  /** Has MagicDNS answer names that are not the tailnet's own with an address in it, as an operator does for a service behind a machine. */
  async mapNames(names: readonly string[], address: string): Promise<void> {
    const records = names.map((name) => ({ name, type: "A", value: address }));
    await putFiles(this.#docker.getContainer(this.containerId), [{ path: recordsFile, content: JSON.stringify(records) }]);
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    await this.#docker.getContainer(this.containerId).kill();
  }

  /** Starts it again with what it had on its disk; resolves when it takes orders. */
  async restart(): Promise<void> {
    await this.#docker.getContainer(this.containerId).start();
    await until("headscale to serve again", { withinMs: 30_000, everyMs: 100 }, async () => {
      const { code } = await this.#run("nodes", "list");
      return code === 0;
    });
  }

  #run(...argv: string[]) {
    return run(this.#docker, this.containerId, ["headscale", ...argv, "--output", "json"]);
  }

  async #tell<T>(...argv: string[]): Promise<T> {
    const { code, stdout, stderr } = await this.#run(...argv);
    if (code !== 0) throw new Error(`headscale ${argv[0]} ${argv[1]} ended with ${code}: ${stderr || stdout}`);
    return JSON.parse(stdout) as T;
  }
}

function configOf({ domain, resolver, address }: HeadscaleOptions) {
  return {
    server_url: `https://${address}:${port}`,
    listen_addr: `0.0.0.0:${port}`,
    tls_cert_path: `${folder}/server.crt`,
    tls_key_path: `${folder}/server.key`,
    metrics_listen_addr: "127.0.0.1:9090",
    grpc_listen_addr: "127.0.0.1:50443",
    noise: { private_key_path: "/var/lib/headscale/noise_private.key" },
    prefixes: { v4: "100.64.0.0/10", allocation: "sequential" },
    database: { type: "sqlite", sqlite: { path: "/var/lib/headscale/db.sqlite" } },
    derp: { server: { enabled: false }, urls: [], paths: [`${folder}/derp.yaml`], auto_update_enabled: false },
    dns: {
      magic_dns: true,
      base_domain: domain,
      override_local_dns: true,
      nameservers: { global: [resolver] },
      extra_records_path: recordsFile,
    },
    policy: { mode: "file", path: `${folder}/policy.json` },
    disable_check_updates: true,
    logtail: { enabled: false },
    // Machines hear of each other at once: a packet for a peer whose new key is not known yet costs its sender 5 s until the next handshake.
    tuning: { batch_change_delay: "50ms" },
    log: { level: "info", format: "text" },
  };
}

/** Addressed by number, so that nobody has to resolve its name. */
function derpMapOf({ hostname, address }: HeadscaleOptions["relay"]) {
  const region = 900;
  const node = { name: "relay", regionid: region, hostname, ipv4: address, stunport: 3478, derpport: 443 };
  return { regions: new Map([[region, { regionid: region, regioncode: "run", regionname: "run", nodes: [node] }]]) };
}
