import { createHash, type Hash } from "node:crypto";
import { closeSync, fsync, fsyncSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { promisify } from "node:util";
import { ResilienceError } from "./errors.ts";
import type { EventBody, EventOf, HistoryEvent } from "./events.ts";
import { redactDeep } from "./redactor.ts";
import type { Sample } from "./sample.ts";
import { eventBodySchema, sampleSchema } from "./schema.ts";

export const historyFile = "history.jsonl";

/** An append-only file that is written in batches; a batch is one write, so a crash tears at most its last line. */
class BatchedFile {
  readonly #fd: number;
  readonly #path: string;
  readonly #batchMs: number;
  #pending: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #failure: ResilienceError | undefined;
  #closed = false;
  readonly hash: Hash = createHash("sha256");

  constructor(path: string, batchMs: number) {
    this.#path = path;
    this.#batchMs = batchMs;
    this.#fd = openSync(path, "ax");
  }

  get failure(): ResilienceError | undefined {
    return this.#failure;
  }

  line(text: string): void {
    if (this.#closed) throw new Error(`${this.#path} is closed`);
    this.#pending.push(text, "\n");
    // Not unref'd: what was appended is written even when nothing else keeps the process alive.
    this.#timer ??= setTimeout(() => this.drain(), this.#batchMs);
  }

  /** Hands everything to the operating system: it survives the death of this process, not yet that of the machine. */
  drain(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending.length === 0 || this.#closed) return;
    const bytes = Buffer.from(this.#pending.join(""));
    this.#pending = [];
    if (this.#failure) return;
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#fd, bytes, written);
      this.hash.update(bytes);
    } catch (error) {
      this.#failure = notWritten(this.#path, error);
    }
  }

  /** Resolves when everything appended so far is on disk. */
  async flush(): Promise<void> {
    this.drain();
    if (this.#failure) throw this.#failure;
    if (this.#closed) return;
    await promisify(fsync)(this.#fd).catch((error: unknown) => {
      throw notWritten(this.#path, error);
    });
  }

  close(): void {
    if (this.#closed) return;
    this.drain();
    if (!this.#failure) fsyncSync(this.#fd);
    this.#closed = true;
    closeSync(this.#fd);
  }
}

function notWritten(path: string, cause: unknown): ResilienceError {
  return new ResilienceError("E_HISTORY_WRITE", `The history ${path} could not be written: ${(cause as Error).message}.`, {
    cure: "Free some space, or choose another folder for runs; a run whose history is incomplete is worth nothing.",
    cause,
  });
}

/** Dense samples of one label, written beside the history; `end` puts the event into the history that names the file. */
export interface SamplesFile {
  /** Name relative to the run's folder, e.g. "samples/slo-api.get.jsonl". */
  readonly file: string;
  write(sample: Sample): void;
  /** Fsyncs the file and appends its `samples` event with count and sha256. A file that was never ended is named by no event. */
  end(by: { vantage: string; probe: string; target: string }): Promise<EventOf<"samples">>;
}

export interface WriterOptions {
  /** Takes secrets out of a text; applied to every text of an event before it is written or shown. See `Redactor`. */
  redact: (text: string) => string;
  /** Longest time between `append` and the write, milliseconds; default 50, at most 100. */
  batchMs?: number;
}

/**
 * The one writer of a run's history: appends events, numbers them, stamps them with the runner's monotonic clock, takes secrets out, and
 * tells subscribers. An event that the reader would refuse is refused here, at the place that made it.
 */
export class HistoryWriter {
  readonly folder: string;
  readonly #redact: (text: string) => string;
  readonly #batchMs: number;
  readonly #file: BatchedFile;
  readonly #sideFiles = new Set<BatchedFile>();
  readonly #sideNames = new Set<string>();
  readonly #listeners = new Set<(event: HistoryEvent) => void>();
  readonly #startedAt = performance.now();
  /**
   * `process.hrtime` at t = 0, nanoseconds: a `clock` event's `offsetNs` is the agent's clock minus (hrtime - zeroNs), so that
   * agent's ns = t * 1e6 + offsetNs needs nothing but the history.
   */
  readonly zeroNs = Number(process.hrtime.bigint());
  readonly #drainOnExit = () => this.#drainAll();
  #seq = 0;
  #closed = false;

  private constructor(folder: string, options: WriterOptions) {
    this.folder = folder;
    this.#redact = options.redact;
    this.#batchMs = Math.min(options.batchMs ?? 50, 100);
    this.#file = new BatchedFile(join(folder, historyFile), this.#batchMs);
    // `process.exit` and an uncaught error skip the timer, not this.
    process.on("exit", this.#drainOnExit);
  }

  /**
   * Makes the folder and an empty history in it.
   * @throws ResilienceError E_HISTORY_EXISTS when there is a history already: a history is never written over.
   */
  static async open(folder: string, options: WriterOptions): Promise<HistoryWriter> {
    try {
      mkdirSync(folder, { recursive: true });
      const writer = new HistoryWriter(folder, options);
      for (const parent of [folder, dirname(folder)]) fsyncFolder(parent);
      return writer;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw notWritten(join(folder, historyFile), error);
      throw new ResilienceError("E_HISTORY_EXISTS", `A new history was to be started in ${folder}, and one is there already.`, {
        cure: "Choose another run id; to judge the run that is there use `judge`.",
        exitCode: 3,
        cause: error,
      });
    }
  }

  /**
   * Appends one event and returns it as it is written: numbered, stamped, without secrets. It is on its way to the file within 100 ms.
   * @throws TypeError when the event does not fit the schema (a mistake of the caller; nothing is written).
   */
  append(body: EventBody): HistoryEvent {
    if (this.#closed) throw new Error(`the history in ${this.folder} is closed`);
    const clean = redactDeep(body, this.#redact);
    const checked = eventBodySchema.safeParse(clean);
    if (!checked.success) {
      const issue = checked.error.issues[0];
      throw new TypeError(
        `a "${body.type}" event does not fit the history's schema: ${issue?.path.join(".") || "event"}: ${issue?.message}`,
      );
    }
    const t = Math.round((performance.now() - this.#startedAt) * 1000) / 1000;
    const event = { seq: this.#seq, t, at: new Date().toISOString(), ...clean } as HistoryEvent;
    this.#seq += 1;
    this.#file.line(JSON.stringify(event));
    for (const listener of this.#listeners) listener(event);
    return event;
  }

  /**
   * Resolves when everything appended so far is on disk (fsync). Call it after a fault's intent and before the fault is applied.
   * @throws ResilienceError E_HISTORY_WRITE when any write failed, also an earlier one.
   */
  async flush(): Promise<void> {
    for (const side of this.#sideFiles) side.drain();
    await this.#file.flush();
  }

  /** Tells of every event from now on, as it is written; returns the function that ends it. A listener must not throw. */
  onEvent(listener: (event: HistoryEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Opens a side file for dense samples: one JSON sample a line. */
  samplesFile(observation: string, label: string): SamplesFile {
    const file = this.#sideName(observation, label);
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    const side = new BatchedFile(path, this.#batchMs);
    this.#sideFiles.add(side);
    let count = 0;
    return {
      file,
      write: (sample) => {
        const clean = redactDeep(sample, this.#redact);
        const checked = sampleSchema.safeParse(clean);
        if (!checked.success) {
          const issue = checked.error.issues[0];
          throw new TypeError(`a sample of ${observation} does not fit the schema: ${issue?.path.join(".")}: ${issue?.message}`);
        }
        side.line(JSON.stringify(clean));
        count += 1;
      },
      end: async (by) => {
        await side.flush();
        const sha256 = side.hash.copy().digest("hex");
        side.close();
        this.#sideFiles.delete(side);
        return this.append({ type: "samples", observation, label, ...by, file, count, sha256 }) as EventOf<"samples">;
      },
    };
  }

  /**
   * Writes and fsyncs everything and closes the files; appending after that throws.
   * @throws ResilienceError E_HISTORY_WRITE when any write failed.
   */
  async close(): Promise<void> {
    if (this.#closed) return;
    for (const side of this.#sideFiles) side.close();
    try {
      await this.#file.flush();
    } finally {
      this.#closed = true;
      this.#file.close();
      this.#listeners.clear();
      process.off("exit", this.#drainOnExit);
    }
  }

  #drainAll(): void {
    this.#file.drain();
    for (const side of this.#sideFiles) side.drain();
  }

  #sideName(observation: string, label: string): string {
    const slug = (text: string) =>
      this.#redact(text)
        .replace(/[^A-Za-z0-9_-]+/g, "-")
        .replace(/^-+|-+$/g, "") || "samples";
    const base = `samples/${slug(observation)}.${slug(label)}`;
    let name = `${base}.jsonl`;
    for (let n = 2; this.#sideNames.has(name); n += 1) name = `${base}.${n}.jsonl`;
    this.#sideNames.add(name);
    return name;
  }
}

/** A file's name is on disk only when its folder is. */
function fsyncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
