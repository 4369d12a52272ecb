import { describe, expect, test } from "vitest";
import "../../../suites/layer2/rabbitmq.ts";
import type { EventBody } from "../../../src/history/events.ts";
import { denied, judged, moments, refused, saw } from "../judged.ts";

describe("layer2/broker-health-check", () => {
  const id = "layer2/broker-health-check";
  const { fact, amqp, amqpFailed, http } = saw("layer2/broker");
  const health = (status: string, test = ["CMD", "rabbitmq-diagnostics", "-q", "ping"], exitCode = 0) =>
    fact("health", { test, status, runs: [{ exitCode, output: "Ping succeeded" }] });
  test("passes when it is healthy; an open default account and management are findings", () => {
    const closed = [amqpFailed("default account", denied("ACCESS_REFUSED", "403")), http("management", 404)];
    expect(judged(id, [health("healthy"), ...closed])).toMatchObject({ verdict: "pass", findings: [] });
    const { verdict, findings } = judged(id, [health("healthy"), amqp("default account", []), http("management", 200)]);
    expect(verdict).toBe("pass");
    expect(findings.map((finding) => finding.rule)).toEqual(["broker/default-account", "broker/management-reachable"]);
  });
  test("fails without a check, and with one that does not pass", () => {
    expect(judged(id, [health("none", [])])).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("health check is configured"),
    });
    expect(judged(id, [health("unhealthy", undefined, 69)]).reason).toBe(
      "health is healthy (met unhealthy, last run: exit code 69, Ping succeeded)",
    );
  });
  test("is unknown when nobody looked, or there was no task", () => {
    expect(judged(id, []).verdict).toBe("unknown");
    expect(judged(id, [fact("health", null)]).verdict).toBe("unknown");
  });
});

describe("a crash of the broker", () => {
  const observation = "layer2/broker-crash";
  const { fact, fault, amqp, amqpFailed } = saw(observation);
  const faultMs = (2 + 2 * 2 + 2 + 1) * 1000;
  const sessions = (backMs: number, untilMs: number): EventBody[] =>
    moments(faultMs - 1000, untilMs, 250).map((at) =>
      at < faultMs || at >= backMs ? amqp("sessions", [], at) : amqpFailed("sessions", refused, at),
    );
  const crashed = (backMs: number, untilMs: number, desired = "running") => [
    ...fault("intent", "applied", "effect-seen", "removed"),
    ...sessions(backMs, untilMs),
    fact("tasks/rabbitmq", [{ id: "b", state: "failed", desired, exitCode: 137 }]),
  ];
  const ledger = fact("confirmed/ledger", { attempted: 300, acknowledged: [[0, 299]] });
  const read = (found: [number, number][], duplicates: object[] = []) =>
    fact("confirmed/read-back", { found, count: 0, duplicates, foreign: 0 });

  const keeps = "layer2/broker-keeps-confirmed";
  test("keeps every message that was confirmed, once", () => {
    expect(judged(keeps, [ledger, read([[0, 299]])]).verdict).toBe("pass");
  });
  test("fails when one is lost, or there twice", () => {
    expect(judged(keeps, [ledger, read([])]).reason).toBe("300 of 300 acknowledged writes are lost (#0-299)");
    expect(judged(keeps, [ledger, read([[0, 299]], [{ seq: 4, times: 2 }])]).reason).toBe("1 duplicated (#4)");
  });
  test("is unknown when nothing was confirmed or read back, and says why", () => {
    expect(judged(keeps, []).verdict).toBe("unknown");
    expect(judged(keeps, [...crashed(Number.POSITIVE_INFINITY, faultMs + 4000, "shutdown"), ledger])).toMatchObject({
      verdict: "unknown",
      reason: expect.stringContaining("nothing could be read back: Swarm does not restart it"),
    });
  });

  const recovers = "layer2/broker-recovers";
  test("is over when sessions are opened again", () => {
    expect(judged(recovers, crashed(faultMs + 18_000, faultMs + 21_000))).toMatchObject({ verdict: "pass" });
  });
  test("is never over when Swarm wants no task any more, or the objective's time has passed", () => {
    expect(judged(recovers, crashed(Number.POSITIVE_INFINITY, faultMs + 4000, "shutdown")).verdict).toBe("fail");
    expect(judged(recovers, crashed(faultMs + 310_000, faultMs + 313_000))).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("promised at most 300 s"),
    });
  });
  test("is unknown when nobody watched", () => {
    expect(judged(recovers, []).verdict).toBe("unknown");
  });
});
