import type { LedgerSample, ProbeKind, Sample, SampleError } from "../history/sample.ts";

/** Wire types of the agent (fixtures/images/agent): one JSON object a line, requests on its stdin, replies on its stdout. */
export const agentProtocol = 1;

/** From which network namespace: the agent's own when empty. */
export type Where = { netnsPid?: never; netnsPath?: never } | { netnsPid: number } | { netnsPath: string };

/** `system`: as a program there would, hosts file first, then resolv.conf; in a namespace without a process, 127.0.0.11:53. */
export type Resolve = "system" | { address: string } | { server: string };

/** Milliseconds; default 5000 in all, connecting (with its look-up) included. */
export interface ProbeTimeouts {
  connectMs?: number;
  totalMs?: number;
}

export type TlsVersion = "1.0" | "1.1" | "1.2" | "1.3";

export interface ProbeTls {
  /** Asked for (SNI, unless it is a literal address) and verified. Default: the host. */
  serverName?: string;
  /** false: no name is sent, as by a client that knows no SNI; the chain is verified against the name all the same. */
  sni?: false;
  /** Trust these only; default: the roots of the agent's system. */
  caPem?: string;
  /** Go on when the chain is not trusted; the sample says why it is not. */
  insecure?: boolean;
  minVersion?: TlsVersion;
  maxVersion?: TlsVersion;
  alpn?: string[];
}

interface HostTarget {
  host: string;
  port: number;
  resolve?: Resolve;
  timeouts?: ProbeTimeouts;
}

export interface HttpProbe {
  kind: "http";
  /** http: or https:, HTTP/1.1; redirects are never followed. */
  url: string;
  method?: string;
  headers?: Record<string, string | string[]>;
  /** Header to path: read where the agent runs, so that no secret crosses the wire. */
  headersFromFile?: Record<string, string>;
  body?: string;
  bodyEncoding?: "base64";
  /** Speak over this Unix socket; the URL's host is then only the Host header. */
  socketPath?: string;
  resolve?: Resolve;
  tls?: ProbeTls;
  timeouts?: ProbeTimeouts;
  /** Default 256 KiB, in a series that is not `full` 0. */
  maxBodyBytes?: number;
  /** Opens a WebSocket and, once the status is 101, speaks over it. */
  webSocket?: WebSocketTalk;
}

/** Text messages in turn: each of `send` but the first goes out after one more message came; it ends when `receive` messages (default 0) came. */
export interface WebSocketTalk {
  /** Subprotocols, the preferred one first. */
  protocols?: string[];
  send?: string[];
  receive?: number;
}

export interface TcpProbe extends HostTarget {
  kind: "tcp";
  send?: string;
  /** Read until the peer closes or this many ms are over; absent: only connect. */
  readUntilMs?: number;
  maxBytes?: number;
}

export interface TlsProbe extends HostTarget {
  kind: "tls";
  tls?: ProbeTls;
}

export interface DnsProbe {
  kind: "dns";
  name: string;
  type?: "A" | "AAAA" | "CNAME" | "NS" | "MX" | "TXT" | "SRV" | "SOA" | "PTR" | "ANY";
  /** "ip" or "ip:port"; default: the first of the place's resolv.conf. */
  server?: string;
  timeouts?: ProbeTimeouts;
}

export interface RedisProbe extends HostTarget {
  kind: "redis";
  user?: string;
  /** Sent as AUTH; a refusal is the sample's error of kind "auth". Without one, commands go unauthenticated. */
  password?: string;
  passwordFile?: string;
  tls?: ProbeTls;
  commands: string[][];
}

interface PostgresTarget extends HostTarget {
  user: string;
  password?: string;
  passwordFile?: string;
  database: string;
  sslmode: "disable" | "require" | "verify-full";
  caPem?: string;
  serverName?: string;
}

export interface PostgresProbe extends PostgresTarget {
  kind: "postgres";
  /** Without `params` by the simple protocol (several statements allowed), with them by the extended one. */
  queries: { sql: string; params?: (string | null)[] }[];
}

/** Opens sessions until one is refused or `max` (default 1000) are open, holds them, closes all. Default time-out 60 s. */
export interface PostgresFillProbe extends PostgresTarget {
  kind: "postgres-fill";
  max?: number;
  /** Note {note: "holding", opened} is sent when this begins. */
  holdMs?: number;
}

