import type { AgentClient } from "../engine/agent-client.ts";
import type {
  AgentNote,
  AmqpProbe,
  DnsProbe,
  HttpProbe,
  LedgerStore,
  PostgresFillProbe,
  PostgresProbe,
  Probe,
  ProbeOf,
  ReadLedgerResult,
  RedisProbe,
  S3Probe,
  SeriesResult,
  TcpProbe,
  TlsProbe,
  Where,
} from "../engine/agent-protocol.ts";
import type { LedgerSample, ProbeKind, Sample } from "../history/sample.ts";
import type { HistoryWriter } from "../history/writer.ts";
import type { Ask, LoadShape, Read, Watched, WatchOptions, WritePlace } from "./context.ts";

/** Nobody waits for the samples of a load. */
const loadBatchMs = 1000;
/** How much later an observation goes on than its watch saw why. The samples carry their own times, so no recovery is measured by it. */
const watchBatchMs = 250;

/** Longest time for reading back or removing some thousand entries of a store that has just come back. */
const ledgerPatienceMs = 60_000;

/** How clients of a place resolve names and which authority they trust, unless a probe says otherwise. */
export interface Manners {
  resolver?: string;
  authority?: string;
}

/** A place to probe from, for one observation: every probe becomes an event of that observation. */
export class RecordingPlace implements WritePlace {
  readonly #history: HistoryWriter;
  readonly #observation: string;
  readonly #vantage: string;
  readonly #agent: AgentClient;
  readonly #where: Where;
  readonly #manners: Manners;
  readonly #signal: AbortSignal;
  /** Of each ledger's entries by their number, where the store chose them. */
  readonly #names = new Map<string, Record<number, string>>();

  constructor(fields: {
    history: HistoryWriter;
    observation: string;
    vantage: string;
    agent: AgentClient;
    where: Where;
    manners: Manners;
    signal: AbortSignal;
  }) {
    this.#history = fields.history;
    this.#observation = fields.observation;
    this.#vantage = fields.vantage;
    this.#agent = fields.agent;
    this.#where = fields.where;
    this.#manners = fields.manners;
    this.#signal = fields.signal;
  }

  http(label: string, request: Read): Promise<Sample<"http">> {
    return this.#probe(label, this.#mannered({ kind: "http", ...request }));
  }

  graphql(label: string, request: Omit<Read, "method"> & { query: string }): Promise<Sample<"http">> {
    return this.#probe(label, this.#mannered(graphqlProbe(request)));
  }

  request(label: string, request: Ask<HttpProbe>): Promise<Sample<"http">> {
    return this.#probe(label, this.#mannered({ kind: "http", ...request }));
  }

  tcp(label: string, probe: Ask<TcpProbe>): Promise<Sample<"tcp">> {
    return this.#probe(label, { kind: "tcp", ...this.#resolving(probe) });
  }

  tls(label: string, probe: Ask<TlsProbe>): Promise<Sample<"tls">> {
    return this.#probe(label, { kind: "tls", ...this.#resolving(probe), tls: this.#trusting(probe.tls) });
  }

  amqpOpen(label: string, probe: Omit<Ask<AmqpProbe>, "actions">): Promise<Sample<"amqp">> {
    return this.amqp(label, { ...probe, actions: [] });
  }

