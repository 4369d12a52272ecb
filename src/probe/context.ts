import type { ClientRoute } from "../candidate/contract/client-routes.ts";
import type { Route } from "../candidate/routes.ts";
import type { Candidate, CandidateService, PostgresParty, Role, S3Party } from "../candidate/types.ts";
import type {
  AmqpProbe,
  DnsProbe,
  FileStat,
  HttpProbe,
  LedgerStore,
  PostgresFillProbe,
  PostgresProbe,
  ReadLedgerResult,
  RedisProbe,
  S3Action,
  S3Probe,
  SeriesResult,
  TcpProbe,
  TlsProbe,
} from "../engine/agent-protocol.ts";
import type { AcmeFault, AcmeLog } from "../engine/party/acme.ts";
import type { MemberState, TailnetPath } from "../engine/party/tailnet/member.ts";
import type { Attempt, TailnetFault } from "../engine/party/tailnet/started-tailnet.ts";
import type { Machine } from "../engine/party/tailnet/tailnet.ts";
import type { SocketsSeen } from "../engine/sockets/watch.ts";
import type { HealthView, TaskView } from "../engine/swarm/swarm.ts";
import type { AccessMode } from "../history/access.ts";
import type { ExperimentDefinition } from "../history/experiment.ts";
import type { K6Order } from "../history/k6.ts";
import type { LedgerSample, Sample } from "../history/sample.ts";
import type { ExperimentTables } from "./experiment.ts";

/** A probe of one kind without the kind itself. */
export type Ask<P> = Omit<P, "kind">;

/** An HTTP request that changes nothing. */
export type Read = Omit<Ask<HttpProbe>, "method" | "body" | "bodyEncoding"> & { method?: "GET" | "HEAD" };

/** Redis commands that change nothing. */
export type ReadCommand =
  | ["PING"]
  | ["INFO", string]
  | ["CONFIG", "GET", string]
  | ["MODULE", "LIST"]
  | ["LASTSAVE"]
  | ["DBSIZE"];

/** Questions to a storage that change nothing. */
export type S3Read = Extract<S3Action, { do: "listBuckets" | "list" | "get" | "head" }>;

/** A place to look from. Every call is one probe, recorded in the history whole before it returns. */
export interface ObservePlace {
  http(label: string, request: Read): Promise<Sample<"http">>;
  /** A GraphQL query by POST, as its clients do; a mutation is refused here. */
  graphql(label: string, request: Omit<Read, "method"> & { query: string }): Promise<Sample<"http">>;
  tcp(label: string, probe: Omit<Ask<TcpProbe>, "send">): Promise<Sample<"tcp">>;
  tls(label: string, probe: Ask<TlsProbe>): Promise<Sample<"tls">>;
  /** Opens a connection as its account, and does nothing on it. */
  amqpOpen(label: string, probe: Omit<Ask<AmqpProbe>, "actions">): Promise<Sample<"amqp">>;
  dns(label: string, probe: Ask<DnsProbe>): Promise<Sample<"dns">>;
  redis(label: string, probe: Omit<Ask<RedisProbe>, "commands"> & { commands: ReadCommand[] }): Promise<Sample<"redis">>;
  /** Queries run as they are given; an observation's only read. */
  postgres(label: string, probe: Ask<PostgresProbe>): Promise<Sample<"postgres">>;
  /** Open-model load of requests that change nothing: constant arrival, latency counted from the due time. */
  load(label: string, request: Read | (Omit<Read, "method"> & { query: string }), shape: LoadShape): Promise<SeriesResult>;
}

export interface LoadShape {
  ratePerSecond: number;
  durationMs: number;
  maxInFlight: number;
  /** true: connections are kept and used again; false: a fresh one for each request. */
  pooled: boolean;
}

