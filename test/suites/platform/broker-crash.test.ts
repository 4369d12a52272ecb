import { describe, expect, test } from "vitest";
import "../../../suites/platform/broker-crash.ts";
import type { EventBody } from "../../../src/history/events.ts";
import { judged, moments, saw } from "../judged.ts";

const { fact, fault, amqp, graphql, http, failed } = saw("layer2/broker-crash");
// Two services of the observation and five of the checks came up before it.
const faultMs = (2 + 7 * 2 + 2 + 1) * 1000;
const announced = fault("intent", "applied", "effect-seen", "removed");
const roles = ["matchmaking", "submission", "notification"];
const consumers = (...counts: number[]) =>
  amqp(
    "consumers",
    counts.map((count) => ({ do: "queueInfo", took: 1, consumers: count, messages: 0 })),
  );

describe("platform/workers-exit-and-return", () => {
  const id = "platform/workers-exit-and-return";
  const old = (more: object = {}) => ({ id: "old", state: "running", desired: "running", ...more });
  const ended = old({ state: "failed", desired: "shutdown", exitCode: 1 });
  const fresh = (count = 1) =>
    Array.from({ length: count }, (_, index) => ({
      id: `new${index}`,
      ...(index === 0 ? { state: "running", desired: "running" } : { state: "failed", desired: "shutdown", exitCode: 1 }),
    }));
  const story = (after: Record<string, object[]>, counts = [1, 1, 1]): EventBody[] => [
    ...roles.map((role) => fact(`before/${role}`, [old()])),
    consumers(0, 0, 0),
    consumers(...counts),
    ...roles.map((role) => fact(`after/${role}`, after[role] ?? [...fresh(), ended])),
  ];
  test("passes when each ended with 1 and consumes again", () => {
    expect(judged(id, story({}))).toMatchObject({ verdict: "pass", findings: [] });
  });
  test("counts restarts; more than the runbook's day allows are a finding", () => {
    const { verdict, findings } = judged(id, story({ submission: [...fresh(4), ended] }));
    expect(verdict).toBe("pass");
    expect(findings).toMatchObject([
      { rule: "platform/restarts-beyond-a-day", place: "submission", what: expect.stringContaining("4 times") },
    ]);
  });
  test("fails when one did not end, ended otherwise, is not restarted, or does not consume", () => {
    expect(judged(id, story({ matchmaking: [old()] })).reason).toContain(
      "matchmaking: its exit code is 1 (met none: the task did not end)",
    );
    expect(judged(id, story({ submission: [...fresh(), { ...ended, exitCode: 0 }] })).reason).toBe(
      "submission: its exit code is 1 (met 0)",
    );
    expect(judged(id, story({ submission: [ended] }, [1, 0, 1])).reason).toContain(
      "submission: tasks that Swarm made for it are at least 1 (met 0)",
    );
    expect(judged(id, story({}, [1, 1, 0])).reason).toBe("notification: consumers on its queue are at least 1 (met 0)");
  });
  test("is unknown when nobody looked before or after", () => {
    expect(judged(id, []).verdict).toBe("unknown");
    expect(judged(id, story({}).slice(1)).verdict).toBe("unknown");
    expect(judged(id, story({}).slice(0, 5)).verdict).toBe("unknown");
  });
});

describe("platform/scrim-after-broker-crash", () => {
  const id = "platform/scrim-after-broker-crash";
  const away = {
    data: { scrim: null },
    errors: [{ message: "no connection", extensions: { code: "DEPENDENCY_UNAVAILABLE", dependency: "rabbitmq" } }],
  };
  const asked = (backMs: number, untilMs: number): EventBody[] =>
    moments(faultMs - 2000, untilMs, 500).map((at) =>
      graphql("scrim", at < faultMs || at >= backMs ? { data: { scrim: { id: "s1" } } } : away, at),
    );
  const after = graphql("scrim after", { data: { createScrim: { id: "s2" } } });
  const event = graphql("events after", { data: { events: [{ topic: "scrim.created", payload: '{"id":"s2"}' }] } });
  const tasks = (desired: string) => fact("after/matchmaking", [{ id: "x", state: "failed", desired, exitCode: 1 }]);
  test("passes when questions are answered again, a scrim is created and its event arrives", () => {
    const { verdict, objectives } = judged(id, [...announced, ...asked(faultMs + 20_000, faultMs + 24_000), after, event]);
    expect(verdict).toBe("pass");
    expect(objectives.find((one) => one.id === "service-restart")).toMatchObject({ value: 20.005, verdict: "pass" });
  });
  test("fails when the way never comes back, the scrim is not created, or its event is lost", () => {
    const never = [...announced, ...asked(Number.POSITIVE_INFINITY, faultMs + 60_000), tasks("shutdown"), after, event];
    expect(judged(id, never).reason).toContain("Swarm does not restart it");
    const back = [...announced, ...asked(faultMs + 20_000, faultMs + 24_000)];
    expect(judged(id, [...back, graphql("scrim after", away)]).reason).toContain("DEPENDENCY_UNAVAILABLE (rabbitmq)");
    expect(judged(id, [...back, after, graphql("events after", { data: { events: [] } })]).reason).toBe(
      "its event reaches the API (met not seen)",
    );
  });
  test("is unknown when nobody asked", () => {
    expect(judged(id, []).verdict).toBe("unknown");
    expect(judged(id, announced).verdict).toBe("unknown");
  });
});

describe("platform/api-answers-without-broker", () => {
  const id = "platform/api-answers-without-broker";
  const api = (count: number, tookMs: number, bad = 0): EventBody[] => [
    ...announced,
    ...moments(faultMs, faultMs + (count - bad) * 100, 100).map((at) => http("api", 200, "", {}, at, tookMs)),
    ...moments(faultMs, faultMs + bad * 100, 100).map((at) => failed("api", { kind: "timeout", message: "5 s" }, at, 5000)),
  ];
  test("passes when it goes on answering", () => {
    expect(judged(id, api(150, 20)).verdict).toBe("pass");
  });
  test("fails when it is slow, or refuses", () => {
    expect(judged(id, api(150, 700)).reason).toBe("p95 is 700 ms, promised at most 500 (n = 150, 0 bad)");
    expect(judged(id, api(150, 20, 5)).reason).toContain("3.333 % of 150 answers are bad");
  });
  test("is unknown with too few samples, or only such from before", () => {
    expect(judged(id, api(15, 20)).verdict).toBe("unknown");
    expect(judged(id, [...announced, http("api", 200, "", {}, 10)]).verdict).toBe("unknown");
    expect(judged(id, []).verdict).toBe("unknown");
  });
});
