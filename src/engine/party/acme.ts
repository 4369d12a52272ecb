import type Dockerode from "dockerode";
import type { Leaf } from "../authority.ts";
import { run } from "../exec.ts";
import { containers, type Party, type PartySite } from "./containers.ts";

/** What the ACME server does wrong on purpose, to orders of the given identifiers or, without any, to all; `down` resets every connection. */
export interface AcmeFault {
  kind: "rate-limited" | "refused" | "down";
  identifiers?: string[];
}

/** What the server was asked, oldest first, and what has become of it. Times are ISO 8601, of the server's own clock. */
export interface AcmeLog {
  orders: AcmeOrder[];
  /** Connections that were reset while the server was down. */
  reset: { at: string; from: string }[];
}

export interface AcmeOrder {
  at: string;
  identifiers: string[];
  /** HTTP status of the answer to the request for the order: 201 where it was taken. */
  status: number;
  /** Type of the problem that it was answered with (RFC 8555, section 6.7). */
  problem?: string;
  /** Types of the challenges that were validated. */
  validated?: string[];
  /** Why validation failed. */
  error?: string;
  /** What was issued; hashes in hexadecimal, `sha256` of the DER form, `keySha256` of the public key's. */
  certificate?: { sha256: string; notAfter: string; keySha256: string };
}

/** The switches of a running ACME server, reached by a process in its container: it works for a replica of another runner too. */
export class AcmeControl {
  readonly #docker: Dockerode;
  readonly #container: string;

  constructor(docker: Dockerode, container: string) {
    this.#docker = docker;
    this.#container = container;
  }

  /** PEM of the root that what it issues leads to. */
  root(): Promise<string> {
    return this.#ask("root");
  }

  async log(): Promise<AcmeLog> {
    return JSON.parse(await this.#ask("log")) as AcmeLog;
  }

  async faults(): Promise<AcmeFault[]> {
    return JSON.parse(await this.#ask("faults")) as AcmeFault[];
  }

  /** Adds a fault beside those that are there; it is taken out by its mark. */
  async add(fault: AcmeFault & { mark: string }): Promise<void> {
    await this.#ask("add", JSON.stringify(fault));
  }

  /** What takes it out, run in the server's container; done when there is none of that mark. */
  static taking(mark: string): string[] {
    return ["/usr/local/bin/acme", "control", "take", JSON.stringify({ mark })];
  }

  /** Replaces all faults. */
  async setFaults(faults: readonly AcmeFault[]): Promise<void> {
    await this.#ask("faults", JSON.stringify(faults));
  }

  async #ask(...words: string[]): Promise<string> {
    const { code, stdout, stderr } = await run(this.#docker, this.#container, ["/usr/local/bin/acme", "control", ...words]);
    if (code !== 0) throw new Error(`the ACME server's control did not answer ${words[0]}: ${stderr.trim()}`);
    return stdout;
  }
}

/**
 * An ACME server (Pebble) in the place of the one that the candidate's Traefik asks. It validates for real: it asks the DNS server for the name and
 * then the entry point, so its container must be in a network that reaches that.
 *
 * @param tls its own certificate, for the names under which it is asked
 * @param wanted where it is asked, how long what it issues is valid, the DNS server's address, names that it never issues for (a mutation)
 */
export async function startAcme(
  site: PartySite,
  tls: Leaf,
  wanted: { servers: readonly { port: number; path: string }[]; validSeconds: number; dns: string; refuse: readonly string[] },
): Promise<Party> {
  const { GenericContainer, Wait } = await containers();
  const each = (values: readonly (string | number)[]) => [...new Set(values)].join(",");
  const container = await new GenericContainer(site.image("acme"))
    .withName(`sr-${site.runId}-acme`)
    .withLabels(site.labels)
    .withNetworkMode(site.network)
    .withCopyContentToContainer([
      { content: tls.certificate, target: "/tls/server.crt", mode: 0o644 },
      { content: tls.key, target: "/tls/server.key", mode: 0o644 },
    ])
    .withCommand([
      "serve",
      `-listen=${each(wanted.servers.map(({ port }) => `:${port}`))}`,
      `-directories=${each(wanted.servers.map(({ path }) => path))}`,
      `-dns=${wanted.dns}:53`,
      `-validity=${wanted.validSeconds}`,
      `-refuse=${each(wanted.refuse)}`,
    ])
    .withWaitStrategy(Wait.forLogMessage(/ACME served/))
    .start();
  return { name: "acme", container, address: container.getIpAddress(site.network) };
}
