import type Dockerode from "dockerode";
import { accessRoutes } from "../candidate/contract/access-routes.ts";
import { ownHosts } from "../candidate/contract/own-hosts.ts";
import { routesOf } from "../candidate/routes.ts";
import type { Role } from "../candidate/types.ts";
import type { AgentClient } from "../engine/agent-client.ts";
import { allSettled } from "../engine/all-settled.ts";
import { Authority, type Leaf } from "../engine/authority.ts";
import type { ProvidedImage } from "../engine/images/index.ts";
import { labelsOf } from "../engine/labels.ts";
import { runnerIdentity } from "../engine/live-runs.ts";
import { ensureGolden } from "../engine/node/golden.ts";
import { SwarmNode } from "../engine/node/node.ts";
import type { Party, PartySite } from "../engine/party/containers.ts";
import { startDns } from "../engine/party/dns.ts";
import { startPostgres } from "../engine/party/postgres.ts";
import { startS3 } from "../engine/party/s3.ts";
import { startTailnet, type TailnetMutation, tailnetHosts } from "../engine/party/tailnet/start.ts";
import type { StartedTailnet } from "../engine/party/tailnet/started-tailnet.ts";
import type { Tailnet } from "../engine/party/tailnet/tailnet.ts";
import { createRunNetwork, nodeHost, type RunNetwork } from "../engine/run-networks.ts";
import { SocketWatch } from "../engine/sockets/watch.ts";
import { networkSpec, serviceSpec } from "../engine/swarm/service-spec.ts";
import { Swarm } from "../engine/swarm/swarm.ts";
import { mapNames, startAgent, startOutsideVantage, type Vantage } from "../engine/vantage/vantage.ts";
import type { AccessMode } from "../history/access.ts";
import { ResilienceError } from "../history/errors.ts";
import { type EventBody, type Tier, tiers } from "../history/events.ts";
import { enginesOwn } from "../substitute/made.ts";
import type { ReplicaPlan, ReplicaService } from "../substitute/plan.ts";
import { type BadCertificate, type Issuance, startIssuance } from "./certificates.ts";
import { Created, refusalOf, refused } from "./created.ts";
import { createWhatServicesName, prepareNode } from "./prepare.ts";
import { awaitReady } from "./ready.ts";
import { withOwnAddresses } from "./rule-addresses.ts";
import { Secrets } from "./secrets.ts";

/** Deliberate changes of a running replica or its parties, for proving that checks can fail; none in a normal run. */
export interface ReplicaMutation {
  postgresWithoutTls?: boolean;
  postgresMaxConnections?: number;
  /** Databases that are not made; the first one always is. */
  withoutDatabases?: string[];
  /** Buckets that are not made. */
  withoutBuckets?: string[];
  /** Host names that the candidate's DNS answers with the address of a party instead of the node's. */
  namesElsewhere?: Record<string, "dns" | "postgres" | "s3" | "acme">;
  /** Host names whose certificate in Traefik's store is one that clients should not take; the authority gives them no other. */
  badCertificates?: Record<string, BadCertificate>;
  /** Host names that have no certificate in Traefik's store, and that the ACME server issues none for. */
  withoutCertificates?: string[];
  tailnet?: TailnetMutation;
}

export interface UpOptions {
  docker: Dockerode;
  runId: string;
  plan: ReplicaPlan;
  images: ProvidedImage[];
  /** Where events of the life of the replica go. */
  append: (event: EventBody) => void;
  /** `process.hrtime` at the history's t = 0, nanoseconds. */
  zeroNs: number;
  /** Secret values to keep out of every artifact. */
  hide: (name: string, value: string) => void;
  signal: AbortSignal;
  onProgress: (text: string) => void;
  /** Tiers to bring up, with what they need. */
  upTo: Tier;
  /** Brings up a tailnet with the node as its ingress, and two more places to look from. */
  tailnet?: boolean;
  mutation?: ReplicaMutation;
  /** Bound of a tier's readiness, milliseconds. */
  tierWithinMs?: number;
  /** Creates the services of a tier one after another, each awaited; only `bench` does so, to say what creating them at once is worth. */
  oneByOne?: boolean;
}

