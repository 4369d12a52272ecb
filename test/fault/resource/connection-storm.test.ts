import { expect, test } from "vitest";
import { passiveOpens } from "../../../src/fault/resource/connection-storm.ts";

test("the kernel's count of connections that came in is found by its name", () => {
  const text = "Ip: Forwarding DefaultTTL\nIp: 1 64\nTcp: RtoAlgorithm ActiveOpens PassiveOpens\nTcp: 1 20 4711\nUdp: In\nUdp: 3";
  expect(passiveOpens(text)).toBe(4711);
});

test("what is not there is no number", () => {
  expect(passiveOpens("Udp: In\nUdp: 3")).toBeNaN();
});
