import type { Duplex } from "node:stream";
import { ResilienceError } from "../history/errors.ts";
import type { LedgerSample, ProbeKind, Sample } from "../history/sample.ts";
import {
  type AgentNote,
  type AgentReply,
  agentProtocol,
  type ClearLedgerResult,
  type ExecRequest,
  type ExecResult,
  type FileAction,
  type FileResult,
  type Hello,
  type LedgerOptions,
  type LedgerResult,
  type LedgerStore,
  type NetnsList,
  type ProbeOf,
  type ReadLedgerOptions,
  type ReadLedgerResult,
  type SeriesOptions,
  type SeriesResult,
  type Statfs,
  type Where,
} from "./agent-protocol.ts";
import { type ClockOffset, clockOffset } from "./clock-offset.ts";

export type { LedgerResult, ReadLedgerResult } from "./agent-protocol.ts";

export type AgentStreams = Duplex | { stdin: NodeJS.WritableStream; stdout: NodeJS.ReadableStream };

/** Something that runs until its own end or `stop`. `done` resolves after the last sample was handed over. */
export interface Running<R = SeriesResult> {
  done: Promise<R>;
  stop(): Promise<void>;
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
  onSamples?: (samples: never[]) => void;
  onNote?: ((note: AgentNote) => void) | undefined;
}

/**
 * Speaks to one agent over its standard streams; any number of requests at once. An error reply rejects with E_AGENT_REFUSED (E_AGENT_CANCELLED after
 * an abort), the end of the stream rejects all that is pending and all that comes later with E_AGENT_GONE.
 */
export class AgentClient {
  readonly #input: NodeJS.WritableStream;
  readonly #output: NodeJS.ReadableStream;
  readonly #pending = new Map<number, Pending>();
  #next = 1;
  #rest: Buffer[] = [];
  #gone: ResilienceError | undefined;
  readonly #ended: Promise<void>;
  #end: () => void = () => {};

  constructor(stream: AgentStreams) {
    this.#input = "stdin" in stream ? stream.stdin : stream;
    this.#output = "stdout" in stream ? stream.stdout : stream;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#output.on("data", (chunk: Buffer | string) => this.#receive(typeof chunk === "string" ? Buffer.from(chunk) : chunk));
    this.#output.on("end", () => this.#lose("its output ended"));
    this.#output.on("close", () => this.#lose("its output closed"));
    this.#output.on("error", (error: Error) => this.#lose(error.message));
    this.#input.on("error", (error: Error) => this.#lose(error.message));
  }

