import type { Objective } from "../../history/events.ts";
import { type Abort, type ClientUse, clientLabel, type LedgerUse } from "../../history/experiment.ts";
import { NotSeen, type Seen } from "../check.ts";
import { type ClockOffset, clockOf } from "../clock.ts";
import type { Good, LatencySummary } from "../latency.ts";
import { isReadBack, accountOf as ledgerAccountOf } from "../ledger.ts";
import { ledgerOf } from "../ledger-fact.ts";
import { phasesOf } from "../phases.ts";
import { ackTimes, lossOf } from "./loss.ts";
import { claimOf, type VictimRecovery, victimRecovery } from "./recovers.ts";
import { phaseTimesOf } from "./speed.ts";
import { agentOf, type Moments, type Story, samplesOf } from "./story.ts";

/** What an experiment came to, in numbers: what reports say of it. The raw series and what the orchestrator said stay in the history. */
export interface ExperimentAccount {
  name: string;
  title: string;
  why: string;
  /** Of the service or party that it is about, as the candidate has it. */
  service: string;
  objective: string;
  /** What the objective promises; absent when the run did not plan it. */
  promised?: Pick<Objective, "limit" | "unit" | "source">;
  /** Milliseconds since the run began; absent when no fault was seen to bite. */
  moments?: Moments;
  aborted?: Abort;
  /** When the orchestrator called the service running again, ms after the effect; absent where it said nothing. */
  claimMs?: number;
  /** Victims, then bystanders. */
  clients: ClientAccount[];
  ledger?: LedgerCount;
}

export interface ClientAccount {
  /** Label of its samples. */
  label: string;
  client: string;
  from: ClientUse["from"];
  pooled: boolean;
  victim: boolean;
  n: number;
  /** Which of its samples, in the order of their due times, are not what it wanted: ranges of places from 0, both ends included. */
  bad: [number, number][];
  /** Where its samples lie on the run's own time; absent when its clock was never compared. */
  clock?: ClockOffset;
  /** Absent when no fault was seen to bite, or too little was seen of the client to tell. */
  recovery?: Omit<VictimRecovery, "n"> & { steady?: boolean };
  /**
   * From the fault's announcement until it is removed and the client is served again is `during`, so that no bad answer of it counts as one before; without a fault
   * that bit there is only `before`.
   */
  latency?: { before: LatencySummary; during?: LatencySummary; after?: LatencySummary };
  /** Why there are no numbers of it. */
  missing?: string;
}

/** Of the ledger's writes; those that were read back are absent when nobody did, or the reading broke off. */
export interface LedgerCount {
  store: string;
  /** Which acknowledged ones may be lost. */
  mayLose: LedgerUse["mayLose"];
  attempted: number;
  acknowledged: number;
  readBack?: {
    lost: number;
    /** The period whose acknowledged writes may be missing (loss.ts); absent where the times were not recorded, or nothing was hurt. */
    lostMs?: number;
    unexpected: number;
    duplicated: number;
    recovered: number;
  };
}

/** The numbers of an experiment. What was not seen is absent, so that an experiment that was ended early has an account, too. */
export function experimentAccount(seen: Seen, story: Story, goodOf: (client: string) => Good): ExperimentAccount {
  const { definition, service, moments, aborted } = story;
  const { name, title, why, objective, victims, bystanders } = definition;
  const promised = ifSeen(() => seen.objective(objective));
  const claimMs = moments && claimOf(story, moments);
  const ledger = definition.ledger && ledgerCount(seen, definition.ledger, moments);
  const account = (use: ClientUse, victim: boolean) => clientAccount(seen, story, { use, victim, good: goodOf(use.client) });
  return {
    name,
    title,
    why,
    service,
    objective,
    ...(promised ? { promised: { limit: promised.limit, unit: promised.unit, source: promised.source } } : {}),
    ...(moments ? { moments } : {}),
    ...(aborted ? { aborted: { guard: aborted.guard, why: aborted.why } } : {}),
    ...(claimMs === undefined ? {} : { claimMs }),
    clients: [...victims.map((use) => account(use, true)), ...bystanders.map((use) => account(use, false))],
    ...(ledger ? { ledger } : {}),
  };
}

interface Watched {
  use: ClientUse;
  victim: boolean;
  good: Good;
}

function clientAccount(seen: Seen, story: Story, { use, victim, good }: Watched): ClientAccount {
  const who = { label: clientLabel(use), client: use.client, from: use.from, pooled: use.pooled ?? false, victim };
  const { moments, phases } = story;
  let missing: string | undefined;
  const samples = ifSeen(
    () => samplesOf(seen, use).toSorted((a, b) => a.sample.due - b.sample.due),
    (why) => {
      missing = why;
    },
  );
  if (!samples) return { ...who, n: 0, bad: [], ...(missing === undefined ? {} : { missing }) };
  const bad = rangesOf(samples.map(({ sample }) => !good(sample)));
  const begin = moments?.announced ?? phases.fault ?? phases.control ?? phases.precondition ?? 0;
  const clock = ifSeen(() => clockOf(seen.history, agentOf(use), begin));
  const told = { ...who, n: samples.length, bad };
  if (!clock) return { ...told, missing: `its clock (${agentOf(use)}) was never compared with the runner's` };
  if (!moments) {
    const unhurt = { effectNs: Number.POSITIVE_INFINITY };
    return { ...told, clock, latency: { before: phasesOf(samples, unhurt, good).before } };
  }
  const { before, during, after } = phasesOf(samples, phaseTimesOf(seen, use, good, moments), good);
  const { steady, met } = victimRecovery(seen, use, good, moments);
  if (!met) return { ...told, clock, latency: { before, during, after } };
  const { n: _n, ...numbers } = met;
  const recovery = { ...numbers, ...(steady === undefined ? {} : { steady }) };
  return { ...told, clock, recovery, latency: { before, during, after } };
}

function ledgerCount(seen: Seen, { store, mayLose }: LedgerUse, moments: Moments | undefined): LedgerCount | undefined {
  const ledger = ifSeen(() => ledgerOf(seen, "ledger"));
  if (!ledger) return undefined;
  const { writes, read } = ledger;
  const acknowledged = writes.filter(({ acked }) => acked !== undefined).length;
  if (!read || !isReadBack(read)) return { store, mayLose, attempted: writes.length, acknowledged };
  const { lost, unexpected, foreign, duplicated, recovered } = ledgerAccountOf(writes, read);
  const times = moments && ifSeen(() => ackTimes(seen, moments));
  const readBack = {
    lost: lost.length,
    ...(times ? { lostMs: lossOf(lost, times).periodMs } : {}),
    unexpected: unexpected.length + foreign,
    duplicated: duplicated.length,
    recovered: recovered.length,
  };
  return { store, mayLose, attempted: writes.length, acknowledged, readBack };
}

/** Places of `true`, as ranges. */
function rangesOf(flags: readonly boolean[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (let from = flags.indexOf(true); from >= 0; ) {
    const end = flags.indexOf(false, from);
    const to = end < 0 ? flags.length : end;
    ranges.push([from, to - 1]);
    from = flags.indexOf(true, to);
  }
  return ranges;
}

/** What a history without it does not have is absent. */
function ifSeen<T>(look: () => T, not: (why: string) => void = () => {}): T | undefined {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof NotSeen)) throw error;
    not(error.message);
    return undefined;
  }
}