export type AmqpAction =
  | {
      do: "declareQueue";
      name: string;
      durable?: boolean;
      autoDelete?: boolean;
      exclusive?: boolean;
      arguments?: Record<string, string | number | boolean>;
    }
  | { do: "declareExchange"; name: string; durable?: boolean; autoDelete?: boolean; arguments?: { type: string } }
  /** To the queue through the default exchange, or to exchange and routingKey; always mandatory, so that what cannot be routed shows. */
  | {
      do: "publish";
      queue?: string;
      exchange?: string;
      routingKey?: string;
      bodies: string[];
      persistent?: boolean;
      confirm?: boolean;
      timeoutMs?: number;
    }
  /** Takes messages away until empty or `max`; with max and timeoutMs waits for more until then. */
  | { do: "drain"; queue: string; max?: number; timeoutMs?: number }
  | { do: "queueInfo"; name: string }
  /** NestJS style request: {pattern, data, id}, answered through amq.rabbitmq.reply-to. */
  | { do: "rpc"; queue: string; pattern: unknown; data?: unknown; timeoutMs?: number }
  /** Note {note: "collecting"} is sent once bound; the inner actions run then. Ends after durationMs or `max` messages. */
  | { do: "bindAndCollect"; exchange: string; topic: string; durationMs: number; max?: number; whileCollecting?: AmqpAction[] }
  | { do: "deleteQueue"; name: string };

export interface AmqpProbe extends HostTarget {
  kind: "amqp";
  user: string;
  password?: string;
  passwordFile?: string;
  /** Default "/". */
  vhost?: string;
  tls?: ProbeTls;
  actions: AmqpAction[];
}

export type S3Action =
  | { do: "listBuckets" }
  | { do: "createBucket"; bucket: string }
  | { do: "list"; bucket: string; prefix?: string }
  | { do: "put"; bucket: string; key: string; body: string }
  | { do: "get" | "head" | "delete"; bucket: string; key: string };

/** Path style, signature version 4. */
interface S3Target {
  endpoint: string;
  accessKey: string;
  secretKey: string;
  /** Default us-east-1. */
  region?: string;
}

export interface S3Probe extends S3Target {
  kind: "s3";
  actions: S3Action[];
  resolve?: Resolve;
  tls?: ProbeTls;
  timeouts?: ProbeTimeouts;
}

export interface ProbeOf {
  http: HttpProbe;
  tcp: TcpProbe;
  tls: TlsProbe;
  dns: DnsProbe;
  redis: RedisProbe;
  postgres: PostgresProbe;
  "postgres-fill": PostgresFillProbe;
  amqp: AmqpProbe;
  s3: S3Probe;
}
export type Probe<K extends ProbeKind = ProbeKind> = K extends ProbeKind ? ProbeOf[K] : never;

/** Constant arrival; without count and durationMs until stopped. */
export interface SeriesOptions {
  ratePerSecond: number;
  count?: number;
  durationMs?: number;
  /** Default 1000; a due point that finds this many under way becomes a sample with error "not-sent". */
  maxInFlight?: number;
  /** HTTP only: keep connections; default a fresh one each. */
  pooled?: boolean;
  /** Samples as rich as single ones (headers, body, chain); default status, sizes and times only. */
  full?: boolean;
  /** Longest time that a sample waits to be handed over with others, milliseconds; default 50. Nothing that is measured depends on it. */
  batchMs?: number;
}

/** Times of the agent's clock in ns. planned = sent + notSent. */
export interface SeriesResult {
  planned: number;
  sent: number;
  notSent: number;
  started: number;
  ended: number;
}

interface LedgerStoreBase {
  resolve?: Resolve;
  tls?: ProbeTls;
  /** Of one write; default 5000. */
  timeoutMs?: number;
}

interface LedgerServer extends LedgerStoreBase {
  host: string;
  port: number;
  user?: string;
  password?: string;
  passwordFile?: string;
}

/** Key prefix+seq, set to seq. */
interface RedisLedger extends LedgerServer {
  kind: "redis";
  prefix: string;
}

/** A message with seq as its body, confirmed and routable, into a queue that exists. */
interface AmqpLedger extends LedgerServer {
  kind: "amqp";
  vhost?: string;
  queue: string;
  persistent?: boolean;
}

/** A row with seq in its column `seq`, each in a transaction of its own, into a table that exists. */
interface PostgresLedger extends Omit<PostgresTarget, "timeouts">, Pick<LedgerStoreBase, "timeoutMs"> {
  kind: "postgres";
  table: string;
  /** Sessions at most, default 4; a write that gets none in half of its time is not sent. */
  connections?: number;
}

/** Object prefix+seq with seq as its content, into a bucket that exists. */
interface S3Ledger extends S3Target, LedgerStoreBase {
  kind: "s3";
  bucket: string;
  prefix: string;
}

/** Secret path/seq with seq as its value, into a kv store of version 2 that is mounted already. */
interface VaultLedger extends LedgerStoreBase {
  kind: "vault";
  /** Scheme, host and port. */
  url: string;
  token?: string;
  /** Read where the agent runs, anew for each request. */
  tokenFile?: string;
  mount: string;
  path: string;
}

