import { check, type Judgement, type Seen } from "../../src/check/check.ts";
import { atLeast, fail, pass, round, unknown } from "../../src/check/expect.ts";
import type { K6Order, K6Run, K6Script } from "../../src/history/k6.ts";
import { k6Conclusion, kneeOf } from "../../src/load/k6-summary.ts";
import { observation } from "../../src/probe/observation.ts";
import { normalPerMinute } from "./traffic.ts";

/** Ten times the runbook's normal traffic, requests a minute: what the API must bear. */
const tenTimes = normalPerMinute * 10;

/** Every script but the soak, which is `steady` for an hour; each at the rate that docs/measuring.md gives it, some seconds long. */
const orders = [
  { script: "steady", ratePerSecond: normalPerMinute / 60, durationSeconds: 20 },
  { script: "ten-times", ratePerSecond: tenTimes / 60, durationSeconds: 20 },
  // By doubling, the fourth step a little over ten times.
  { script: "ramp", ratePerSecond: 438 / 60, durationSeconds: 5, settings: { STEPS: "5", MAX_RATE: "7008" } },
  { script: "graphql-mix", ratePerSecond: normalPerMinute / 60, durationSeconds: 20 },
  { script: "scrim", ratePerSecond: 70 / 60, durationSeconds: 20 },
  { script: "web", ratePerSecond: normalPerMinute / 60, durationSeconds: 20 },
  { script: "login", ratePerSecond: 100 / 60, durationSeconds: 20 },
] as const satisfies K6Order[];

const loaded = observation("slo/k6", {
  tier: "platform",
  needs: [
    "traefik",
    "forward-auth",
    "core",
    "web",
    "redis",
    "rabbitmq",
    "matchmaking",
    "submission",
    "notification",
    "party:postgres",
    "party:s3",
  ],
  // Up to twenty times its normal traffic: nobody wants that from a gate.
  effect: "disrupt",
  experiment: true,
  // k6 itself is made first, where it has to be.
  withinMs: 900_000,
  collect: async ({ k6 }) => {
    for (const order of orders) await k6(order.script, order);
  },
});

const titles: Record<(typeof orders)[number]["script"], string> = {
  steady: "Sprocket's own traffic",
  "ten-times": "ten times its own traffic",
  ramp: "stairs up to twenty times its own traffic; p95 holds up to ten times at least",
  "graphql-mix": "reads, writes and objects, each kind of question",
  scrim: "a scrim from its beginning to its replay",
  web: "web pages",
  login: "a visitor who logs in",
};

for (const { script } of orders)
  check(
    `slo/k6-${script}`,
    loaded,
    { title: `k6, ${titles[script]}: every threshold saw samples and held`, service: script === "web" ? "web" : "core" },
    (seen) => judged(seen, script),
  );

function judged(seen: Seen, script: K6Script): Judgement {
  const { exit, summary } = seen.fact<K6Run>(script);
  const { objectives, why } = k6Conclusion(exit, summary);
  if (objectives === "nothing") return unknown(why);
  if (script === "ramp") {
    const { heldRate, crossedRate } = kneeOf(summary);
    // Only a step may be crossed; that requests fail is no knee.
    const other = summary.thresholds.filter(
      ({ metric, met }) => met === "crossed" && !metric.startsWith("http_req_duration{rate:"),
    );
    if (other.length > 0) return fail(why);
    const beyond = crossedRate === undefined ? "never crossed" : `crossed at ${crossedRate} a minute`;
    const judgement = atLeast("p95 of 500 ms holds, requests a minute", heldRate ?? 0, tenTimes);
    return { ...judgement, reason: `${judgement.reason}, ${beyond}` };
  }
  const { latencyMs, requests } = summary;
  const speed = latencyMs ? `, p50 ${round(latencyMs.p50)}, p95 ${round(latencyMs.p95)}, p99 ${round(latencyMs.p99)} ms` : "";
  const observed = `${why}${speed} (n = ${requests})`;
  return objectives === "met" ? pass(observed, { observed }) : fail(observed, { observed });
}
