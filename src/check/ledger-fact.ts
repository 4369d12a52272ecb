import type { LedgerSample, SampleError } from "../history/sample.ts";
import type { Seen } from "./check.ts";
import type { ReadBack } from "./ledger.ts";

/** How the writing of a ledger is recorded: numbers from 0, and the ranges of those that the store acknowledged. */
export interface LedgerFact {
  attempted: number;
  acknowledged: [number, number][];
}

/** The ledger `label` of an observation: its writes, and what was read back, when it was. */
export function ledgerOf(seen: Seen, label: string): { writes: LedgerSample[]; read: ReadBack | undefined } {
  const { attempted, acknowledged } = seen.fact<LedgerFact>(`${label}/ledger`);
  const acked = new Set(
    acknowledged.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, offset) => from + offset)),
  );
  const writes = Array.from(
    { length: attempted },
    (_, seq): LedgerSample => ({
      seq,
      due: 0,
      sent: 0,
      done: 0,
      ...(acked.has(seq) ? { acked: 0 } : {}),
    }),
  );
  return { writes, read: seen.facts<ReadBack & { error?: SampleError }>(`${label}/read-back`).at(-1) };
}
