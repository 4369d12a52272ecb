import { describe, expect, it } from "vitest";
import { judgeRun, keptPhase } from "../../src/check/run-checks.ts";
import type { EventBody } from "../../src/history/events.ts";
import { historyOf, runStarted } from "./a-history.ts";

const completed: EventBody = { type: "run-ended", reason: "completed" };
const steady = (detail?: string): EventBody => ({
  type: "phase",
  phase: "steady",
  state: "ended",
  ...(detail ? { detail } : {}),
});
const by = (command: string): EventBody => ({ ...runStarted, command }) as EventBody;
const of = (id: string, bodies: EventBody[]) => judgeRun(historyOf(bodies), []).find((check) => check.id === id);

describe("run/steady", () => {
  it("passes when every look ended without trouble", () => {
    expect(of("run/steady", [steady(), steady(), completed])).toMatchObject({
      verdict: "pass",
      reason: "steady each of 2 times",
    });
  });
  it("fails with what was missing", () => {
    expect(of("run/steady", [steady(), steady("no route yet for a.example"), completed])).toMatchObject({
      verdict: "fail",
      reason: "not steady: no route yet for a.example",
      observed: "1 of 2 not steady",
    });
  });
  it("is not judged where nobody looked, or where the run was ended before the look's end", () => {
    expect(of("run/steady", [completed])).toBeUndefined();
    expect(of("run/steady", [steady("not looked at yet"), { type: "run-ended", reason: "deadline" }])).toBeUndefined();
  });
});

describe("run/clean", () => {
  it("passes when nothing is left, fails with the names of what is", () => {
    expect(of("run/clean", [by("gate"), { type: "teardown", left: [], durationMs: 5 }])).toMatchObject({ verdict: "pass" });
    expect(of("run/clean", [by("gate"), { type: "teardown", left: ["sr-x-node1"], durationMs: 5 }])).toMatchObject({
      verdict: "fail",
      reason: "left behind: sr-x-node1",
    });
  });
  it("is unknown for a gate that recorded no teardown, and asked of none that takes nothing down", () => {
    expect(of("run/clean", [by("gate"), completed])).toMatchObject({ verdict: "unknown" });
    expect(of("run/clean", [by("verify 20261122-101500-ab12"), completed])).toMatchObject({ verdict: "not-applicable" });
    expect(of("run/clean", [])).toMatchObject({ verdict: "not-applicable" });
  });
  it("is not asked of a replica that was kept on purpose", () => {
    for (const command of ["up", "gate"]) {
      expect(of("run/clean", [by(command), { type: "phase", phase: keptPhase, state: "ended" }, completed])).toMatchObject({
        verdict: "not-applicable",
        reason: expect.stringContaining("down"),
      });
    }
  });
});
