import { check, type Judgement, type Seen } from "../../src/check/check.ts";
import { answeredWell } from "../../src/check/graphql.ts";
import { tellIfHeldBack } from "../../src/check/held-back.ts";
import { errorRateWithin, percentileWithin } from "../../src/check/latency.ts";
import { observation } from "../../src/probe/observation.ts";
import { normalPerMinute } from "./traffic.ts";

/** One question that asks PostgreSQL and Redis, as a page of Sprocket does. */
const query = `{ databaseTime cached(key: "sprocket-resilience-load") { hit } }`;

// Seven hundred samples say more of the slowest hundredth than the 175 of normal traffic, in less time.
for (const { id, suffix, times, seconds } of [
  { id: "normal", suffix: "", times: 1, seconds: 30 },
  { id: "ten-times", suffix: "-10x", times: 10, seconds: 12 },
]) {
  const load = observation(`slo/${id}`, {
    tier: "platform",
    needs: ["traefik", "core"],
    // It leaves a key in the cache, and nobody wants ten times their traffic from `verify`.
    effect: "write",
    alone: true,
    collect: async ({ target, from }) => {
      await target.processor("processor before", "core");
      await from.public.load(
        "load",
        { url: target.url("core", "/graphql"), query, maxBodyBytes: 2048 },
        {
          ratePerSecond: (normalPerMinute * times) / 60,
          durationMs: seconds * 1000,
          maxInFlight: 1000,
          // Browsers and Sprocket's own services keep their connections.
          pooled: true,
        },
      );
      await target.processor("processor after", "core");
    },
  });
  const told = (seen: Seen, judged: Judgement) => tellIfHeldBack(judged, seen, "core", "processor before", "processor after");
  const rate = `at ${normalPerMinute * times} requests a minute`;

  for (const percent of [95, 99]) {
    check(
      `slo/api-p${percent}${suffix}`,
      load,
      { title: `${percent} of 100 requests are answered in time ${rate}`, service: "core" },
      (seen) =>
        told(seen, percentileWithin(seen.samples("load"), percent, seen.objective(`api-p${percent}${suffix}`), answeredWell)),
    );
  }
  check(`slo/error-rate${suffix}`, load, { title: `fewer than 1 in 100 requests fail ${rate}`, service: "core" }, (seen) =>
    told(seen, errorRateWithin(seen.samples("load"), seen.objective(`error-rate${suffix}`), answeredWell)),
  );
}