/** A running copy of a candidate, and everything needed to look at it and to hurt it. */
export class Replica {
  readonly runId: string;
  readonly plan: ReplicaPlan;
  /** The user's Docker, which its node, parties and vantages are containers of. */
  readonly docker: Dockerode;
  readonly node: SwarmNode;
  readonly swarm: Swarm;
  readonly nodeAgent: AgentClient;
  /** Party → its container. */
  readonly parties: ReadonlyMap<string, string>;
  readonly vantages: ReadonlyMap<string, Vantage>;
  readonly secrets: Secrets;
  /** What clients trust, PEM: the run's authority, whose keys die with the runner, and the root of its ACME server where there is one. */
  readonly authority: { certificate: string };
  /** An authority below the run's, for certificates that faults have somebody show; unlike the run's its key outlives the runner. */
  readonly faultAuthority: Leaf;
  /** The ACME server that the entry point gets its certificates from; undefined where its store has them from the beginning. */
  readonly issuance: Issuance | undefined;
  /** Network → address of the node there. */
  readonly nodeAddresses: ReadonlyMap<string, string>;
  /** What the run addresses. */
  readonly sockets: SocketWatch;
  /** Where one was asked for. */
  readonly tailnet: Tailnet | undefined;
  /** Services that came up. */
  readonly ready = new Set<string>();

  constructor(fields: Omit<Replica, "ready" | "service" | "serviceByName" | "entryAddress">) {
    this.runId = fields.runId;
    this.plan = fields.plan;
    this.docker = fields.docker;
    this.node = fields.node;
    this.swarm = fields.swarm;
    this.nodeAgent = fields.nodeAgent;
    this.parties = fields.parties;
    this.vantages = fields.vantages;
    this.secrets = fields.secrets;
    this.authority = fields.authority;
    this.faultAuthority = fields.faultAuthority;
    this.issuance = fields.issuance;
    this.nodeAddresses = fields.nodeAddresses;
    this.sockets = fields.sockets;
    this.tailnet = fields.tailnet;
  }

  /** The entry point's address as clients of an access mode have it; undefined where the replica has no such mode. */
  entryAddress(mode: AccessMode): string | undefined {
    if (mode === "localhost") return "127.0.0.1";
    return mode === "tailscale" ? this.tailnet?.ingress.address : this.nodeAddresses.get(mode);
  }

  service(role: Role): ReplicaService {
    const found = this.plan.services.find((service) => service.candidate.role === role);
    if (!found) throw new Error(`the candidate has no service with role ${role}`);
    return found;
  }

  serviceByName(name: string): ReplicaService | undefined {
    return this.plan.services.find((service) => service.candidate.name === name);
  }
}

