import { z } from "zod";
import type { K6Exit, K6Summary } from "../history/k6.ts";

export function k6Exit(code: number): K6Exit {
  const meanings: Record<number, K6Exit["meaning"]> = {
    0: "finished",
    99: "a threshold was crossed",
    108: "aborted by its script",
    110: "marked as failed by its script",
  };
  return { code, meaning: meanings[code] ?? "k6 failed" };
}

const schema = z.object({
  metrics: z.record(
    z.string(),
    z.object({
      type: z.enum(["counter", "gauge", "rate", "trend"]),
      values: z.record(z.string(), z.number()),
      thresholds: z.record(z.string(), z.object({ ok: z.boolean() })).optional(),
    }),
  ),
});

/**
 * Reads what `handleSummary` of load/common.js printed (k6's end-of-test data as JSON).
 * @throws when it is no such document
 */
export function readK6Summary(text: string): K6Summary {
  const { metrics } = schema.parse(JSON.parse(text));
  const value = (metric: string, stat: string) => metrics[metric]?.values[stat];
  const requests = value("http_reqs", "count") ?? 0;
  const failed = value("http_req_failed", "passes") ?? 0;
  const [p50, p95, p99] = ["p(50)", "p(95)", "p(99)"].map((stat) => value("http_req_duration", stat));
  const measured = requests > 0 && failed === 0 && p50 !== undefined && p95 !== undefined && p99 !== undefined;
  return {
    requests,
    failed,
    checks: { passed: value("checks", "passes") ?? 0, failed: value("checks", "fails") ?? 0 },
    dropped: value("dropped_iterations", "count") ?? 0,
    ...(measured ? { latencyMs: { p50, p95, p99 } } : {}),
    thresholds: Object.entries(metrics).flatMap(([metric, { type, values, thresholds }]) =>
      Object.entries(thresholds ?? {}).map(([expression, { ok }]) => ({
        metric,
        expression,
        met: ok ? (seen(type, values) ? ("held" as const) : ("no-samples" as const)) : ("crossed" as const),
      })),
    ),
  };
}

/** What a run says of the objectives in its thresholds; `nothing` is never a pass. */
export interface K6Conclusion {
  objectives: "met" | "missed" | "nothing";
  why: string;
}

/** k6's exit code and summary together: neither alone says that something was measured. */
export function k6Conclusion(exit: K6Exit, { requests, thresholds }: K6Summary): K6Conclusion {
  const of = (met: K6Summary["thresholds"][number]["met"]) => thresholds.filter((threshold) => threshold.met === met);
  const named = (some: K6Summary["thresholds"]) => some.map(({ metric, expression }) => `${metric} ${expression}`).join(", ");
  if (exit.code !== 0 && exit.code !== 99) return { objectives: "nothing", why: `k6 ended with ${exit.code} (${exit.meaning})` };
  if (requests === 0) return { objectives: "nothing", why: "no request was sent" };
  if (thresholds.length === 0) return { objectives: "nothing", why: "there were no thresholds" };
  const crossed = of("crossed");
  if ((exit.code === 99) !== crossed.length > 0)
    return { objectives: "nothing", why: `k6 ended with ${exit.code}, but its summary has ${crossed.length} crossed thresholds` };
  if (crossed.length > 0) return { objectives: "missed", why: `crossed: ${named(crossed)}` };
  const blind = of("no-samples");
  if (blind.length > 0) return { objectives: "nothing", why: `nothing was seen for: ${named(blind)}` };
  return { objectives: "met", why: `${thresholds.length} thresholds held, ${requests} requests` };
}

/** Of `ramp`: the highest rate whose step held before the first that did not, and that one, as its thresholds name them. */
export function kneeOf({ thresholds }: K6Summary): { heldRate?: number; crossedRate?: number } {
  const steps = thresholds
    .flatMap(({ metric, met }) => {
      const rate = /^http_req_duration\{rate:(\d+)\}$/.exec(metric)?.[1];
      return rate === undefined ? [] : [{ rate: Number(rate), met }];
    })
    .sort((a, b) => a.rate - b.rate);
  const at = steps.findIndex(({ met }) => met !== "held");
  const crossed = steps[at];
  const held = steps[at < 0 ? steps.length - 1 : at - 1];
  return {
    ...(held ? { heldRate: held.rate } : {}),
    ...(crossed?.met === "crossed" ? { crossedRate: crossed.rate } : {}),
  };
}

/** Whether a metric had any sample; a counter or gauge says so by its value, and a threshold on it fails by itself when there was none. */
function seen(type: string, values: Record<string, number>): boolean {
  if (type === "trend") return (values.count ?? 0) > 0;
  if (type === "rate") return (values.passes ?? 0) + (values.fails ?? 0) > 0;
  return true;
}
