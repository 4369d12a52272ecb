import type Dockerode from "dockerode";
import { allSettled } from "../../all-settled.ts";
import type { Authority } from "../../authority.ts";
import type { RunNetwork } from "../../run-networks.ts";
import { until } from "../../until.ts";
import { startOutsideVantage } from "../../vantage/vantage.ts";
import type { PartySite } from "../containers.ts";
import { startDerper } from "./derper.ts";
import { Headscale } from "./headscale.ts";
import { Member } from "./member.ts";
import { type PolicyMutation, policyText } from "./policy.ts";
import { admit, StartedTailnet } from "./started-tailnet.ts";
import type { Machine } from "./tailnet.ts";

/** Deliberate changes of the tailnet, for proving that checks can fail; none in a normal run. */
export interface TailnetMutation {
  policy?: PolicyMutation;
  /** The machines are told of a relay where nobody listens. */
  relayElsewhere?: boolean;
  /** Each key lets any number of machines in. */
  reusableKeys?: boolean;
}

export interface TailnetOptions {
  network: RunNetwork;
  /** What its servers and its places carry as labels. */
  party: PartySite;
  vantage: PartySite;
  /** Address in the network of the DNS server that machines ask for every name that is none of the tailnet's. */
  resolver: string;
  /** The container whose namespace gets the ingress's `tailscale0`, once it runs; it is on the network. */
  ingress: Promise<{ containerId: string }>;
  authority: Authority;
  /** Host names of the entry point beside its own in the tailnet, for MagicDNS. */
  names: readonly string[];
  /** Told of each container that has a network namespace of its own, as soon as it runs. */
  onStarted: (containerId: string) => void;
  hide: (name: string, value: string) => void;
  mutation?: TailnetMutation;
}

/** Addresses in the tailnet's network, below those that Docker gives by itself; 2 is the node's. */
export const tailnetHosts = { resolver: 3, servers: 4, nobody: 5 } as const;

/** What a machine that takes the tailnet's DNS asks: its own tailscaled. */
const magicDns = "100.100.100.100:53";
const domain = "tailnet.internal";
const relayHost = "relay.internal";

/** Starts a tailnet; what does not need the ingress's container starts beside it. Every machine is in when it resolves; whether they reach each other is for checks to say. */
export async function startTailnet(docker: Dockerode, options: TailnetOptions): Promise<StartedTailnet> {
  const { network, party, authority, hide, names, onStarted, mutation = {} } = options;
  const at = (host: number) => `${network.prefix}.${host}`;
  const startServers = async () => {
    const address = at(tailnetHosts.servers);
    const tls = await authority.issue([relayHost], { ips: [address] });
    const { containerId } = await startDerper(docker, party, { network, address, hostname: relayHost, tls });
    onStarted(containerId);
    return await Headscale.start(docker, party, {
      beside: containerId,
      address,
      tls,
      domain,
      resolver: options.resolver,
      policy: policyText(mutation.policy),
      relay: { hostname: relayHost, address: at(mutation.relayElsewhere ? tailnetHosts.nobody : tailnetHosts.servers) },
      hide,
    });
  };
  const controlled = startServers();
  const place = async (name: string) => {
    const started = await startOutsideVantage(docker, options.vantage, {
      name,
      subnet: network.subnet,
      resolver: magicDns,
      nameserver: options.resolver,
    });
    onStarted(started.containerId);
    return started;
  };
  const clientPlace = place("tailscale");
  const strangerPlace = place("stranger");
  const reusableKeys = mutation.reusableKeys === true;
  const join = async (name: Machine, beside: Promise<{ containerId: string }>): Promise<Member> => {
    const stands = { beside: (await beside).containerId };
    const member = await Member.start(docker, party, { name, stands, authority: authority.certificate });
    // The node's own DNS is the candidate's.
    await admit(await controlled, member, { tag: `tag:${name}`, acceptDns: name !== "ingress", reusable: reusableKeys });
    return member;
  };
  const [control, vantage, stranger, ...joined] = await allSettled([
    controlled,
    clientPlace,
    strangerPlace,
    join("ingress", options.ingress),
    join("client", clientPlace),
    join("stranger", strangerPlace),
  ]);
  const members = { ingress: joined[0], client: joined[1], stranger: joined[2] };
  const addresses = await Promise.all(joined.map(async (member) => (await member.state()).addresses[0] ?? ""));
  const ingress = { name: `ingress.${domain}`, address: addresses[0] as string };
  await control.mapNames(names, ingress.address);
  for (const name of names.slice(0, 1))
    await until(`MagicDNS to know ${name}`, { withinMs: 20_000, everyMs: 100 }, async () => {
      const sample = await vantage.agent.probe<"dns">({}, { kind: "dns", name, server: magicDns, timeouts: { totalMs: 1000 } });
      return sample.response?.answers.some(({ data }) => data === ingress.address) === true;
    });
  const { containerId } = await options.ingress;
  const inspected = await docker.getContainer(containerId).inspect();
  return new StartedTailnet({
    ingress,
    members,
    vantage: { ...vantage, subnets: [`${addresses[1]}/32`] },
    stranger: { ...stranger, subnets: [`${addresses[2]}/32`] },
    control,
    underlay: inspected.NetworkSettings.Networks[network.name]?.IPAddress ?? "",
    reusableKeys,
    newcomer: async (name) => {
      const member = await Member.start(docker, party, { name, stands: { network }, authority: authority.certificate });
      onStarted(member.containerId);
      return member;
    },
  });
}
