import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { K6Summary } from "../../src/history/k6.ts";
import { k6Conclusion, k6Exit, kneeOf, readK6Summary } from "../../src/load/k6-summary.ts";

/** What k6 1.8.1 itself printed, recorded with the scripts of load/ (aborted: with a script of one line). */
const recorded = (name: string) => readK6Summary(readFileSync(new URL(`./data/${name}.json`, import.meta.url), "utf8"));

describe("summary of k6", () => {
  it("gives requests, failures and percentiles", () => {
    const summary = recorded("ok");
    expect(summary).toMatchObject({ requests: 151, failed: 0, dropped: 0 });
    expect(summary.latencyMs).toEqual({ p50: 6.011613, p95: 53.892729, p99: 77.345394 });
    expect(summary.thresholds).toHaveLength(4);
    expect(summary.thresholds.every(({ met }) => met === "held")).toBe(true);
  });

  it("tells a threshold that saw nothing from one that held, where k6 ends with 0", () => {
    const summary = recorded("no-samples");
    expect(summary).toMatchObject({ requests: 0, failed: 0 });
    expect(summary.latencyMs).toBeUndefined();
    expect(summary.thresholds.map(({ metric, met }) => [metric, met])).toEqual(
      expect.arrayContaining([
        ["http_req_duration", "no-samples"],
        ["http_req_failed", "no-samples"],
      ]),
    );
    expect(summary.thresholds.some(({ met }) => met === "held")).toBe(false);
  });

  it("sees our scripts' own guard against it crossed", () => {
    const { thresholds } = recorded("no-samples-guarded");
    expect(thresholds.find(({ metric }) => metric === "http_reqs")).toMatchObject({ expression: "count>0", met: "crossed" });
  });

  it("gives no latency of a server that refused everything, which k6 calls 0 ms", () => {
    const summary = recorded("refused");
    expect(summary).toMatchObject({ requests: 41, failed: 41 });
    expect(summary.latencyMs).toBeUndefined();
    expect(summary.thresholds.filter(({ met }) => met === "crossed").map(({ metric }) => metric)).toEqual(["http_req_failed"]);
  });

  it("gives no latency of answers that are errors", () => {
    expect(recorded("failing")).toMatchObject({ requests: 41, failed: 41 });
    expect(recorded("failing").latencyMs).toBeUndefined();
  });

  it("reads what an aborted run left", () => {
    expect(recorded("aborted")).toEqual({
      requests: 0,
      failed: 0,
      checks: { passed: 0, failed: 0 },
      dropped: 0,
      thresholds: [],
    });
  });

  it("refuses what is no summary", () => {
    expect(() => readK6Summary("")).toThrow();
    expect(() => readK6Summary("{}")).toThrow();
  });
});

describe("exit codes of k6", () => {
  it("speaks of the target with 99 alone; only what a script asked for is not k6's own failure", () => {
    expect([0, 99, 108, 110].map((code) => k6Exit(code).meaning)).toEqual([
      "finished",
      "a threshold was crossed",
      "aborted by its script",
      "marked as failed by its script",
    ]);
    for (const code of [1, 97, 104, 107, 109, 137, 255]) expect(k6Exit(code).meaning).toBe("k6 failed");
  });
});

const summaryWith = (thresholds: [metric: string, met: K6Summary["thresholds"][number]["met"]][], requests = 100): K6Summary => ({
  requests,
  failed: 0,
  checks: { passed: requests, failed: 0 },
  dropped: 0,
  thresholds: thresholds.map(([metric, met]) => ({ metric, expression: "p(95)<500", met })),
});

describe("what a run of k6 says of its objectives", () => {
  const of = (code: number, name: string) => k6Conclusion(k6Exit(code), recorded(name));
  it("is that they are met when it finished, requests were sent and every threshold saw something and held", () => {
    expect(of(0, "ok")).toEqual({ objectives: "met", why: "4 thresholds held, 151 requests" });
  });
  it("is that they are missed, and which", () => {
    expect(of(99, "refused")).toEqual({ objectives: "missed", why: "crossed: http_req_failed rate<0.01" });
  });
  it("is nothing where k6 itself ends with 0 and saw nothing", () => {
    expect(of(0, "no-samples")).toEqual({ objectives: "nothing", why: "no request was sent" });
    expect(of(99, "no-samples-guarded")).toEqual({ objectives: "nothing", why: "no request was sent" });
    expect(
      k6Conclusion(
        k6Exit(0),
        summaryWith([
          ["http_req_duration", "held"],
          ["http_req_duration{rate:700}", "no-samples"],
        ]),
      ),
    ).toEqual({ objectives: "nothing", why: "nothing was seen for: http_req_duration{rate:700} p(95)<500" });
  });
  it("is nothing where k6 failed, was aborted, had no thresholds, or contradicts itself", () => {
    for (const code of [107, 108, 110, 255]) expect(of(code, "ok").objectives).toBe("nothing");
    expect(k6Conclusion(k6Exit(0), summaryWith([]))).toEqual({ objectives: "nothing", why: "there were no thresholds" });
    expect(of(99, "ok").objectives).toBe("nothing");
    expect(of(0, "refused").objectives).toBe("nothing");
  });
});

describe("the knee of a ramp", () => {
  type Met = K6Summary["thresholds"][number]["met"];
  const ramp = (...met: Met[]) => {
    const steps = met.map((one, at): [string, Met] => [`http_req_duration{rate:${350 * 2 ** at}}`, one]);
    return kneeOf(summaryWith([["http_req_failed", "held"], ...steps]));
  };
  it("lies between the last step that held and the first that did not, whatever came after", () => {
    expect(ramp("held", "held", "crossed", "held")).toEqual({ heldRate: 700, crossedRate: 1400 });
  });
  it("is above all steps, or below them", () => {
    expect(ramp("held", "held")).toEqual({ heldRate: 700 });
    expect(ramp("crossed", "crossed")).toEqual({ crossedRate: 350 });
  });
  it("is not told of a step that saw nothing, nor of none", () => {
    expect(ramp("held", "no-samples", "crossed")).toEqual({ heldRate: 350 });
    expect(kneeOf(summaryWith([]))).toEqual({});
  });
});
