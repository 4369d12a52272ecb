import { routesOf } from "../../candidate/routes.ts";
import type { Role } from "../../candidate/types.ts";
import type { Sample } from "../../history/sample.ts";
import type { Replica } from "../../replica/up.ts";
import { type PartyName as AnyParty, theParty } from "../party/the-party.ts";
import { type Namespace, namespacesOf, victimsOf } from "./namespace.ts";
import { listening, type Protocol } from "./question.ts";

/** A party outside the Swarm that services connect to. */
export type PartyName = Extract<AnyParty, "postgres" | "s3">;

/** One dependency: what `from` sends to `to`. */
export interface Edge {
  from: Role;
  to: Role | PartyName;
  /** Where `to` listens, and what it speaks there (HTTP when not given), unless it is what Sprocket's documents or Traefik's labels say of it. */
  port?: number;
  speaks?: Protocol;
}

/** What the far end of an edge is right now. */
export interface FarEnd {
  /** "prod-datastores-redis-service", "db.example": as the near end asks for it. */
  host: string;
  port: number;
  /** All that the name may stand for: addresses of running tasks, virtual ones of the service, those of the party. */
  addresses: string[];
  protocol: Protocol;
}

/** Both ends of an edge. */
export interface Ends {
  near: Namespace[];
  far: FarEnd;
}

export const isParty = (to: Role | PartyName): to is PartyName => to === "postgres" || to === "s3";

/** "core → postgres" */
export const edgeWords = ({ from, to }: Edge) => `${from} → ${to}`;

/** @throws when there is nobody at one of its ends, or nothing says where the far one listens */
export async function endsOf(replica: Replica, edge: Edge): Promise<Ends> {
  const [near, far] = await Promise.all([victimsOf(replica, edge.from), farEnd(replica, edge)]);
  if (far.addresses.length === 0) throw new Error(`${far.host} has no address now: there is no edge ${edgeWords(edge)} to hurt`);
  return { near, far };
}

/** Whether a task at the near end was replaced, or the far one has an address that it did not have. */
export async function isMoved(replica: Replica, edge: Edge, known: Ends): Promise<boolean> {
  const [near, far] = await Promise.all([namespacesOf(replica, edge.from), farEnd(replica, edge)]);
  return (
    near.some(({ containerId }) => !known.near.some((one) => one.containerId === containerId)) ||
    far.addresses.some((address) => !known.far.addresses.includes(address))
  );
}

async function farEnd(replica: Replica, edge: Edge): Promise<FarEnd> {
  const { to } = edge;
  const known = isParty(to) ? partyAt(replica, to) : serviceAt(replica, to);
  const { port = known.port, speaks = edge.port === undefined ? known.protocol : "http" } = edge;
  if (port === undefined) throw new Error(`nothing says on which port ${known.host} listens for others: the edge needs a port`);
  return { host: known.host, port, addresses: await addressesOf(replica, to), protocol: speaks };
}

type Known = Pick<FarEnd, "host" | "protocol"> & { port?: number };

function serviceAt(replica: Replica, role: Role): Known {
  const { name, labels } = replica.service(role).candidate;
  const routed = routesOf({ name, labels }).find(({ port }) => port !== undefined)?.port;
  return { host: name, protocol: "http", ...(routed === undefined ? {} : { port: routed }), ...listening[role] };
}

function partyAt(replica: Replica, name: PartyName): Required<Known> {
  const { postgres, s3 } = replica.plan.candidate.parties;
  if (name === "postgres" && postgres) return { host: postgres.host, port: postgres.port, protocol: "postgres" };
  if (name === "s3" && s3) return { host: s3.host, port: 443, protocol: "tls" };
  throw new Error(`this target has no party ${name}`);
}

/** The name by which others ask for a role's service, or for a party. */
export function hostOf(replica: Replica, of: Role | PartyName): string {
  return (isParty(of) ? partyAt(replica, of) : serviceAt(replica, of)).host;
}

/** Every address of a role: of its running tasks, and virtual ones where the Swarm has such. */
export async function addressesOf(replica: Replica, role: Role | PartyName): Promise<string[]> {
  if (isParty(role)) return Object.values((await theParty(replica, role)).addresses);
  const { name } = replica.service(role).candidate;
  const [tasks, services] = await Promise.all([
    namespacesOf(replica, role),
    replica.swarm.daemon.listServices({ filters: JSON.stringify({ name: [name] }) }) as Promise<SwarmService[]>,
  ]);
  const virtual = services
    .filter(({ Spec }) => Spec.Name === name)
    .flatMap(({ Endpoint }) => (Endpoint?.VirtualIPs ?? []).flatMap(({ Addr }) => Addr?.split("/")[0] ?? []));
  const own = tasks.flatMap(({ addresses }) => [...addresses.values()]);
  return [...new Set([...own, ...virtual])].filter((address) => address !== "");
}

interface SwarmService {
  Spec: { Name: string };
  Endpoint?: { VirtualIPs?: { Addr?: string }[] };
}

/** One exchange with the far end from where the near end is, as its own programs would meet it; by address, so that no name is asked for. */
export async function ask(
  replica: Replica,
  { pid }: Namespace,
  { port }: FarEnd,
  address: string,
  { send, withinMs }: { send: string; withinMs: number },
): Promise<Sample<"tcp">> {
  return await replica.nodeAgent.probe(
    { netnsPid: pid },
    // Read until the peer ends it, or a little less than all there is, so that silence is no error.
    {
      kind: "tcp",
      host: address,
      port,
      send,
      readUntilMs: send === "" ? 0 : withinMs * 0.9,
      timeouts: { connectMs: withinMs, totalMs: withinMs },
    },
  );
}

/** Whether the far end answered and then ended the connection: in order, or by a reset as the broker does with a stranger. */
export function isAnswered({ response, error }: Sample<"tcp">): boolean {
  return response !== undefined && response.bytes > 0 && (response.closed || error?.kind === "reset");
}

/** Whether every namespace of the near end meets the same at every address of the far one. */
export async function everywhere(
  { near, far }: Ends,
  meets: (from: Namespace, address: string) => Promise<boolean>,
): Promise<boolean> {
  for (const from of near) for (const address of far.addresses) if (!(await meets(from, address))) return false;
  return true;
}
