/**
 * Raw samples, as an agent reports them: what a client saw, and never what is thought of it. All times are whole nanoseconds of one
 * agent's monotonic clock, zero at that agent's start; durations are nanoseconds too. What was not seen is absent, never null or zero.
 */

/** Every probe kind, and with it the shape of `response`. */
export interface ResponseOf {
  http: HttpResponse;
  tcp: TcpResponse;
  /** Everything a handshake shows is in `sample.tls`. */
  tls: never;
  dns: DnsResponse;
  redis: RedisResponse;
  postgres: PostgresResponse;
  "postgres-fill": PostgresFillResponse;
  amqp: AmqpResponse;
  s3: S3Response;
}
export type ProbeKind = keyof ResponseOf;

/** One observation by a client. `Sample` alone is any kind; narrow it by `probe`. */
export type Sample<K extends ProbeKind = ProbeKind> = K extends ProbeKind ? SampleOf<K> : never;

export interface SampleOf<K extends ProbeKind> {
  probe: K;
  /** When it should have been sent: the schedule of an open model. Latency counts from here. Equal to `sent` for a single probe. */
  due: number;
  /** When work on it began: look-up or connecting, not the first byte written. */
  sent: number;
  done: number;
  phases: Phases;
  /** "ip:port" of our end; there whenever a socket was connected, even if what came after failed. */
  source?: string;
  /** "ip:port" of the other end, also when it did not take the connection; the path of a Unix socket. */
  peer?: string;
  /** The connection was kept from an earlier sample: no look-up, no connecting, no handshake. */
  reused?: boolean;
  resolved?: Resolved;
  tls?: TlsSeen;
  /** May stand beside `error`, when something came back before it broke. */
  response?: ResponseOf[K];
  error?: SampleError;
}

/** Durations in ns. `firstByte` runs from the end of `write`, `body` from the first byte. */
export interface Phases {
  dns?: number;
  connect?: number;
  tls?: number;
  write?: number;
  firstByte?: number;
  body?: number;
}

/** Who answered the look-up ("ip:port", "/etc/hosts", or "RFC 6761" for localhost names, which nobody is asked for), for which full name, and what. Absent for literal and given addresses. */
export interface Resolved {
  server: string;
  name: string;
  rcode?: string;
  answers: string[];
  /** Addresses that did not take the connection before `peer` was tried. */
  failed?: { peer: string; kind: SampleErrorKind; message: string }[];
}

export interface TlsSeen {
  /** "1.2", "1.3" */
  version?: string;
  cipher?: string;
  /** Name that the chain was verified against. */
  serverName: string;
  /** Name that was sent in the handshake; absent when none was, as for a literal address. There also when the handshake was refused. */
  sni?: string;
  alpn?: string;
  /** Leaf first, as the server sent it; absent in series that are not `full`. */
  chain?: CertificateSeen[];
  /** Why the chain is not trusted. With `insecure` the probe went on, else `error` says so too. */
  verifyError?: string;
}

export interface CertificateSeen {
  subject: string;
  issuer: string;
  sans: string[];
  /** ISO 8601, UTC. */
  notBefore: string;
  notAfter: string;
  /** Of the DER form, hexadecimal. */
  sha256: string;
}

export const sampleErrorKinds = [
  "dns",
  "connect-refused",
  "connect-timeout",
  "unreachable",
  "reset",
  "tls",
  "timeout",
  "protocol",
  "closed",
  "not-sent",
  "auth",
  "namespace",
] as const;
export type SampleErrorKind = (typeof sampleErrorKinds)[number];

export interface SampleError {
  kind: SampleErrorKind;
  message: string;
  /** The protocol's own: SQLSTATE, AMQP reply code, number of the TLS alert that was got (70: no version in common). */
  code?: string;
}

/** Text as it came, or base64 of bytes that are not UTF-8. */
export type TextEncoding = "base64";

