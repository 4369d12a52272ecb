import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { k6Exit, readK6Summary } from "../../src/load/k6-summary.ts";

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
    expect(recorded("aborted")).toEqual({ requests: 0, failed: 0, dropped: 0, thresholds: [] });
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
