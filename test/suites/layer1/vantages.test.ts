import { expect, test } from "vitest";
import "../../../suites/layer1/vantages.ts";
import type { EventBody } from "../../../src/history/events.ts";
import { judgeOf, seen } from "./judge.ts";

const id = "layer1/vantages";
const before: EventBody[] = [
  { type: "vantage", name: "public", place: "outside", subnets: ["10.1.2.0/24"] },
  { type: "vantage", name: "localhost", place: "localhost", subnets: ["127.0.0.0/8", "10.1.2.2/32"] },
];
const inside: EventBody = { type: "vantage", name: "inside:traefik", place: "inside", subnets: ["10.0.3.7/32", "127.0.0.0/8"] };
const from = (label: string, vantage: string, source: string) => seen(label, "host:1", "tcp", { vantage, source });
const right = [
  from("from outside", "public", "10.1.2.9:4000"),
  from("on the node", "localhost", "127.0.0.1:4000"),
  inside,
  from("inside", "inside:traefik", "10.0.3.7:4000"),
];

test("each source lies in its vantage's network", () => {
  expect(judgeOf(id, right, { before })).toMatchObject({ verdict: "pass", reason: "3 probes came from where they say" });
});
test("a task's own loopback is its own, and a probe over a Unix socket has no address", () => {
  const more = [
    from("x", "inside:traefik", "127.0.0.1:5"),
    seen("y", "GET http://engine/", "http", { vantage: "localhost", source: "@" }),
  ];
  expect(judgeOf(id, [...right, ...more], { before })).toMatchObject({
    verdict: "pass",
    reason: "4 probes came from where they say",
  });
});
test.each([
  ["public", "10.9.9.9:5", "an address of no vantage"],
  ["public", "10.1.2.2:5", "an address of localhost"],
  ["inside:traefik", "10.1.2.9:5", "an address of public"],
  ["inside:vault", "10.0.3.7:5", "an address of inside:traefik"],
])("a probe of %s from %s is strange", (vantage, source, what) => {
  expect(judgeOf(id, [...right, from("x", vantage, source)], { before })).toMatchObject({
    verdict: "fail",
    reason: `layer1/vantages from ${vantage} came from ${source}, ${what}`,
  });
});
test("without sources nothing is known", () => {
  expect(judgeOf(id, [], { before }).verdict).toBe("unknown");
  expect(
    judgeOf(id, [...right.slice(0, 3), seen("inside", "host:1", "tcp", { vantage: "inside:traefik" })], { before }).verdict,
  ).toBe("unknown");
});
