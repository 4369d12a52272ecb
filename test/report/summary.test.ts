import { describe, expect, test } from "vitest";
import { summary } from "../../src/report/summary.ts";
import { aRun, hostile, verdictOf } from "./a-run.ts";

describe("summary.md", () => {
  test("names verdict and cause in its first line", () => {
    const [first] = summary(verdictOf(aRun(true))).split("\n");
    expect(first).toMatch(/^\*\*FAIL\*\* – vault did not come up: waited for .*no such file or directory/);
    expect(summary(verdictOf(aRun(false))).split("\n")[0]).toBe(
      "**PASS** – 20 checks passed, 1 unknown accepted by the baseline",
    );
  });
  test("lists what did not pass, with expected and observed", () => {
    expect(summary(verdictOf(aRun(true)))).toContain("| redirect to fa.sprocket.test | status: 500 |");
  });
  test("names the stand-ins", () => {
    expect(summary(verdictOf(aRun(false)))).toMatch(/Stand-ins.*`forward-auth`, `core`, `web`/);
  });
  test("keeps its tables whole and inert, whatever a check says", () => {
    const verdict = verdictOf(aRun(true));
    const checks = verdict.checks.map((check) => ({ ...check, reason: `${hostile}\n| a | b |` }));
    const text = summary({ ...verdict, cause: hostile, checks });
    expect(text).not.toContain("<script>");
    const rows = text
      .split("### Tiers")[0]
      ?.split("\n")
      .filter((line) => line.startsWith("| ✘"));
    expect(rows?.length).toBe(2);
    for (const row of rows ?? []) expect(row.replaceAll("\\|", "").split("|")).toHaveLength(7);
  });
  test("stays short when hundreds fail", () => {
    const verdict = verdictOf(aRun(true));
    const failed = verdict.checks.filter((check) => check.verdict === "fail");
    const text = summary({ ...verdict, checks: Array.from({ length: 300 }, () => failed).flat() });
    expect(text.split("\n").length).toBeLessThan(90);
    expect(text).toContain("…and 575 more in report.html.");
  });
});
