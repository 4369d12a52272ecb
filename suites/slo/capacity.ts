import { check } from "../../src/check/check.ts";
import { fail, pass, round, unknown } from "../../src/check/expect.ts";
import { answeredWell } from "../../src/check/graphql.ts";
import { leastFor, readingOf } from "../../src/check/latency.ts";
import { findCapacity } from "../../src/load/capacity.ts";
import { observation } from "../../src/probe/observation.ts";
import { normalPerMinute } from "./traffic.ts";

/** Ten times the runbook's normal traffic, requests a second: what the API must bear. */
const tenTimes = (normalPerMinute * 10) / 60;
const percent = 95;
const read = readingOf(answeredWell);
/** A queue that grows shows its overshoot after limit ÷ (0.95 × T): within a seventh of the true capacity. */
const stepMs = 4_000;
const query = `{ databaseTime cached(key: "sprocket-resilience-load") { hit } }`;

/** One measurement, as the history has it: its samples are labelled by it. */
interface Step {
  label: string;
  ratePerSecond: number;
}

const search = observation("slo/capacity", {
  tier: "platform",
  needs: ["traefik", "core"],
  // Beyond its capacity the API is hurt: nobody wants that from a gate.
  effect: "disrupt",
  experiment: true,
  withinMs: 300_000,
  collect: async ({ target, from, fact, poll }) => {
    const url = target.url("core", "/graphql");
    let steps = 0;
    const result = await findCapacity(
      async (ratePerSecond) => {
        steps += 1;
        const label = `step-${steps}`;
        fact("step", { label, ratePerSecond } satisfies Step);
        const shape = { ratePerSecond, durationMs: stepMs, maxInFlight: 2000, pooled: true };
        const samples = await from.public.sampledLoad(label, { url, query, maxBodyBytes: 2048 }, shape);
        // The next measurement begins on an API that has nothing left to do; one that cannot get rid of it crosses its limit then too.
        await poll({ withinMs: 20_000, everyMs: 200 }, async () => {
          const one = await from.public.graphql("at rest", { url, query, maxBodyBytes: 2048 });
          return answeredWell(one) && one.done - one.sent < 100e6 ? true : undefined;
        });
        return samples;
      },
      { limitMs: 500, percent, read, startPerSecond: tenTimes, mostPerSecond: 2_000, maxMs: 200_000 },
    );
    fact("outcome", result.outcome);
  },
});

check(
  "slo/capacity",
  search,
  { title: "the rate at which p95 crosses 500 ms lies above ten times the normal traffic", service: "core" },
  (seen) => {
    const limit = seen.objective("api-p95-10x");
    const expected = `p95 at most ${limit.limit} ms at ${round(tenTimes)} requests a second and more`;
    const byRate = new Map<number, number[]>();
    for (const { label, ratePerSecond } of seen.facts<Step>("step")) {
      const { ms, n } = read(
        seen.samples(label).map(({ sample }) => sample),
        percent,
      );
      if (ms !== undefined && n >= leastFor(percent)) byRate.set(ratePerSecond, [...(byRate.get(ratePerSecond) ?? []), ms]);
    }
    if (byRate.size === 0) return unknown("no rate was measured", { expected });
    const holds = (times: readonly number[]) => times.filter((ms) => ms <= limit.limit).length * 2 > times.length;
    const held = Math.max(0, ...[...byRate].flatMap(([rate, times]) => (holds(times) ? [rate] : [])));
    const crossed = Math.min(...[...byRate].flatMap(([rate, times]) => (!holds(times) && rate > held ? [rate] : [])));
    const measurements = [...byRate.values()].flat().length;
    const beyond = Number.isFinite(crossed)
      ? `crosses ${limit.limit} ms by ${round(crossed)}/s`
      : "was not seen to cross it above";
    const kept = held === 0 ? "p95 holds at no rate" : `p95 holds at ${round(held)}/s`;
    const observed = `${kept} and ${beyond} (${measurements} measurements of ${stepMs / 1000} s, search ${seen.fact("outcome")})`;
    return held >= tenTimes ? pass(observed, { expected, observed }) : fail(observed, { expected, observed });
  },
);
