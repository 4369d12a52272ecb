import { describe, expect, test } from "vitest";
import { painter, terminal } from "../../src/report/terminal.ts";
import { aRun, verdictOf } from "./a-run.ts";

const red = aRun(true);
const text = terminal(verdictOf(red), red, { folder: "runs/r-test" });

describe("the last block on the terminal", () => {
  test("begins with verdict and cause", () => {
    expect(text.trimStart().split("\n")[0]).toMatch(/^FAIL {2}vault did not come up/);
  });
  test("shows each failure with expected, observed and the last log lines", () => {
    expect(text).toMatch(
      /✘ layer1\/dashboard-closed.*\n.*gatekeeper is broken.*\n.*expected {2}redirect to fa\.sprocket\.test\n.*observed {2}status: 500/,
    );
    expect(text).toContain("log  unseal.sh: /vault/keys: no such file or directory");
  });
  test("says once why several are unknown", () => {
    expect(text).toContain(
      "? layer1/vault-unsealed, layer1/vault-secret-read-back, layer1/vault-recovers\n    needs vault, which did not come up",
    );
  });
  test("shows a cure only where the judge gave one", () => {
    expect(text).not.toContain("cure");
    const verdict = verdictOf(red);
    const checks = verdict.checks.map((check) => (check.verdict === "fail" ? { ...check, cure: "Mend the key file." } : check));
    expect(terminal({ ...verdict, checks }, red, { folder: "x" })).toContain("cure  Mend the key file.");
  });
  test("prints counts, times by tier, memory of replica and harness, and where the report lies", () => {
    expect(text).toContain("14 pass, 2 fail, 3 unknown, 1 unknown accepted, 2 not applicable");
    expect(text).toContain("layer1 30.0 s, layer2 4.1 s, platform 3.9 s, whole run 1 min 25 s");
    expect(text).toContain("replica 640 MiB, harness 180 MiB");
    expect(text).toContain("runs/r-test/report.html");
  });
  test("lets no captured output steer the terminal", () => {
    expect(text).not.toContain("\u001b");
  });
  test("is coloured only on a terminal without NO_COLOR", () => {
    expect(painter({ isTTY: true, env: {} })("red", "x")).toBe("\u001b[31mx\u001b[39m");
    expect(painter({ isTTY: true, env: { NO_COLOR: "1" } })("red", "x")).toBe("x");
    expect(painter({ isTTY: false, env: {} })("red", "x")).toBe("x");
  });
});
