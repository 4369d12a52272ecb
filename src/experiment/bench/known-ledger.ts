import { accountOf, type LedgerAccount } from "../../check/ledger.ts";
import type { AgentClient } from "../../engine/agent-client.ts";
import type { LedgerSample } from "../../history/sample.ts";
import type { KnownLosses, KnownTarget, StoreTruth } from "../../load/known-target.ts";

/** The same account twice: as the store tells of it, and as our ledger has it. */
export interface MeasuredLedger {
  truth: StoreTruth;
  account: LedgerAccount;
}

/** Writes numbers into a store of known losses and reads them back. `writers`: so many at once, each waiting for its acknowledgement; without it a constant rate. */
export async function measureLedger(
  agent: AgentClient,
  target: KnownTarget,
  losses: KnownLosses,
  how: { writers: number } | { ratePerSecond: number },
): Promise<MeasuredLedger> {
  const store = await target.store(losses);
  const at = { kind: "redis", host: "127.0.0.1", port: store.port, prefix: losses.prefix } as const;
  const writes: LedgerSample[] = [];
  const count = losses.writes;
  const options = "writers" in how ? { asFastAs: how.writers } : { ratePerSecond: how.ratePerSecond };
  await agent.ledger({}, at, { fromSequence: 1, count, ...options }, (batch) => writes.push(...batch)).done;
  const account = accountOf(writes, await agent.ledgerRead({}, at));
  return { truth: await store.truth(), account };
}

/** In how many writes and entries both differ. */
export function differences({ truth, account }: MeasuredLedger): number {
  const lists = (["lost", "duplicated", "recovered", "unexpected"] as const).map(
    (name) => new Set(truth[name]).symmetricDifference(new Set(account[name])).size,
  );
  const counts = (["attempted", "acknowledged", "foreign"] as const).map((name) => Math.abs(truth[name] - account[name]));
  return [...lists, ...counts].reduce((sum, each) => sum + each, 0);
}
