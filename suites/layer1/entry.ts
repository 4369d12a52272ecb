import { check } from "../../src/check/check.ts";
import { condition } from "../../src/check/expect.ts";
import { observation } from "../../src/probe/observation.ts";

const home = observation("layer1/web-home", {
  tier: "platform",
  needs: ["traefik", "web"],
  effect: "observe",
  collect: async ({ target, from }) => {
    await from.public.http("home", { url: target.url("web", "/") });
  },
});

check("layer1/web-answers", home, { title: "web answers", service: "web" }, (seen) => {
  const sample = seen.sample("home").sample;
  const status = sample.probe === "http" ? sample.response?.status : undefined;
  return condition("status", status ?? sample.error?.message, "302", status === 302);
});
