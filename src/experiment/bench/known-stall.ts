import { latenciesOf, percentile } from "../../check/latency.ts";
import type { AgentClient } from "../../engine/agent-client.ts";
import type { EventOf } from "../../history/events.ts";
import type { Sample } from "../../history/sample.ts";
import type { KnownTarget, Span } from "../../load/known-target.ts";
import { answered, clockMapping } from "./known-outage.ts";

/** A load on a target that stood still once: no answer for a while, then all of them at once. */
export interface MeasuredStall {
  samples: Sample<"http">[];
  /** When it stood still, nanoseconds of the agent's clock. */
  began: Span;
  ended: Span;
  clockErrorNs: number;
}

export interface StallShape {
  ratePerSecond: number;
  count: number;
  /** The stall begins so long after the load. */
  afterMs: number;
  lastsMs: number;
}

export async function measureStall(agent: AgentClient, target: KnownTarget, shape: StallShape): Promise<MeasuredStall> {
  const service = await target.http();
  const toAgentClock = await clockMapping(agent, target);
  const samples: Sample<"http">[] = [];
  const running = agent.series(
    {},
    { kind: "http", url: service.url("/") },
    { ratePerSecond: shape.ratePerSecond, count: shape.count, pooled: true },
    (batch) => samples.push(...batch),
  );
  const { began, ended } = await service.outage("stall", { afterMs: shape.afterMs, lastsMs: shape.lastsMs });
  await running.done;
  samples.sort((a, b) => a.due - b.due);
  return { samples, began: toAgentClock.of(began), ended: toAgentClock.of(ended), clockErrorNs: toAgentClock.errorNs };
}

/** What a client waited at least that was due while the target stood still, and 0 for any other; milliseconds. */
export function leastWaits({ began, ended, clockErrorNs }: MeasuredStall, samples: readonly Sample<"http">[]): number[] {
  return samples.map(({ due }) =>
    due >= began.to + clockErrorNs && due <= ended.from ? Math.max(0, ended.from - clockErrorNs - due) / 1e6 : 0,
  );
}

/**
 * What a client would have sent of the same requests that waits for each answer before it sends the next one: the reading that leaves out most of a stall
 * ("coordinated omission", https://github.com/giltene/wrk2#acknowledgements). Latency counts from sending, since it knows no due time.
 *
 * @param samples in the order of their due times
 */
export function closedLoop(samples: readonly Sample<"http">[]): Sample<"http">[] {
  const sent: Sample<"http">[] = [];
  for (const sample of samples) if (sample.sent >= (sent.at(-1)?.done ?? 0)) sent.push({ ...sample, due: sample.sent });
  return sent;
}

/** The product's own percentile of what was answered well, milliseconds. */
export function percentileOf(samples: readonly Sample<"http">[], percent: number): number {
  const events = samples.map((sample) => ({ sample }) as EventOf<"sample">);
  return percentile(latenciesOf(events, answered), percent) ?? Number.NaN;
}

/** Nearest rank of any numbers, as the product has it. */
export function rankOf(values: readonly number[], percent: number): number {
  return percentile({ n: values.length, bad: 0, goodMs: values.toSorted((a, b) => a - b) }, percent) ?? Number.NaN;
}