export interface HttpResponse {
  status: number;
  /** "HTTP/1.1"; with `headers`, `bodyText` and `sha256` absent in series that are not `full`. */
  proto?: string;
  /** Names in lower case, values in the order they came. */
  headers?: Record<string, string[]>;
  /** The first maxBodyBytes of it, as sent (never decompressed). */
  bodyText?: string;
  bodyEncoding?: TextEncoding;
  truncated?: boolean;
  /** All of the body that was read. */
  bytes: number;
  sha256?: string;
  /** Of a probe with `webSocket` that got 101. */
  webSocket?: WebSocketSeen;
}

export interface WebSocketSeen {
  /** Sec-WebSocket-Key as sent and Sec-WebSocket-Accept as it came; when the one is not made of the other the sample's error says so. */
  key: string;
  accept?: string;
  /** The subprotocol that the server chose. */
  protocol?: string;
  /** Text messages, in the order they came. */
  messages: string[];
  /** Of the server's close frame, when it closed before all were there. */
  closeCode?: number;
  closeReason?: string;
}

export interface TcpResponse {
  text: string;
  encoding?: TextEncoding;
  bytes: number;
  /** The peer ended the connection while we read. */
  closed: boolean;
}

export interface DnsResponse {
  server: string;
  transport: "udp" | "tcp";
  /** "NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED", … */
  rcode: string;
  authoritative: boolean;
  truncated: boolean;
  /** Names end with a dot; ttl in seconds. */
  answers: { name: string; type: string; ttl: number; data: string }[];
}

export type RedisReply = string | number | null | { error: string } | { base64: string } | RedisReply[];

export interface RedisResponse {
  /** One for each command that was answered; an error reply is data. */
  replies: RedisReply[];
}

export interface PostgresFailure {
  sqlstate?: string;
  severity?: string;
  message: string;
  detail?: string;
  hint?: string;
}

export interface PostgresResponse {
  /** One for each query that was begun. Values in PostgreSQL's text form. */
  results: { command?: string; columns?: string[]; rows?: (string | null)[][]; error?: PostgresFailure; took: number }[];
}

export interface PostgresFillResponse {
  /** Sessions that were open at once. */
  opened: number;
  /** The first one that was not; absent when `max` were opened. */
  refused?: PostgresFailure & { kind: SampleErrorKind; took: number };
}

export interface AmqpBody {
  body: string;
  encoding?: TextEncoding;
  redelivered?: boolean;
  exchange?: string;
  routingKey?: string;
  persistent?: boolean;
  /** Agent's clock. */
  at: number;
}

export interface AmqpResult {
  do: string;
  took: number;
  queue?: string;
  messages?: number;
  consumers?: number;
  /** In the order of the bodies. `acked`: ns until the broker's confirm. `returned`: not routable, e.g. "312 NO_ROUTE". */
  published?: { acked?: number; nacked?: boolean; returned?: string }[];
  bodies?: AmqpBody[];
  /** Of `rpc`: the decoded JSON answer. */
  reply?: unknown;
  purged?: number;
  /** Of `whileCollecting`. */
  inner?: AmqpResult[];
  error?: SampleError;
}

export interface AmqpResponse {
  /** One for each action that was begun; an error that only closed its channel is here, one that ended the connection is the sample's too. */
  results: AmqpResult[];
}

export interface S3Response {
  results: {
    do: string;
    took: number;
    status?: number;
    /** S3's own error code and message, e.g. NoSuchKey. */
    code?: string;
    message?: string;
    etag?: string;
    buckets?: string[];
    keys?: string[];
    body?: string;
    bodyEncoding?: TextEncoding;
    bytes: number;
    sha256?: string;
    error?: SampleError;
  }[];
}

/** One write of a ledger: `acked` is when the store acknowledged it, absent when it never did. A write without it may still be there. */
export interface LedgerSample {
  seq: number;
  due: number;
  sent: number;
  acked?: number;
  done: number;
  /** What the store calls the entry, where it chooses that itself. */
  name?: string;
  error?: SampleError;
}
