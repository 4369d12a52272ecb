import { describe, expect, test } from "vitest";
import { comesBack } from "../../src/check/comes-back.ts";
import { sampleOf } from "./a-history.ts";
import { good, seenSample } from "./samples.ts";

const objective = { id: "service-restart", subject: "", unit: "s", limit: 300, source: "runbook" } as const;
const options = { faultAt: 2e9, good, objective };
/** A sample every 100 ms for 10 s; bad from the fault on until `backMs`. */
const watched = (backMs: number) =>
  Array.from({ length: 100 }, (_, index) => {
    const dueMs = index * 100;
    return seenSample(sampleOf({ dueMs, status: dueMs < 2000 || dueMs >= backMs ? 200 : 502 }));
  });
const ended = { id: "a", state: "failed", desired: "shutdown", exitCode: 1 };

describe("a service that was killed", () => {
  test("comes back when its clients are served", () => {
    expect(comesBack(watched(5000), [ended], options)).toMatchObject({ verdict: "pass" });
  });
  test("does not when Swarm wants no task of it", () => {
    expect(comesBack(watched(Number.POSITIVE_INFINITY), [ended], options)).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("its last task is failed with exit code 1, and no other is wanted"),
    });
  });
  test("may still come back while a task is wanted, or nobody looked at the tasks", () => {
    const pending = { id: "b", state: "pending", desired: "ready" };
    expect(comesBack(watched(Number.POSITIVE_INFINITY), [pending, ended], options).verdict).toBe("unknown");
    expect(comesBack(watched(Number.POSITIVE_INFINITY), [], options).verdict).toBe("unknown");
  });
  test("is unknown when nobody watched, or it was not well before", () => {
    expect(comesBack([], [ended], options).verdict).toBe("unknown");
    expect(comesBack(watched(Number.POSITIVE_INFINITY), [ended], { ...options, faultAt: 3e9 }).verdict).toBe("unknown");
  });
});