/** Brings up the engine, the parties, the vantages and then tier after tier; a service that does not come up is an event, not an error. */
export async function up(options: UpOptions, onTierUp: (replica: Replica, tier: Tier) => Promise<void>): Promise<Replica> {
  const { docker, runId, plan, append, signal } = options;
  const runner = runnerIdentity();
  const tag = (name: string) => {
    const image = options.images.find((one) => one.name === name);
    if (!image) throw new Error(`image ${name} was not provided`);
    return image.tag;
  };
  const phase = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    signal.throwIfAborted();
    append({ type: "phase", phase: name, state: "started" });
    const result = await work();
    append({ type: "phase", phase: name, state: "ended" });
    return result;
  };

  const sockets = new SocketWatch({ docker, runId, runner, image: tag("agent") });
  const golden = await phase("store", () =>
    ensureGolden({
      docker,
      runId,
      runner,
      nodeImage: tag("node-image"),
      images: plan.services.map((service) => {
        const image = options.images.find((one) => one.name === service.image.name) as ProvidedImage;
        return { tag: image.tag, id: image.id };
      }),
      onProgress: options.onProgress,
    }),
  );

  const secrets = Secrets.generate([...plan.candidate.secrets, ...plan.made.secrets]);
  for (const [name, value] of secrets.entries()) options.hide(name, value);
  const authority = await Authority.create(`sprocket-resilience run ${runId}`);

  const engine = await phase("engine", () => startEngine(options, { runner, tag, golden, authority, secrets, sockets }));
  const trusted = [authority.certificate, engine.issuance?.root ?? ""].join("\n").trimEnd();
  const faultAuthority = await authority.issueAuthority(`faults of run ${runId}`);
  const replica = new Replica({
    runId,
    plan,
    docker,
    secrets,
    authority: { certificate: `${trusted}\n` },
    faultAuthority,
    sockets,
    ...engine,
  });

  await phase("prerequisites", () => prepareNode(replica));
  const ids = new Created();
  for (const name of enginesOwn) ids.networks.set(name, name);
  const asked = [...plan.candidate.networks, ...plan.made.networks.map((name) => ({ name, driver: "overlay" as const }))];
  for (const network of asked)
    await ids.attempt("networks", network.name, () => replica.swarm.createNetwork(networkSpec(network)));

  for (const tier of tiers) {
    if (tiers.indexOf(tier) > tiers.indexOf(options.upTo)) break;
    const services = plan.services.filter((service) => service.candidate.tier === tier);
    if (services.length === 0) continue;
    signal.throwIfAborted();
    append({ type: "tier", tier, state: "creating" });
    await createWhatServicesName(replica, services, ids, authority, options.mutation ?? {});
    let up = true;
    for (const together of options.oneByOne ? needsFirst(services).map((service) => [service]) : [services]) {
      const created = await allSettled(
        together.map(async (service) => {
          // By id, since for a name a worker asks the registry first, even when the image is there.
          const image = await replica.node.daemon.getImage(tag(service.image.name)).inspect();
          const { name } = service.candidate;
          const words = await refusalOf(async () => {
            ids.require(service);
            await replica.swarm.createService(name, serviceSpec(withOwnAddresses(service, replica), image.Id, ids, secrets.fill));
          });
          append({ type: "service", service: name, tier, state: "created" });
          if (words === undefined) return true;
          append({ type: "service", service: name, tier, state: "not-ready", trouble: refused(words) });
          return false;
        }),
      );
      const accepted = together.filter((_, at) => created[at]);
      up = created.every(Boolean) && up;
      up = (await awaitReady(replica, accepted, { append, signal, withinMs: options.tierWithinMs ?? 90_000 })) && up;
    }
    append({ type: "tier", tier, state: up ? "ready" : "red" });
    await onTierUp(replica, tier);
  }
  return replica;
}

/** Services of a tier in an order in which each comes after those of the tier that it needs. */
function needsFirst(services: ReplicaService[]): ReplicaService[] {
  const ordered: ReplicaService[] = [];
  const add = (service: ReplicaService, path: string[]) => {
    if (ordered.includes(service) || path.includes(service.candidate.name)) return;
    for (const needed of services.filter((one) => service.candidate.needs.includes(one.candidate.name)))
      add(needed, [...path, service.candidate.name]);
    ordered.push(service);
  };
  for (const service of services) add(service, []);
  return ordered;
}

interface EngineParts {
  node: SwarmNode;
  swarm: Swarm;
  nodeAgent: AgentClient;
  parties: ReadonlyMap<string, string>;
  vantages: ReadonlyMap<string, Vantage>;
  nodeAddresses: ReadonlyMap<string, string>;
  issuance: Issuance | undefined;
  tailnet: StartedTailnet | undefined;
}

