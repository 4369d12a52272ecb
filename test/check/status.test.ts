import { describe, expect, test } from "vitest";
import { NotSeen } from "../../src/check/check.ts";
import { statusIs, statusIsNot } from "../../src/check/status.ts";
import type { Sample } from "../../src/history/sample.ts";
import { sampleOf } from "./a-history.ts";
import { seenSample } from "./samples.ts";

const refused = sampleOf({ error: { kind: "connect-refused", message: "10.0.0.2:443" } });
const notSent = sampleOf({ error: { kind: "not-sent", message: "too many in flight" } });

describe("a status", () => {
  test("passes when it is the one, or one of several", () => {
    expect(statusIs(seenSample(sampleOf({ status: 200 })), 200).verdict).toBe("pass");
    expect(statusIs(seenSample(sampleOf({ status: 473 })), [200, 429, 473]).verdict).toBe("pass");
  });
  test("fails with the one it met", () => {
    expect(statusIs(seenSample(sampleOf({ status: 502 })), 200)).toMatchObject({
      verdict: "fail",
      reason: "status is 200 (met 502)",
    });
  });
  test("fails when there was no answer", () => {
    expect(statusIs(seenSample(refused), 200)).toMatchObject({
      verdict: "fail",
      observed: "no answer: connect-refused: 10.0.0.2:443",
    });
    expect(statusIsNot(seenSample(refused), 403).verdict).toBe("fail");
  });
  test("is unknown when the harness could not look", () => {
    expect(statusIs(seenSample(notSent), 200).verdict).toBe("unknown");
    expect(statusIsNot(seenSample(notSent), 403).verdict).toBe("unknown");
  });
  test("that must not be passes with any other", () => {
    expect(statusIsNot(seenSample(sampleOf({ status: 404 })), 403).verdict).toBe("pass");
    expect(statusIsNot(seenSample(sampleOf({ status: 403 })), 403)).toMatchObject({
      verdict: "fail",
      reason: "status is not 403 (met 403)",
    });
  });
  test("of another protocol, or of nothing, was not seen", () => {
    const dns: Sample = { probe: "dns", due: 0, sent: 0, done: 1, phases: {} };
    expect(() => statusIs(seenSample(dns), 200)).toThrow(NotSeen);
    expect(() => statusIs(seenSample(sampleOf()), 200)).toThrow(NotSeen);
  });
});