  dns(label: string, probe: Ask<DnsProbe>): Promise<Sample<"dns">> {
    return this.#probe(label, {
      kind: "dns",
      ...probe,
      ...(probe.server || !this.#manners.resolver ? {} : { server: this.#manners.resolver }),
    });
  }

  redis(label: string, probe: Ask<RedisProbe>): Promise<Sample<"redis">> {
    return this.#probe(label, { kind: "redis", ...this.#secured(this.#resolving(probe)) });
  }

  redisCommands(label: string, probe: Ask<RedisProbe>): Promise<Sample<"redis">> {
    return this.redis(label, probe);
  }

  postgres(label: string, probe: Ask<PostgresProbe>): Promise<Sample<"postgres">> {
    return this.#probe(label, { kind: "postgres", ...this.#resolving(probe) });
  }

  postgresFill(label: string, probe: Ask<PostgresFillProbe>): Promise<Sample<"postgres-fill">> {
    return this.#probe(label, { kind: "postgres-fill", ...this.#resolving(probe) });
  }

  amqp(label: string, probe: Ask<AmqpProbe>): Promise<Sample<"amqp">> {
    return this.#probe(label, { kind: "amqp", ...this.#secured(this.#resolving(probe)) });
  }

  s3(label: string, probe: Ask<S3Probe>): Promise<Sample<"s3">> {
    return this.#probe(label, { kind: "s3", ...this.#resolving(probe), tls: this.#trusting(probe.tls) });
  }

  async amqpCollect(label: string, probe: Ask<AmqpProbe>): Promise<{ done: Promise<Sample<"amqp">> }> {
    let bound: () => void = () => {};
    const collecting = new Promise<void>((resolve) => {
      bound = resolve;
    });
    const done = this.#probe(label, { kind: "amqp", ...this.#resolving(probe) }, (note) => {
      if (note.note === "collecting") bound();
    });
    // One that fails never binds; what it saw instead is in its sample.
    await Promise.race([collecting, done]);
    return { done };
  }

  load(label: string, request: Read | (Omit<Read, "method"> & { query: string }), shape: LoadShape): Promise<SeriesResult> {
    return this.#load(label, request, shape, () => {});
  }

  async sampledLoad(label: string, request: Omit<Read, "method"> & { query: string }, shape: LoadShape): Promise<Sample[]> {
    const met: Sample[] = [];
    await this.#load(label, request, shape, (samples) => void met.push(...samples));
    return met;
  }

  async ledgerWrite(
    label: string,
    store: LedgerStore,
    shape: { count: number; fromSequence: number; writers: number },
  ): Promise<LedgerSample[]> {
    const writes: LedgerSample[] = [];
    const running = this.#agent.ledger(
      this.#where,
      this.#stored(store),
      { fromSequence: shape.fromSequence, count: shape.count, asFastAs: shape.writers },
      (samples) => {
        writes.push(...samples);
      },
    );
    await running.done;
    this.#recordLedger(label, writes);
    return writes;
  }

  /** Writes at a constant rate until it is stopped or the bound is over: an open model, so what a store that hangs keeps waiting is attempted all the same. */
  startLedger(
    label: string,
    store: LedgerStore,
    { ratePerSecond, withinMs }: { ratePerSecond: number; withinMs: number },
  ): { acknowledged(): number; stop(): Promise<void> } {
    const writes: LedgerSample[] = [];
    let acknowledged = 0;
    const running = this.#agent.ledger(
      this.#where,
      this.#stored(store),
      { fromSequence: 0, ratePerSecond, durationMs: withinMs, maxInFlight: 200 },
      (samples) => {
        writes.push(...samples);
        for (const { acked } of samples) if (acked !== undefined) acknowledged += 1;
      },
    );
    let stopped: Promise<void> | undefined;
    const stop = async () => {
      await running.stop();
      await running.done;
      this.#recordLedger(label, writes, 1000 / ratePerSecond);
    };
    return {
      acknowledged: () => acknowledged,
      stop: () => {
        stopped ??= stop();
        return stopped;
      },
    };
  }

  #recordLedger(label: string, writes: LedgerSample[], everyMs?: number): void {
    writes.sort((a, b) => a.seq - b.seq);
    const named = writes.flatMap(({ seq, name }) => (name === undefined ? [] : [[seq, name] as const]));
    if (named.length > 0) this.#names.set(label, Object.fromEntries(named));
    const acknowledged = writes.filter((write) => write.acked !== undefined);
    this.#history.append({
      type: "fact",
      observation: this.#observation,
      name: `${label}/ledger`,
      data: {
        vantage: this.#vantage,
        attempted: writes.length,
        acknowledged: ranges(acknowledged.map((write) => write.seq)),
        firstSent: writes[0]?.sent,
        ...(everyMs === undefined ? {} : { firstDue: writes[0]?.due, everyMs, slowAcks: slowAcks(acknowledged, everyMs) }),
        lastAcked: Math.max(0, ...acknowledged.map((write) => write.acked as number)),
        errors: writes.filter((write) => write.error).slice(0, 5),
      },
    });
  }

  async ledgerRead(label: string, store: LedgerStore): Promise<ReadLedgerResult> {
    const names = this.#names.get(label);
    const reading = await this.#agent.ledgerRead(this.#where, this.#stored(store), {
      timeoutMs: ledgerPatienceMs,
      ...(names ? { names } : {}),
    });
    this.#history.append({ type: "fact", observation: this.#observation, name: `${label}/read-back`, data: reading });
    return reading;
  }

  async ledgerClear(label: string, store: LedgerStore): Promise<void> {
    const cleared = await this.#agent.ledgerClear(this.#where, this.#stored(store), { timeoutMs: ledgerPatienceMs });
    this.#history.append({ type: "fact", observation: this.#observation, name: `${label}/cleared`, data: cleared });
    if (cleared.error) throw new Error(`the ledger could not be cleared: ${cleared.error.kind}: ${cleared.error.message}`);
  }

  /** Starts a series of requests, on fresh connections unless `pooled`, and gives its samples to `onSamples` beside the side file. */
  startSeries(
    label: string,
    request: Watched | AmqpProbe,
    { ratePerSecond, withinMs, pooled = false }: WatchOptions & { pooled?: boolean },
    onSamples: (samples: Sample[]) => void,
  ) {
    const probe = "kind" in request ? this.#asClientsDo(request) : this.#asked(request);
    const file = this.#history.samplesFile(this.#observation, label);
    const running = this.#agent.series(
      this.#where,
      probe,
      { ratePerSecond, durationMs: withinMs, pooled, full: false, maxInFlight: 500, batchMs: watchBatchMs },
      (samples) => {
        for (const sample of samples) file.write(sample);
        onSamples(samples);
      },
    );
    const ended = running.done.then(() => file.end({ vantage: this.#vantage, probe: probe.kind, target: targetOf(probe) }));
    return { stop: () => running.stop(), ended };
  }

  /** A store as clients of this place reach it. */
  #stored(store: LedgerStore): LedgerStore {
    switch (store.kind) {
      case "postgres":
        return this.#resolving(store);
      case "redis":
      case "amqp":
        return this.#secured(this.#resolving(store));
      default:
        return { ...this.#resolving(store), tls: this.#trusting(store.tls) };
    }
  }

  #asClientsDo(probe: Extract<Watched, { kind: string }> | AmqpProbe): Probe {
    switch (probe.kind) {
      case "s3":
        return { ...this.#resolving(probe), tls: this.#trusting(probe.tls) };
      case "postgres":
        return this.#resolving(probe);
      default:
        return this.#secured(this.#resolving(probe));
    }
  }

  async #load(
    label: string,
    request: Read | (Omit<Read, "method"> & { query: string }),
    shape: LoadShape,
    onSamples: (samples: Sample[]) => void,
  ): Promise<SeriesResult> {
    const probe = this.#asked(request);
    const file = this.#history.samplesFile(this.#observation, label);
    const running = this.#agent.series(this.#where, probe, { full: false, batchMs: loadBatchMs, ...shape }, (samples) => {
      for (const sample of samples) file.write(sample);
      onSamples(samples);
    });
    const abort = () => void running.stop();
    this.#signal.addEventListener("abort", abort, { once: true });
    const result = await running.done.finally(() => this.#signal.removeEventListener("abort", abort));
    await file.end({ vantage: this.#vantage, probe: probe.kind, target: targetOf(probe) });
    this.#history.append({
      type: "fact",
      observation: this.#observation,
      name: `${label}/series`,
      data: { ...shape, ...result },
    });
    return result;
  }

  #asked(request: Read | (Omit<Read, "method"> & { query: string })): HttpProbe {
    return this.#mannered("query" in request ? graphqlProbe(request) : { kind: "http", ...request });
  }

  async #probe<K extends ProbeKind>(
    label: string,
    probe: ProbeOf[K] & { kind: K },
    onNote?: (note: AgentNote) => void,
  ): Promise<Sample<K>> {
    this.#signal.throwIfAborted();
    const sample = await this.#agent.probe<K>(this.#where, probe as ProbeOf[K] & { kind: K }, {
      signal: this.#signal,
      ...(onNote ? { onNote } : {}),
    });
    this.#history.append({
      type: "sample",
      observation: this.#observation,
      label,
      vantage: this.#vantage,
      probe: probe.kind,
      target: targetOf(probe as Probe),
      sample: sample as Sample,
    });
    return sample;
  }

  #mannered(probe: HttpProbe): HttpProbe {
    return { ...this.#resolving(probe), tls: this.#trusting(probe.tls) };
  }

  #resolving<T extends { resolve?: HttpProbe["resolve"] }>(probe: T): T {
    return probe.resolve || !this.#manners.resolver ? probe : { ...probe, resolve: { server: this.#manners.resolver } };
  }

  /** A probe that speaks TLS only where it is told to. */
  #secured<T extends { tls?: HttpProbe["tls"] }>(probe: T): T {
    return probe.tls ? { ...probe, tls: this.#trusting(probe.tls) } : probe;
  }

  #trusting(tls: HttpProbe["tls"]): NonNullable<HttpProbe["tls"]> {
    return this.#manners.authority && !tls?.caPem ? { caPem: this.#manners.authority, ...tls } : { ...tls };
  }
}

