import { expect, test } from "vitest";
import { NotSeen } from "../../src/check/check.ts";
import { onAgentClock } from "../../src/check/clock.ts";
import { historyOf, runStarted } from "./a-history.ts";

const history = historyOf([
  runStarted,
  { type: "clock", agent: "public", segment: 0, offsetNs: 100, errorNs: 5 },
  { type: "clock", agent: "node", segment: 0, offsetNs: 900, errorNs: 7 },
  runStarted,
  { type: "clock", agent: "public", segment: 1, offsetNs: -400, errorNs: 9 },
]);

test("a moment is moved by the nearest measured offset of that agent", () => {
  expect(onAgentClock(history, "public", 1200)).toEqual({ atNs: 1200e6 + 100, errorNs: 5 });
  expect(onAgentClock(history, "public", 3900)).toEqual({ atNs: 3900e6 - 400, errorNs: 9 });
});
test("a moment is not moved to a clock that nobody measured", () => {
  expect(() => onAgentClock(history, "other", 0)).toThrow(NotSeen);
});
