import type { Good } from "../../check/latency.ts";
import { type Recovery, recoveredForMs, recoveryOf } from "../../check/recovery.ts";
import type { AgentClient, Running } from "../../engine/agent-client.ts";
import { until } from "../../engine/until.ts";
import type { EventOf } from "../../history/events.ts";
import type { Sample } from "../../history/sample.ts";
import type { KnownTarget, OutageKind, OutageTruth, Span } from "../../load/known-target.ts";

/** An outage as the target tells of it and as our instruments measured it. */
export interface MeasuredOutage {
  kind: OutageKind;
  /** The path that was asked for. */
  probed: string;
  askedMs: number;
  /** Nanoseconds of the agent's clock. */
  truth: OutageTruth;
  /** Of the truth on that clock. */
  clockErrorNs: number;
  steady: boolean | undefined;
  recovery: Recovery;
}

export interface OutageWatch {
  kind: OutageKind;
  /** Of each outage; one follows another on the same service. */
  lastsMs: readonly number[];
  /** What probes ask for, side by side; default `/` alone. */
  probed?: readonly string[];
  /** The only one that is hurt; without it the whole service is. */
  hurt?: string;
}

/** The probes that a victim is watched with: 10 ms apart, each with a connection of its own. */
export const probeIntervalMs = 10;
/** Long enough for a good answer on a busy machine, and short enough that one that hangs is given up before its place is needed. */
const probeTimeoutMs = 2000;
/** Between two outages: a recovery is proved by what lasts, and the next outage must not end the proof. */
const betweenMs = recoveredForMs + 300;

/** Answered, and with 200. */
export const answered: Good = (sample) =>
  sample.error === undefined && sample.probe === "http" && sample.response?.status === 200;

/** Hurts a service for each of the times, and measures each outage from what the agent's probes of each path saw of it. */
export async function measureOutages(agent: AgentClient, target: KnownTarget, watch: OutageWatch): Promise<MeasuredOutage[]> {
  const { kind, lastsMs, probed = ["/"], hurt } = watch;
  const service = await target.http();
  const toAgentClock = await clockMapping(agent, target);
  const series = probed.map((path) => probeSeries(agent, service.url(path)));
  const truths: OutageTruth[] = [];
  for (const each of lastsMs) {
    const shape = { afterMs: betweenMs, lastsMs: each, ...(hurt === undefined ? {} : { path: hurt }) };
    const { began, ended } = await service.outage(kind, shape);
    truths.push({ began: toAgentClock.of(began), ended: toAgentClock.of(ended) });
  }
  const watchedTo = (truths.at(-1)?.ended.to ?? 0) + betweenMs * 1e6;
  const seen = async () => series.every(({ samples }) => samples.some((sample) => sample.due > watchedTo));
  await until("probes after the last outage", { withinMs: betweenMs + 10_000, everyMs: 20 }, seen);
  for (const { running } of series) {
    await running.stop();
    await running.done;
  }

  return series.flatMap(({ samples }, of) =>
    truths.map((truth, at) => {
      const from = truths[at - 1]?.ended.to ?? 0;
      const to = truths[at + 1]?.began.from ?? Number.POSITIVE_INFINITY;
      const events = samples
        .filter((sample) => sample.due >= from && sample.due < to)
        .map((sample) => ({ sample }) as EventOf<"sample">);
      const clockErrorNs = toAgentClock.errorNs;
      const { steady, recovery } = recoveryOf(events, { faultAt: truth.began.from, clockError: clockErrorNs, good: answered });
      if (!recovery) throw new Error("the probes saw nothing after the outage began");
      return { kind, probed: probed[of] as string, askedMs: lastsMs[at] as number, truth, clockErrorNs, steady, recovery };
    }),
  );
}

function probeSeries(agent: AgentClient, url: string): { samples: Sample<"http">[]; running: Running } {
  const samples: Sample<"http">[] = [];
  const running = agent.series(
    {},
    { kind: "http", url, timeouts: { totalMs: probeTimeoutMs } },
    { ratePerSecond: 1000 / probeIntervalMs },
    (batch) => samples.push(...batch),
  );
  return { samples, running };
}

/**
 * From the target's clock to the agent's. Both count the machine's CLOCK_MONOTONIC from their own start, so the offset is one number, found by asking both from here; its
 * error is the sum of both askings'.
 */
export async function clockMapping(
  agent: AgentClient,
  target: KnownTarget,
): Promise<{ of: (span: Span) => Span; errorNs: number }> {
  const [ofAgent, ofTarget] = [await agent.clock(25), await target.clock(25)];
  const offset = ofAgent.offsetNs - ofTarget.offsetNs;
  return {
    of: ({ from, to }) => ({ from: from + offset, to: to + offset }),
    errorNs: ofAgent.errorNs + ofTarget.errorNs,
  };
}

/** How far what was measured lies from the truth, in milliseconds: the recovery from the effect, and the outage as the client met it. */
export function errorsOf({ truth, recovery }: MeasuredOutage): { recoveryMs: number; outageMs: number } | undefined {
  if (recovery.recoveredMs === undefined || recovery.outageMs === undefined) return undefined;
  const trueMs = (truth.ended.to - truth.began.from) / 1e6;
  return { recoveryMs: Math.abs(recovery.recoveredMs - trueMs), outageMs: Math.abs(recovery.outageMs - trueMs) };
}
