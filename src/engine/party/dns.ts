import { containers, type Party, type PartySite } from "./containers.ts";

/** A DNS server that knows the names it is told and refuses every other; it forwards to nobody. */
export interface DnsParty extends Party {
  /** Replaces all records; names are asked without case, as DNS has it. */
  setRecords(records: { name: string; address: string }[]): Promise<void>;
}

const hostsFile = "/etc/sprocket-hosts";

/** @param wildcard every name of this domain that has no record of its own has this address. */
export async function startDns(site: PartySite, wildcard: { domain: string; address: string }): Promise<DnsParty> {
  const { GenericContainer, Wait } = await containers();
  const container = await new GenericContainer(site.image("dns"))
    .withName(`sr-${site.runId}-dns`)
    .withLabels(site.labels)
    .withNetworkMode(site.network)
    .withCopyContentToContainer([{ content: "", target: hostsFile, mode: 0o644 }])
    .withEntrypoint(["dnsmasq"])
    .withCommand([
      "--keep-in-foreground",
      "--no-resolv",
      "--no-hosts",
      "--log-facility=-",
      "--local=/#/",
      `--address=/${wildcard.domain}/${wildcard.address}`,
      "--cache-size=0",
      `--addn-hosts=${hostsFile}`,
    ])
    .withWaitStrategy(Wait.forLogMessage(/started, version/))
    .start();
  return {
    name: "dns",
    container,
    address: container.getIpAddress(site.network),
    async setRecords(records) {
      const content = `${records.map(({ name, address }) => `${address} ${name}`).join("\n")}\n`;
      await container.copyContentToContainer([{ content, target: hostsFile, mode: 0o644 }]);
      const told = await container.exec(["sh", "-c", "kill -HUP 1"]);
      if (told.exitCode !== 0) throw new Error(`the DNS party did not take its records: ${told.output}`);
    },
  };
}