/** A GraphQL query by POST. @throws when the text is a mutation or subscription: an observation changes nothing. */
function graphqlProbe({ query, ...request }: Omit<Read, "method"> & { query: string }): HttpProbe {
  if (/^\s*(mutation|subscription)\b/.test(query)) throw new Error("an observation may only query");
  return {
    kind: "http",
    ...request,
    method: "POST",
    headers: { ...request.headers, "content-type": "application/json" },
    body: JSON.stringify({ query }),
  };
}

/** What a probe was aimed at, without its secrets. */
function targetOf(probe: Probe): string {
  switch (probe.kind) {
    case "http":
      return `${probe.method ?? "GET"} ${probe.url}`;
    case "dns":
      return `${probe.type ?? "A"} ${probe.name}`;
    case "s3":
      return probe.endpoint;
    default:
      return `${probe.host}:${probe.port}`;
  }
}

/** Writes that were acknowledged only after the next one was due, with the milliseconds from due to acknowledged: of all others the schedule says it. */
function slowAcks(acknowledged: readonly LedgerSample[], everyMs: number): [number, number][] {
  return acknowledged.flatMap(({ seq, due, acked = due }): [number, number][] => {
    const ms = (acked - due) / 1e6;
    return ms > everyMs ? [[seq, Math.round(ms)]] : [];
  });
}

/** Rising numbers as ranges, both ends included. */
function ranges(numbers: number[]): [number, number][] {
  const found: [number, number][] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  return found;
}