/** What one mutation makes, under an id that the API chooses: `{mark}` in it is prefix+seq, `{name}` in the query is that id, and the answer must show the mark. */
interface GraphqlLedger extends LedgerStoreBase {
  kind: "graphql";
  url: string;
  mutation: string;
  query: string;
  prefix: string;
}

export type LedgerStore = RedisLedger | AmqpLedger | PostgresLedger | S3Ledger | VaultLedger | GraphqlLedger;

/** How a ledger is read back. */
export interface ReadLedgerOptions {
  /** AMQP: the messages stay in the queue. */
  keep?: boolean;
  /** Names of the entries by their number, where the store chose them. */
  names?: Record<number, string>;
  /** Default 30000. */
  timeoutMs?: number;
}

/** Either at a constant rate (open model), or `asFastAs` so many writers that each wait for their acknowledgement. */
export type LedgerOptions = { fromSequence: number; count?: number; durationMs?: number } & (
  | { ratePerSecond: number; maxInFlight?: number; asFastAs?: never }
  | { asFastAs: number; ratePerSecond?: never }
);

/** Of a ledger's writing; which writes were acknowledged is in the samples. */
export type LedgerResult = SeriesResult;

export interface ReadLedgerResult {
  /** Ranges of sequence numbers, both ends included, rising. */
  found: [number, number][];
  /** Distinct numbers. */
  count: number;
  duplicates: { seq: number; times: number }[];
  /** Entries that are no number. */
  foreign: number;
  /** The reading broke off here; what was found before it is told. */
  error?: SampleError;
}

export interface ClearLedgerResult {
  removed: number;
  /** The removing broke off here. */
  error?: SampleError;
}

export interface FileStat {
  path: string;
  type: "file" | "directory" | "symlink" | "socket" | "other";
  size: number;
  mode: number;
  uid: number;
  gid: number;
  mtimeMs: number;
}

/** Paths are absolute where the agent runs; content is base64. */
export type FileAction =
  | { action: "read"; path: string; maxBytes?: number }
  | { action: "write"; path: string; content: string; mode?: number }
  | { action: "move"; path: string; to: string }
  | { action: "remove"; path: string; recursive?: boolean }
  | { action: "stat"; path: string }
  | { action: "list"; path: string }
  | { action: "mkdir"; path: string; mode?: number; recursive?: boolean }
  | { action: "chmod"; path: string; mode: number }
  | { action: "chown"; path: string; uid?: number; gid?: number };

export type FileResult<A extends FileAction["action"]> = A extends "read"
  ? { content: string; bytes: number; truncated: boolean }
  : A extends "list"
    ? { entries: FileStat[] }
    : A extends "remove"
      ? Record<string, never>
      : FileStat;

export interface ExecRequest {
  argv: string[];
  stdin?: string;
  /** "NAME=value", added to the agent's own. */
  env?: string[];
  /** Default 10000; the whole process group is killed then. */
  timeoutMs?: number;
  /** Kept of each stream, default 1 MiB; the counts tell all. */
  maxBytes?: number;
}

export interface ExecResult {
  /** -1 when a signal ended it. */
  exit: number;
  signal?: string;
  stdout: string;
  stderr: string;
  stdoutBytes: number;
  stderrBytes: number;
  timedOut: boolean;
  took: number;
}

export interface NetnsList {
  /** Inode of the agent's own namespace. */
  own: number;
  bound: { path: string; inode: number }[];
  /** Of the pids asked for that live. */
  pids: { pid: number; inode: number }[];
}

export interface Statfs {
  totalBytes: number;
  freeBytes: number;
  availableBytes: number;
  inodes: number;
  freeInodes: number;
}

export interface Hello {
  agent: "sprocket-agent";
  version: string;
  protocol: number;
  pid: number;
  monotonicNs: number;
  wallMs: number;
}

/** Codes of an error reply: the agent could not do what was asked, as against a sample whose error is what it saw. */
export type AgentErrorCode =
  | "bad-request"
  | "internal"
  | "cancelled"
  | "failed"
  | "namespace"
  | "signal"
  | "file"
  | "not-found"
  | "exec"
  | "statfs";

/** A probe's word while it still runs. */
export interface AgentNote {
  note: "collecting" | "holding";
  [detail: string]: unknown;
}

export type AgentReply =
  | { id: number; kind: "samples"; samples: Sample[] | LedgerSample[] }
  | { id: number; kind: "note"; note: AgentNote }
  | { id: number; kind: "result"; result: unknown }
  | { id: number; kind: "error"; code: AgentErrorCode; message: string };