export interface WritePlace extends ObservePlace {
  /** The same load, and its samples: for a search that goes on by them. */
  sampledLoad(label: string, request: Omit<Read, "method"> & { query: string }, shape: LoadShape): Promise<Sample[]>;
  request(label: string, request: Ask<HttpProbe>): Promise<Sample<"http">>;
  redisCommands(label: string, probe: Ask<RedisProbe>): Promise<Sample<"redis">>;
  amqp(label: string, probe: Ask<AmqpProbe>): Promise<Sample<"amqp">>;
  /** The same for a probe that collects: resolves once it is bound, so that nothing sent after can be missed; `done` brings what came. */
  amqpCollect(label: string, probe: Ask<AmqpProbe>): Promise<{ done: Promise<Sample<"amqp">> }>;
  s3(label: string, probe: Ask<S3Probe>): Promise<Sample<"s3">>;
  /** Opens sessions until one is refused, then closes all. */
  postgresFill(label: string, probe: Ask<PostgresFillProbe>): Promise<Sample<"postgres-fill">>;
  /** Numbered writes; each acknowledgement is known here, outside the system under test. */
  ledgerWrite(
    label: string,
    store: LedgerStore,
    shape: { count: number; fromSequence: number; writers: number },
  ): Promise<LedgerSample[]>;
  ledgerRead(label: string, store: LedgerStore): Promise<ReadLedgerResult>;
  /** Removes every entry of a store. @throws when it could not: what is left would be taken for what is written next */
  ledgerClear(label: string, store: LedgerStore): Promise<void>;
}

/** What a collector knows of what it looks at. */
export interface TargetView {
  candidate: Candidate;
  domain: string;
  /** External parties; an observation that asks for one has it among its needs. */
  parties: { readonly postgres: PostgresParty; readonly s3: S3Party };
  service(role: Role): CandidateService;
  /** The first HTTP router of a role's service. */
  route(role: Role): Route;
  /** URL through the entry point that the route's rule and TLS setting name. */
  url(role: Role, path: string): string;
  /** Where clients reach a role's service, whatever its labels say; an observation that asks for it has `route:<role>` among its needs. */
  clientRoute(role: Role): ClientRoute;
  /** A secret of the candidate, as the replica generated it; the history never shows it. */
  secret(name: string): string;
  /** A text of the candidate with the values of its secrets in it. */
  fill(text: string): string;
  /** PEM of what clients of this replica trust: the run's authority, and the root of its ACME server where there is one. */
  authority: string;
  /** Swarm's view of a role's tasks, recorded as a fact. */
  tasks(label: string, role: Role): Promise<TaskView[]>;
  /** What the engine knows of the health check of a role's running task, recorded as a fact; undefined when it has no task. */
  health(label: string, role: Role): Promise<HealthView | undefined>;
  /** What the kernel has counted of the processor time of a role's running task, with the task's id, recorded as a fact; null where that cannot be had. */
  processor(label: string, role: Role): Promise<void>;
  /** The entry point's address as a mode's clients have it; undefined where this target has no such mode. */
  entryAddress(mode: AccessMode): string | undefined;
  /** Whether a role's service came up: for what an observation does beside what it needs. */
  cameUp(role: Role): boolean;
  /** The same of any service, by its name; undefined when it is not reproduced. */
  isUp(service: string): boolean | undefined;
  /** Throws when this target has none. */
  readonly tailnet: TailnetView;
}

/** A tailnet as it is looked at; an observation that asks for it has `mode:tailscale` among its needs. Each look is recorded as a fact. */
export interface TailnetView {
  /** Where its clients reach the ingress: MagicDNS's name for it, and its address. */
  ingress: { name: string; address: string };
  /** How the client reaches the ingress just now. */
  path(label: string): Promise<TailnetPath>;
  /** Whether the ingress answers a machine's ICMP echo through the tunnel. */
  echo(label: string, machine: Machine): Promise<{ answered: boolean; words: string }>;
  /** What a machine says of itself. */
  state(label: string, machine: Machine): Promise<MemberState>;
}

interface Places<P> {
  /** A client on the public network that resolves through the candidate's DNS. */
  public: P;
  /** A client on the node itself. */
  localhost: P;
  /** A client of an access mode; undefined where this target has no such place. */
  mode(mode: AccessMode): P | undefined;
  /** A client of the tailnet that resolves through MagicDNS; throws, as the next one, when this target has no tailnet. */
  readonly tailscale: P;
  /** A machine of the tailnet that its access rules keep out. */
  readonly stranger: P;
  /** In the network namespace of a role's running task; throws when it has none. */
  inside(role: Role): Promise<P & { addresses: ReadonlyMap<string, string> }>;
}

