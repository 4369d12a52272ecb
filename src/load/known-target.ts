import { createInterface } from "node:readline";
import type Dockerode from "dockerode";
import { type ClockOffset, clockOffset } from "../engine/clock-offset.ts";
import { startProcess } from "../engine/exec.ts";
import { ResilienceError } from "../history/errors.ts";

/**
 * How a service fails: its port is closed; it accepts and resets, accepts and never answers, answers 503; or it holds all requests up and answers them in the moment in
 * which the outage ends.
 */
export type OutageKind = "refuse" | "reset" | "hang" | "unavailable" | "stall";

/** Something happened at a moment between both; nanoseconds of the target's clock. */
export interface Span {
  from: number;
  to: number;
}

export interface OutageTruth {
  began: Span;
  ended: Span;
}

/** What the store does with the first `writes` writes, drawn among them by `seed`, and what it has beside them. */
export interface KnownLosses {
  prefix: string;
  writes: number;
  /** Acknowledged and not kept · acknowledged and kept twice · kept and not acknowledged · refused and not kept. */
  lose: number;
  duplicate: number;
  hide: number;
  refuse: number;
  /** Numbers that nobody wrote, and entries that are no number. */
  invent: number;
  foreign: number;
  seed: number;
}

/** What the store did; lists of sequence numbers, rising. */
export interface StoreTruth {
  attempted: number;
  acknowledged: number;
  lost: number[];
  duplicated: number[];
  recovered: number[];
  unexpected: number[];
  foreign: number;
}

/**
 * The target whose truth is known (fixtures/images/known-target): a process of its own, so that nothing of a client waits in its loop. It is told over its standard
 * streams and ends with them.
 */
export class KnownTarget {
  readonly #input: NodeJS.WritableStream;
  readonly #pending = new Map<number, { resolve(result: never): void; reject(error: Error): void }>();
  #next = 1;
  #gone: ResilienceError | undefined;

  constructor({ stdin, stdout }: { stdin: NodeJS.WritableStream; stdout: NodeJS.ReadableStream }) {
    this.#input = stdin;
    const lines = createInterface({ input: stdout });
    lines.on("line", (line) => this.#answered(line));
    lines.on("close", () => this.#lost("its output ended"));
    stdin.on("error", (error: Error) => this.#lost(error.message));
  }

  /** The target's clock against the runner's. */
  clock(rounds?: number): Promise<ClockOffset> {
    return clockOffset(() => this.#ask("clock", {}), rounds);
  }

  /**
   * Opens a service on a port of its own on loopback.
   * @param delaysMs what `/work` takes, one after another and from the beginning again · @param queueMs what each request takes on `/queue`, which serves one after
   * another. Every other path answers at once
   */
  async http({ delaysMs = [], queueMs = 0 }: { delaysMs?: readonly number[]; queueMs?: number } = {}): Promise<KnownService> {
    const { port } = await this.#ask<{ port: number }>("http", { delaysMs, queueMs });
    return {
      url: (path) => `http://127.0.0.1:${port}${path}`,
      outage: (kind, shape) => this.#ask("outage", { port, kind, ...shape }),
      begin: async () => void (await this.#ask("begin", { port })),
      seen: async (path) => (await this.#ask<Record<string, number[]>>("seen", { port }))[path] ?? [],
    };
  }

  /** Opens a store that speaks as much of Redis as a ledger needs. */
  async store(losses: KnownLosses): Promise<{ port: number; truth: () => Promise<StoreTruth> }> {
    const { port } = await this.#ask<{ port: number }>("store", losses);
    return { port, truth: () => this.#ask("truth", { port }) };
  }

  end(): void {
    this.#input.end();
  }

  #ask<T>(op: string, body: object): Promise<T> {
    const id = this.#next++;
    return new Promise<T>((resolve, reject) => {
      if (this.#gone) return reject(this.#gone);
      this.#pending.set(id, { resolve, reject });
      this.#input.write(`${JSON.stringify({ id, op, ...body })}\n`);
    });
  }

  #answered(line: string): void {
    const reply = JSON.parse(line) as { id: number; result?: never; error?: string };
    const asked = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.error === undefined) asked?.resolve(reply.result as never);
    else asked?.reject(targetError(reply.error));
  }

  #lost(why: string): void {
    if (this.#gone) return;
    this.#gone = targetError(why);
    for (const { reject } of this.#pending.values()) reject(this.#gone);
    this.#pending.clear();
  }
}

export interface KnownService {
  /** @param path `/work` and `/queue` take their time, any other does not */
  url(path: string): string;
  /** Begins after a while, and resolves when it is over. `path` alone is hurt where one is given. */
  outage(kind: OutageKind, shape: { lastsMs: number; afterMs?: number; path?: string }): Promise<OutageTruth>;
  /** Forgets what it saw, and begins its list of delays anew. */
  begin(): Promise<void>;
  /** How long its answers on a path took since then, milliseconds: from a request being read to the answer being about to be written. */
  seen(path: string): Promise<number[]>;
}

/** An exponential distribution above a floor, in the range of Sprocket's objectives (p50 62 ms, p95 200 ms, p99 296 ms); every quantile once, in a scattered order. */
export function exponentialDelays(count: number): number[] {
  return Array.from({ length: count }, (_, at) => 20 - 60 * Math.log(1 - (((at * 229) % count) + 0.5) / count));
}

/** From 40 to 100 ms, every quantile once, in a scattered order: none is twice the mean. */
export function uniformDelays(count: number): number[] {
  return Array.from({ length: count }, (_, at) => 40 + (60 * (((at * 229) % count) + 0.5)) / count);
}

/** Starts it where a container's network is, so that only loopback lies between a client there and it. */
export async function startKnownTarget(
  docker: Dockerode,
  place: { image: string; besideContainer: string; name: string; labels: Record<string, string> },
): Promise<{ target: KnownTarget; stop: () => Promise<void> }> {
  const container = await docker.createContainer({
    name: place.name,
    Image: place.image,
    Labels: place.labels,
    Entrypoint: ["sleep"],
    Cmd: ["infinity"],
    HostConfig: { NetworkMode: `container:${place.besideContainer}` },
  });
  const stop = async () => void (await container.remove({ force: true, v: true }));
  try {
    await container.start();
    const process = await startProcess(docker, container.id, ["/usr/local/bin/known-target"]);
    process.stderr.resume();
    const target = new KnownTarget(process);
    await target.clock();
    return { target, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function targetError(why: string): ResilienceError {
  return new ResilienceError("E_LOAD", `The target whose truth is known was expected to answer, but ${why}.`, {
    cure: "Look at what else the machine was doing, and run `bench` again.",
  });
}