async function startEngine(
  options: UpOptions,
  given: {
    runner: string;
    tag: (name: string) => string;
    golden: string;
    authority: Authority;
    secrets: Secrets;
    sockets: SocketWatch;
  },
): Promise<EngineParts> {
  const { docker, runId, plan, append } = options;
  const { runner, tag, golden, authority, secrets, sockets } = given;
  const candidate = plan.candidate;
  const networkLabels = labelsOf(runId, "network", runner);
  const network = (name: string, internal: boolean) =>
    createRunNetwork(docker, { name: `sr-${runId}-${name}`, internal, labels: networkLabels });
  const [management, parties, publicNetwork, lan, tailnetwork] = await allSettled([
    network("management", false),
    network("parties", true),
    network("public", true),
    network("lan", true),
    options.tailnet ? network("tailnet", true) : undefined,
  ]);
  const nodeAddresses = new Map<string, string>([
    ["management", `${management.prefix}.${nodeHost}`],
    ["parties", `${parties.prefix}.${nodeHost}`],
    ["public", `${publicNetwork.prefix}.${nodeHost}`],
    ["lan", `${lan.prefix}.${nodeHost}`],
    ...(tailnetwork ? [["tailnet", `${tailnetwork.prefix}.${nodeHost}`] as const] : []),
  ]);
  const site = (network: RunNetwork, kind: "party" | "vantage"): PartySite => ({
    network: network.name,
    labels: labelsOf(runId, kind, runner),
    image: tag,
    runId,
  });
  const partySite = site(parties, "party");

  append({ type: "party", party: "dns", state: "starting" });
  // A wildcard, as Sprocket's own two-level names want one: a host that no router knows must still reach the entry point.
  const dns = await startDns(partySite, { domain: candidate.domain, address: nodeAddresses.get("public") as string });
  sockets.watch(dns.container.getId());
  const resolver = await joinNetwork(docker, dns, publicNetwork);
  const tailnetResolver = tailnetwork && (await joinNetwork(docker, dns, tailnetwork, tailnetHosts.resolver));
  append({ type: "party", party: "dns", state: "ready" });

  const { postgres: database, s3: storage } = candidate.parties;
  const party = async <T>(name: string, start: () => Promise<T>): Promise<T> => {
    append({ type: "party", party: name, state: "starting" });
    const started = await start();
    append({ type: "party", party: name, state: "ready" });
    return started;
  };
  const watched = async (starting: Promise<Party>): Promise<Party> => {
    const started = await starting;
    sockets.watch(started.container.getId());
    return started;
  };
  const mutation = options.mutation ?? {};
  const names = accessRoutes(candidate).map(({ host }) => host);
  // Of a tailnet and of MagicDNS: what stays inside machines, and is in no network that Docker knows.
  if (tailnetwork) sockets.allow("100.64.0.0/10", "fd7a:115c:a1e0::/48");
  const starting = SwarmNode.start({
    docker,
    runId,
    runner,
    name: `sr-${runId}-node1`,
    hostname: plan.node.hostname,
    image: tag("node-image"),
    golden,
    clone: `clones/${runId}-node1`,
    dns: dns.address,
    ...(plan.node.dataDisk ? { dataDisk: plan.node.dataDisk } : {}),
    networks: [management, parties, publicNetwork, lan, ...(tailnetwork ? [tailnetwork] : [])],
    publish: [80, 443],
    authority,
  });
  const [node, postgres, s3, acme, outside, onLan, tailnet] = await allSettled([
    starting,
    database &&
      party("postgres", async () =>
        watched(
          startPostgres(
            partySite,
            { ...database, databases: database.databases.filter((name) => !mutation.withoutDatabases?.includes(name)) },
            secrets.get(database.passwordSecret),
            mutation.postgresWithoutTls ? undefined : await authority.issue([database.host]),
            mutation.postgresMaxConnections,
          ),
        ),
      ),
    storage &&
      party("s3", async () =>
        watched(
          startS3(
            partySite,
            { ...storage, buckets: storage.buckets.filter((bucket) => !mutation.withoutBuckets?.includes(bucket)) },
            secrets.get(storage.accessSecret),
            secrets.get(storage.keySecret),
            await authority.issue([storage.host, `*.${storage.host}`]),
          ),
        ),
      ),
    plan.issuance &&
      party("acme", async () => {
        const started = await startIssuance(docker, partySite, plan, authority, { dns: dns.address, mutation });
        if (started) sockets.watch(started.party.container.getId());
        // Validation asks the entry point where its clients do.
        return started && { ...started, publicAddress: await joinNetwork(docker, started.party, publicNetwork) };
      }),
    startOutsideVantage(docker, site(publicNetwork, "vantage"), {
      name: "public",
      subnet: publicNetwork.subnet,
      resolver: `${resolver}:53`,
      nameserver: resolver,
    }),
    startOutsideVantage(docker, site(lan, "vantage"), { name: "lan", subnet: lan.subnet }),
    tailnetwork &&
      startTailnet(docker, {
        network: tailnetwork,
        party: site(tailnetwork, "party"),
        vantage: site(tailnetwork, "vantage"),
        resolver: tailnetResolver as string,
        ingress: starting,
        authority,
        names,
        onStarted: (containerId) => sockets.watch(containerId),
        hide: options.hide,
        ...(mutation.tailnet ? { mutation: mutation.tailnet } : {}),
      }),
  ]);

  for (const { containerId } of [outside, onLan]) sockets.watch(containerId);
  for (const { containerId } of tailnet ? [tailnet.vantage, tailnet.stranger] : []) sockets.toldInner(containerId);
  const nodePublic = nodeAddresses.get("public") as string;
  const hosts = new Set(
    plan.services.flatMap((service) => routesOf(service.candidate).flatMap((route) => ownHosts(candidate, route))),
  );
  const elsewhere = Object.entries(mutation.namesElsewhere ?? {});
  const partyAddress = {
    dns: dns.address,
    postgres: postgres?.address ?? dns.address,
    s3: s3?.address ?? dns.address,
    acme: acme?.publicAddress ?? dns.address,
  };
  await dns.setRecords([
    ...[...hosts].filter((host) => !mutation.namesElsewhere?.[host]).map((name) => ({ name, address: nodePublic })),
    ...elsewhere.map(([name, party]) => ({ name, address: partyAddress[party] })),
    { name: candidate.domain, address: nodePublic },
    ...(plan.issuance?.servers ?? [])
      .filter(({ host }) => acme && !mutation.namesElsewhere?.[host])
      .map(({ host: name }) => ({ name, address: acme?.party.address as string })),
    ...(database && postgres ? [{ name: database.host, address: postgres.address }] : []),
    ...(storage && s3
      ? [storage.host, ...storage.buckets.map((bucket) => `${bucket}.${storage.host}`)].map((name) => ({
          name,
          address: s3.address,
        }))
      : []),
  ]);

  const version = await node.daemon.version();
  append({
    type: "engine",
    engine: version.Version,
    api: version.ApiVersion,
    flags: [node.flags],
    loadBalancing: plan.services.some((service) => service.endpointMode === "vip") ? "vip" : "dnsrr",
  });
  const swarm = await Swarm.init(node.daemon);
  const nodeAgent = await startAgent(docker, node.containerId);
  await allSettled([mapNames(nodeAgent, "127.0.0.1", names), mapNames(onLan.agent, nodeAddresses.get("lan") as string, names)]);
  await sockets.begun();
  const vantages = new Map<string, Vantage>([
    ["public", outside],
    ["lan", onLan],
    [
      "localhost",
      {
        name: "localhost",
        place: "localhost",
        subnets: [
          "127.0.0.0/8",
          ...[...nodeAddresses.values(), ...(tailnet ? [tailnet.ingress.address] : [])].map((address) => `${address}/32`),
        ],
        agent: nodeAgent,
        containerId: node.containerId,
      },
    ],
    ...(tailnet ? [tailnet.vantage, tailnet.stranger] : []).map((vantage) => [vantage.name, vantage] as const),
  ]);
  for (const vantage of vantages.values()) {
    append({
      type: "vantage",
      name: vantage.name,
      place: vantage.place,
      subnets: vantage.subnets,
      ...(vantage.resolver ? { resolver: vantage.resolver } : {}),
    });
  }
  const agents = [...vantages.values()].map(({ name, agent }) => [name === "localhost" ? "node" : name, agent] as const);
  for (const [agent, client] of agents) {
    const { offsetNs, errorNs } = await client.clock();
    append({ type: "clock", agent, segment: 0, offsetNs: offsetNs + options.zeroNs, errorNs });
  }
  return {
    node,
    swarm,
    nodeAgent,
    vantages,
    nodeAddresses,
    issuance: acme?.issuance,
    tailnet,
    parties: new Map(
      [dns, postgres, s3, acme?.party]
        .filter((party) => party !== undefined)
        .map((party) => [party.name, party.container.getId()]),
    ),
  };
}

/** Connects a party to one more network of the run, at the host number if one is given, and gives back its address there. */
async function joinNetwork(docker: Dockerode, party: Party, network: RunNetwork, host?: number): Promise<string> {
  const fixed = host === undefined ? {} : { EndpointConfig: { IPAMConfig: { IPv4Address: `${network.prefix}.${host}` } } };
  await docker.getNetwork(network.id).connect({ Container: party.container.getId(), ...fixed });
  const seen = await docker.getContainer(party.container.getId()).inspect();
  const address = seen.NetworkSettings.Networks[network.name]?.IPAddress;
  if (!address)
    throw new ResilienceError("E_NETWORK", `Party ${party.name} got no address in ${network.name}.`, {
      cure: "Run `npm run sweep` and try again.",
    });
  return address;
}