  /** Resolves when the agent is gone, for whatever reason. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** @throws ResilienceError E_AGENT_VERSION when it speaks another protocol than this client. */
  async hello(): Promise<Hello> {
    const hello = (await this.#ask("hello", {})) as Hello;
    if (hello.protocol !== agentProtocol) {
      throw new ResilienceError("E_AGENT_VERSION", `The agent speaks protocol ${hello.protocol}, expected ${agentProtocol}.`, {
        cure: "Build the images again: the agent in them is from another version of sprocket-resilience.",
      });
    }
    return hello;
  }

  /** The agent's clock against the runner's. */
  clock(rounds?: number): Promise<ClockOffset> {
    return clockOffset(() => this.#ask("clock", {}) as Promise<{ receivedNs: number; sentNs: number }>, rounds);
  }

  /** One observation. What the client of that place would meet is in the sample, its error too; only a senseless request rejects. */
  probe<K extends ProbeKind>(
    where: Where,
    probe: ProbeOf[K] & { kind: K },
    options: { onNote?: (note: AgentNote) => void; signal?: AbortSignal } = {},
  ): Promise<Sample<K>> {
    const { id, reply } = this.#begin("probe", { where, probe }, { onNote: options.onNote });
    const abort = () => void this.#stop(id);
    options.signal?.addEventListener("abort", abort, { once: true });
    return reply.finally(() => options.signal?.removeEventListener("abort", abort)) as Promise<Sample<K>>;
  }

  /** Open model: samples come in batches at most 100 ms after they were done, not in the order of `due`. */
  series<K extends ProbeKind>(
    where: Where,
    probe: ProbeOf[K] & { kind: K },
    options: SeriesOptions,
    onSamples: (samples: Sample<K>[]) => void,
  ): Running {
    return this.#running("series", { where, probe, ...options }, onSamples as (samples: never[]) => void);
  }

  /** Writes rising sequence numbers and tells which were acknowledged. */
  ledger(
    where: Where,
    store: LedgerStore,
    options: LedgerOptions,
    onSamples: (samples: LedgerSample[]) => void,
  ): Running<LedgerResult> {
    return this.#running("ledger", { where, store, ...options }, onSamples as (samples: never[]) => void);
  }

  /** Reads the numbers back. From a queue they are taken away unless `keep`. */
  ledgerRead(where: Where, store: LedgerStore, options: ReadLedgerOptions = {}): Promise<ReadLedgerResult> {
    return this.#ask("ledger-read", { where, store, ...options }) as Promise<ReadLedgerResult>;
  }

  /** Removes every entry; what holds them stays. */
  ledgerClear(where: Where, store: LedgerStore, options: { timeoutMs?: number } = {}): Promise<ClearLedgerResult> {
    return this.#ask("ledger-clear", { where, store, ...options }) as Promise<ClearLedgerResult>;
  }

  /** Ends (or stops) a process of the agent's pid namespace as a crash does; tells its command's name and when. */
  signal(pid: number, signal: string): Promise<{ at: number; command: string }> {
    return this.#ask("signal", { pid, signal }) as Promise<{ at: number; command: string }>;
  }

  file<A extends FileAction>(action: A): Promise<FileResult<A["action"]>> {
    return this.#ask("file", action) as Promise<FileResult<A["action"]>>;
  }

  exec(request: ExecRequest): Promise<ExecResult> {
    return this.#ask("exec", request) as Promise<ExecResult>;
  }

  /** Bound network namespaces, and the inodes of given processes' namespaces to match them by. */
  netns(pids: number[] = []): Promise<NetnsList> {
    return this.#ask("netns", { pids }) as Promise<NetnsList>;
  }

  statfs(path: string): Promise<Statfs> {
    return this.#ask("statfs", { path }) as Promise<Statfs>;
  }

  /** Ends the agent by ending its input: it cancels everything and exits. Resolves when its output has ended. */
  close(): Promise<void> {
    if (!this.#gone) this.#input.end();
    return this.#ended;
  }

  #running(op: string, body: object, onSamples: (samples: never[]) => void): Running {
    const { id, reply } = this.#begin(op, body, { onSamples });
    return { done: reply as Promise<SeriesResult>, stop: () => this.#stop(id) };
  }

  async #stop(target: number): Promise<void> {
    if (this.#pending.has(target)) await this.#ask("stop", { target });
  }

  #ask(op: string, body: object): Promise<unknown> {
    return this.#begin(op, body, {}).reply;
  }

  #begin(op: string, body: object, listeners: Pick<Pending, "onSamples" | "onNote">): { id: number; reply: Promise<unknown> } {
    const id = this.#next++;
    const reply = new Promise<unknown>((resolve, reject) => {
      if (this.#gone) return reject(this.#gone);
      this.#pending.set(id, { resolve, reject, ...listeners });
      this.#input.write(`${JSON.stringify({ id, op, ...body })}\n`);
    });
    return { id, reply };
  }

  #receive(chunk: Buffer): void {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      this.#rest.push(chunk.subarray(from, end));
      const line = this.#rest.length === 1 ? (this.#rest[0] as Buffer) : Buffer.concat(this.#rest);
      this.#rest = [];
      from = end + 1;
      this.#line(line.toString("utf8"));
    }
    if (from < chunk.length) this.#rest.push(chunk.subarray(from));
  }

  #line(line: string): void {
    let reply: AgentReply;
    try {
      reply = JSON.parse(line) as AgentReply;
    } catch {
      this.#lose(`it wrote what is no reply: ${line.slice(0, 200)}`);
      return;
    }
    const pending = this.#pending.get(reply.id);
    if (!pending) return;
    if (reply.kind === "samples") pending.onSamples?.(reply.samples as never[]);
    else if (reply.kind === "note") pending.onNote?.(reply.note);
    else {
      this.#pending.delete(reply.id);
      if (reply.kind === "result") pending.resolve(reply.result);
      else pending.reject(refusal(reply));
    }
  }

  #lose(why: string): void {
    if (this.#gone) return;
    this.#gone = new ResilienceError("E_AGENT_GONE", `The agent was expected to answer, but ${why}.`, {
      cure: "Look at the logs of its container: it ended, was killed, or the connection to Docker broke.",
    });
    for (const pending of this.#pending.values()) pending.reject(this.#gone);
    this.#pending.clear();
    this.#end();
  }
}

function refusal(reply: { code: string; message: string }): ResilienceError {
  if (reply.code === "cancelled") {
    return new ResilienceError("E_AGENT_CANCELLED", "The probe was expected to end by itself, but it was stopped.", {
      cure: "Run it again.",
    });
  }
  return new ResilienceError("E_AGENT_REFUSED", `The agent could not do what was asked (${reply.code}): ${reply.message}.`, {
    cure:
      reply.code === "bad-request"
        ? "This is a bug of sprocket-resilience: please report it."
        : "Look at what the message names.",
  });
}
