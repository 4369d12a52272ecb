import { expect, it } from "vitest";
import { type Fault, kindOf } from "../../../src/fault/kinds.ts";

const edge = { from: "core", to: "postgres" } as const;

it.each([
  [{ kind: "network/latency", ...edge, delayMs: 300 }, "answers on core → postgres come 300 ms later"],
  [{ kind: "network/latency", ...edge, delayMs: 300, jitterMs: 50 }, "answers on core → postgres come 300 ± 50 ms later"],
  [{ kind: "network/bandwidth", ...edge, kilobytesPerSecond: 20 }, "a connection core → postgres carries 20 kB/s each way"],
  [{ kind: "network/slow-close", ...edge, delayMs: 900 }, "connections core → postgres end 900 ms late"],
  [{ kind: "network/reset", ...edge }, "connections core → postgres are reset at the first byte"],
  [{ kind: "network/black-hole", ...edge, connections: "accepted" }, "connections core → postgres are taken and hear nothing"],
  [{ kind: "network/partition", between: ["core", "web"], and: ["redis"] }, "core, web and redis cannot reach each other"],
  [{ kind: "network/loss", role: "redis", percent: 5 }, "5 % of the packets between redis and everybody are lost"],
  [
    { kind: "network/detach", role: "redis", network: { sharedWith: "core" } },
    "redis loses every network that it shares with core",
  ],
  [{ kind: "network/dns-failure", role: "core", how: "dropped" }, "questions of core to name servers vanish"],
  [
    { kind: "network/dns-wrong", of: "postgres", leadsTo: "redis", for: "everybody" },
    "the name of postgres leads everybody to redis",
  ],
] as [Fault, string][])("%o in words", (fault, words) => {
  expect(kindOf(fault).words(fault)).toBe(words);
});
