import type { LedgerSample, SampleError } from "../history/sample.ts";
import type { Judgement } from "./check.ts";
import { fail, pass, unknown } from "./expect.ts";

/** What was read back at the end, as the agent reports it. */
export interface ReadBack {
  /** Ranges of sequence numbers, both ends included. */
  found: [number, number][];
  duplicates: { seq: number; times: number }[];
  /** Entries that are no number of the ledger. */
  foreign: number;
  /** The reading broke off. */
  error?: SampleError;
}

/** The account of a ledger; each a list of sequence numbers, rising. */
export interface LedgerAccount {
  attempted: number;
  acknowledged: number;
  /** Acknowledged, and not there: data loss. */
  lost: number[];
  /** There, and never written by us; foreign entries are counted apart. */
  unexpected: number[];
  foreign: number;
  duplicated: number[];
  /** There, though never acknowledged: allowed, the client does not know. */
  recovered: number[];
}

export function accountOf(writes: readonly LedgerSample[], read: ReadBack): LedgerAccount {
  const attempted = new Set(writes.map((write) => write.seq));
  const acknowledged = new Set(writes.filter((write) => write.acked !== undefined).map((write) => write.seq));
  const found = new Set(read.found.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, offset) => from + offset)));
  const rising = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b);
  return {
    attempted: attempted.size,
    acknowledged: acknowledged.size,
    lost: rising([...acknowledged].filter((seq) => !found.has(seq))),
    unexpected: rising([...found].filter((seq) => !attempted.has(seq))),
    foreign: read.foreign,
    duplicated: rising(read.duplicates.map((one) => one.seq)),
    recovered: rising([...found].filter((seq) => attempted.has(seq) && !acknowledged.has(seq))),
  };
}

export interface LedgerOptions {
  /** Acknowledged writes that may be lost; default 0. */
  mayLose?: number;
  /** Which acknowledged writes the owners' settings do not promise to keep: their loss does not count. Default none. */
  mayBeLost?: (seq: number) => boolean;
  /** At-least-once delivery: the same entry twice is no fault. Default false. */
  duplicatesAllowed?: boolean;
  /** Objective that counts lost writes. */
  objective?: string;
}

/**
 * Whether the store itself answered the final read by saying that what held the ledger does not exist: AMQP's 404 (no such queue), PostgreSQL's 42P01 (no such
 * table) and 3D000 (no such database), S3's NoSuchBucket. That is an answer, not a failed look: everything in it is lost.
 */
function holderGone(error: SampleError | undefined): boolean {
  return error?.kind === "protocol" && ["404", "42P01", "3D000", "NoSuchBucket"].includes(error.code ?? "");
}

/** Whether the final read tells what is there: it was whole, or the store said that nothing holds the ledger any more. */
export function isReadBack(read: ReadBack): boolean {
  return read.error === undefined || holderGone(read.error);
}

/** Every write that was acknowledged is there, once, and nothing else is. Unknown when nothing was acknowledged, or the final read is missing or broken. */
export function ledgerKept(writes: readonly LedgerSample[], read: ReadBack | undefined, options: LedgerOptions = {}): Judgement {
  const { mayLose = 0, mayBeLost = () => false, duplicatesAllowed = false, objective } = options;
  const expected = mayLose === 0 ? "every acknowledged write is read back" : `at most ${mayLose} acknowledged writes are lost`;
  if (writes.length === 0) return unknown("nothing was written", { expected });
  if (!read) return unknown("there was no final read", { expected });
  const account = accountOf(writes, read);
  const observed = `${account.attempted} attempted, ${account.acknowledged} acknowledged, ${account.lost.length} lost, ${account.unexpected.length + account.foreign} unexpected, ${account.duplicated.length} duplicated, ${account.recovered.length} recovered`;
  if (account.acknowledged === 0) return unknown("no write was acknowledged", { expected, observed });
  if (read.error && !isReadBack(read))
    return unknown(`the final read broke off: ${read.error.kind}: ${read.error.message}`, { expected, observed });
  const demanded = writes.filter((write) => write.acked !== undefined && !mayBeLost(write.seq)).length;
  if (demanded === 0) return unknown("no write was acknowledged that may not be lost", { expected, observed });
  const measured =
    objective === undefined ? {} : { measured: [{ objective, value: account.lost.length, n: account.acknowledged }] };
  const wrong: string[] = [];
  const missing = account.lost.filter((seq) => !mayBeLost(seq));
  if (missing.length > mayLose) {
    const excused = account.lost.length - missing.length;
    wrong.push(
      `${missing.length} of ${demanded} acknowledged writes are lost (${read.error ? `what held them is gone: ${read.error.message}` : few(missing)})${excused > 0 ? `, beside ${excused} that may be` : ""}`,
    );
  }
  if (account.unexpected.length > 0)
    wrong.push(`${account.unexpected.length} entries were never written (${few(account.unexpected)})`);
  if (account.foreign > 0) wrong.push(`${account.foreign} foreign entries`);
  if (!duplicatesAllowed && account.duplicated.length > 0)
    wrong.push(`${account.duplicated.length} duplicated (${few(account.duplicated)})`);
  if (wrong.length > 0) return fail(wrong.join("; "), { expected, observed, ...measured });
  return pass(`${account.acknowledged} acknowledged writes, ${account.lost.length} lost`, { expected, observed, ...measured });
}

/** Sequence numbers as ranges, the first few. */
function few(numbers: readonly number[]): string {
  const ranges: string[] = [];
  for (let from = 0; from < numbers.length; ) {
    let to = from;
    while (numbers[to + 1] === (numbers[to] ?? Number.NaN) + 1) to += 1;
    ranges.push(from === to ? `#${numbers[from]}` : `#${numbers[from]}-${numbers[to]}`);
    from = to + 1;
  }
  return ranges.length <= 4 ? ranges.join(", ") : `${ranges.slice(0, 4).join(", ")}, …`;
}
