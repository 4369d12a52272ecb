import { dirname } from "node:path/posix";
import type Dockerode from "dockerode";
import { acmeResolvers } from "../candidate/contract/acme.ts";
import { routesOf } from "../candidate/routes.ts";
import type { CandidateService } from "../candidate/types.ts";
import { Authority, type Leaf } from "../engine/authority.ts";
import { AcmeControl, startAcme } from "../engine/party/acme.ts";
import type { Party, PartySite } from "../engine/party/containers.ts";
import { issuedDays, toRenewDays } from "../substitute/issuance.ts";
import type { ReplicaPlan, ReplicaService } from "../substitute/plan.ts";
import { acmeStore } from "./acme-store.ts";
import type { Replica, ReplicaMutation } from "./up.ts";

/** The ACME server of a replica, and the certificate that it is to replace. */
export interface Issuance {
  control: AcmeControl;
  /** PEM. */
  root: string;
  /** What Traefik's store begins with, by the run's authority: a certificate about to end, PEM. Its key is known to who wrote the store. */
  toRenew?: { host: string; certificate: string; key?: string };
}

/** Starts the ACME server that the plan asks for; the network that reaches the entry point is joined by the caller. */
export async function startIssuance(
  docker: Dockerode,
  site: PartySite,
  { issuance }: ReplicaPlan,
  authority: Authority,
  given: { dns: string; mutation: ReplicaMutation },
): Promise<{ party: Party; issuance: Issuance } | undefined> {
  if (!issuance) return undefined;
  const { servers, toRenew } = issuance;
  // An order of theirs would mend what is to be seen.
  const refuse = [...(given.mutation.withoutCertificates ?? []), ...Object.keys(given.mutation.badCertificates ?? {})];
  const [tls, leaf] = await Promise.all([
    authority.issue([...new Set(servers.map(({ host }) => host))]),
    toRenew !== undefined && !refuse.includes(toRenew) ? authority.issue([toRenew], { days: toRenewDays }) : undefined,
  ]);
  const party = await startAcme(site, tls, {
    servers,
    validSeconds: issuedDays * 86_400,
    dns: given.dns,
    refuse,
  });
  const control = new AcmeControl(docker, party.container.getId());
  const root = await control.root();
  return { party, issuance: { control, root, ...(toRenew && leaf ? { toRenew: { host: toRenew, ...leaf } } : {}) } };
}

/**
 * Writes Traefik's ACME stores before it starts. Of a resolver that the replica's ACME server serves, the store begins with the one certificate that is about to
 * end, and Traefik orders the rest; of any other it holds all that the routes ask for. A store that is on no volume is gone with its task, so there is nothing to
 * prepare.
 */
export async function storeCertificates(
  replica: Replica,
  services: readonly ReplicaService[],
  authority: Authority,
  mutation: ReplicaMutation,
): Promise<void> {
  const traefik = services.find((service) => service.candidate.role === "traefik")?.candidate;
  if (!traefik) return;
  const routes = replica.plan.services.flatMap((service) => routesOf(service.candidate));
  const resolvers = acmeResolvers(replica.plan.candidate, traefik);
  const served = replica.plan.issuance?.resolvers ?? [];
  const toRenew = replica.issuance?.toRenew;
  const leafFor = async (host: string, resolver: string): Promise<Leaf | undefined> => {
    if (mutation.withoutCertificates?.includes(host)) return undefined;
    const bad = mutation.badCertificates?.[host];
    if (bad) return await badCertificate(bad, host, authority);
    if (!served.includes(resolver)) return await authority.issue([host], { days: 89 });
    return host === toRenew?.host && toRenew.key !== undefined
      ? { certificate: toRenew.certificate, key: toRenew.key }
      : undefined;
  };
  for (const path of new Set([...resolvers.values()].flatMap(({ storage }) => storage ?? []))) {
    const file = await onTheNode(replica, traefik, path);
    if (file === undefined) continue;
    const mine = routes.filter((route) => resolvers.get(route.resolver ?? "")?.storage === path);
    const content = Buffer.from(await acmeStore(mine, leafFor)).toString("base64");
    await replica.node.exec(["mkdir", "-p", "--", dirname(file)]);
    await replica.nodeAgent.file({ action: "write", path: file, content, mode: 0o600 });
  }
}

/** Where a store of Traefik's lies on the node; undefined when it is on no volume. */
export async function onTheNode({ node }: Replica, traefik: CandidateService, path: string): Promise<string | undefined> {
  const mount = traefik.mounts.find((one) => one.type !== "tmpfs" && path.startsWith(`${one.target}/`));
  if (!mount) return undefined;
  const folder = mount.type === "bind" ? mount.source : (await node.daemon.getVolume(mount.source).inspect()).Mountpoint;
  return `${folder}${path.slice(mount.target.length)}`;
}

/** A certificate that clients should not take: its authority is none of theirs, its time is over, or its time has not begun. */
export type BadCertificate = "foreign" | "expired" | "early";

async function badCertificate(bad: BadCertificate, host: string, authority: Authority): Promise<Leaf> {
  if (bad === "foreign") return await (await Authority.create("another authority")).issue([host], { days: 89 });
  return await authority.issue([host], bad === "expired" ? { beginsInDays: -90, days: -1 } : { beginsInDays: 1, days: 90 });
}