/** The replica's ACME server; an observation that asks for it has `party:acme` among its needs. */
export interface AcmeView {
  /** PEM of the root that what it issues leads to. */
  readonly root: string;
  /** Resolvers of Traefik that it serves. */
  readonly resolvers: readonly string[];
  /** The certificate that Traefik's store began with, about to end: its host, and the certificate as PEM. */
  readonly toRenew: { host: string; certificate: string } | undefined;
  /** Where Traefik asks it. */
  readonly directory: string;
  /** What the server was asked so far and what became of it, recorded as a fact. */
  log(label: string): Promise<AcmeLog>;
}

export interface ObserveContext {
  target: TargetView;
  acme: AcmeView;
  from: Places<ObservePlace>;
  /** Records any other raw thing that was seen. */
  fact(name: string, data: unknown): void;
  /** What was addressed so far in every network namespace of the run, and by the runner. */
  sockets(): Promise<SocketsSeen>;
  signal: AbortSignal;
  /** Repeats a look until what it returns is not undefined, bounded; undefined when the time is over. */
  poll<T>(bound: { withinMs: number; everyMs: number }, look: () => Promise<T | undefined>): Promise<T | undefined>;
}

export interface WriteContext extends Omit<ObserveContext, "from"> {
  from: Places<WritePlace>;
  /** Reads a file of the node, as its operator could; the content is not recorded. */
  nodeFile(path: string): Promise<string | undefined>;
  /** Size and times of a file of the node; undefined when there is none. */
  nodeStat(path: string): Promise<FileStat | undefined>;
  /** What each task of a role that the engine still knows has printed, newest first; not recorded. */
  taskLogs(role: Role): Promise<{ task: string; lines: string[] }[]>;
}

export interface DisruptContext extends WriteContext {
  /** Ends the first process of a role's running task, as a crash does it; resolves when an independent look saw it gone. */
  killTask(role: Role, signal: "SIGKILL" | "SIGTERM"): Promise<{ pid: number; task: string }>;
  /** Ends a process of a role's running task by its program's name, and leaves the task's first process alone. */
  killProcess(role: Role, program: string, signal: "SIGKILL" | "SIGTERM"): Promise<{ pid: number; task: string }>;
  /** Samples a probe at a constant rate, on fresh connections, until `enough` of the newest samples or the bound; the samples go to a side file. */
  watch(label: string, place: "public" | "localhost" | ObservePlace, request: Watched, options: WatchOptions): Promise<Watch>;
  /** The same, and has it fail while `work` runs. */
  acme: AcmeView & { failing(faults: readonly AcmeFault[], work: () => Promise<void>): Promise<void> };
  /** Holds a fault of the tailnet while something is looked at, and ends it whatever happens. */
  holdTailnet(fault: TailnetFault, look: () => Promise<void>): Promise<void>;
  /** Machines that nobody knows ask to join the tailnet, with keys of each kind; recorded as a fact. */
  newcomers(label: string): Promise<Attempt[]>;
  /** Runs an experiment from its preconditions to the proof that it is over; all that it saw is in the history. */
  experiment(definition: ExperimentDefinition, tables: ExperimentTables): Promise<void>;
  /** Has k6 run a script of `load/` where the public network's clients stand; what it measured is recorded as a fact, a `K6Run`. */
  k6(label: string, order: K6Order): Promise<void>;
  /** Records that clients saw the system back. */
  healSeen(fault: string, detail: unknown): void;
}

/** What may be sampled densely: a read, a GraphQL query, or a question to one of the stores that changes nothing. */
export type Watched =
  | Read
  | (Omit<Read, "method"> & { query: string })
  | (Omit<RedisProbe, "commands"> & { commands: ReadCommand[] })
  | (Omit<AmqpProbe, "actions"> & { actions: [] })
  | (Omit<S3Probe, "actions"> & { actions: S3Read[] })
  | PostgresProbe;

export interface WatchOptions {
  ratePerSecond: number;
  withinMs: number;
}

export interface Watch {
  /** Resolves when the newest samples satisfy `good`, at least `run` of them in at least `lastingMs` (0 if not given), or the bound is over; says which. */
  until(good: (sample: Sample) => boolean, run: number, lastingMs?: number): Promise<"seen" | "bound">;
  stop(): Promise<void>;
}
