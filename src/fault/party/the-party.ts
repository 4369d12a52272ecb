import type Dockerode from "dockerode";
import type { Beside } from "../../engine/beside.ts";
import { labelsOf } from "../../engine/labels.ts";
import { runnerIdentity } from "../../engine/live-runs.ts";
import type { Replica } from "../../replica/up.ts";

/** Servers outside the Swarm that faults can act on. */
export type PartyName = "postgres" | "s3" | "dns" | "acme";

/** A party as faults see it. */
export interface TheParty {
  container: Dockerode.Container;
  id: string;
  /** Network → address, of all its networks. */
  addresses: Record<string, string>;
  /** Address in the parties' network, which tasks reach through their node. */
  address: string;
  /** Ports that it serves. */
  ports: number[];
}

/** @throws when this target has no such party that runs */
export async function theParty(replica: Replica, party: PartyName): Promise<TheParty> {
  const id = replica.parties.get(party);
  if (!id) throw new Error(`this target has no party ${party} that could be hurt`);
  const container = replica.docker.getContainer(id);
  const { NetworkSettings, HostConfig } = await container.inspect();
  const addresses = Object.fromEntries(
    Object.entries(NetworkSettings.Networks).map(([network, { IPAddress }]) => [network, IPAddress]),
  );
  const address = addresses[HostConfig.NetworkMode ?? ""];
  if (!address) throw new Error(`the party ${party} does not run: it has no address`);
  return { container, id, addresses, address, ports: portsOf(replica, party) };
}

function portsOf({ plan }: Replica, party: PartyName): number[] {
  if (party === "dns") return [53];
  if (party === "s3") return [443];
  if (party === "postgres") return plan.candidate.parties.postgres ? [plan.candidate.parties.postgres.port] : [];
  return [...new Set((plan.issuance?.servers ?? []).map(({ port }) => port))];
}

/** How a container of ours stands beside a party. The node's image has all that it takes. */
export async function besideParty(replica: Replica, { id }: TheParty): Promise<Beside> {
  const { Image } = await replica.docker.getContainer(replica.node.containerId).inspect();
  return { container: id, image: Image, labels: labelsOf(replica.runId, "helper", runnerIdentity()) };
}
