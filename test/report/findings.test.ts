import { describe, expect, test } from "vitest";
import type { JudgedFinding, VerdictDocument } from "../../src/check/verdict.ts";
import { countFindings, sortFindings } from "../../src/report/findings.ts";
import { html } from "../../src/report/html.ts";
import { summary } from "../../src/report/summary.ts";
import { terminal } from "../../src/report/terminal.ts";
import { aRun, hostile, sideFile, verdictOf } from "./a-run.ts";

const events = aRun(false);
const accepted = { owner: "ops", reason: "until the move", until: "2027-01-01" };
const findings: JudgedFinding[] = [
  ...["a", "b", "c", "d"].map((name) => ({
    rule: "static/no-health-check",
    place: `service:${name}`,
    what: `${name} has none.`,
  })),
  { rule: "static/port-published", place: "service:fluentd", what: "publishes 24224.", since: "new", cure: "Close it." },
  { rule: "static/image-line", place: "service:traefik", what: "names a line.", accepted },
  { rule: "static/image-line", place: "service:web", what: "names a line.", accepted, since: "new" },
];
const verdict: VerdictDocument = { ...verdictOf(events), findings, comparedWith: "20261121-010000-aaaa" };

test("new ones come first, accepted ones apart, and one that is both is no news", () => {
  const { fresh, open, accepted: taken } = sortFindings(findings);
  expect(fresh.map((one) => one.place)).toEqual(["service:fluentd"]);
  expect(open.map((one) => [one.rule, one.findings.length])).toEqual([["static/no-health-check", 4]]);
  expect(taken.map((one) => [one.rule, one.findings.length])).toEqual([["static/image-line", 2]]);
});

test.each([
  ["20261121-010000-aaaa", "5 findings, 1 new since run 20261121-010000-aaaa; 2 accepted"],
  [undefined, "5 findings; 2 accepted"],
])("counts them, compared with %s", (comparedWith, words) => {
  expect(countFindings(findings, comparedWith)).toBe(words);
});
test("says that none is new, and nothing of new ones in a first run", () => {
  expect(countFindings(findings.slice(0, 1), "x")).toBe("1 finding, none new since run x");
  expect(countFindings(findings.slice(0, 1), undefined)).toBe("1 finding");
});

describe("summary.md", () => {
  const text = summary(verdict);
  test("marks the new one and says since when", () => {
    expect(text).toContain("### Findings (new: since run 20261121-010000-aaaa)");
    expect(text).toContain("| new | `static/port-published` | service:fluentd | publishes 24224. |");
  });
  test("makes one row of many places of one rule", () => {
    expect(text).toContain("|  | `static/no-health-check` | 4 places | a has none. …and 3 more |");
    expect(text).not.toContain("service:d");
  });
  test("shows accepted ones apart, with owner, end and reason", () => {
    const [before = "", after = ""] = text.split("### Findings accepted");
    expect(before).not.toContain("static/image-line");
    expect(after).toContain("| `static/image-line` | 2 places | ops until 2027-01-01: until the move |");
  });
});

test("the terminal counts them and lists the new one", () => {
  const text = terminal(verdict, events, { folder: "runs/r" });
  expect(text).toContain("findings  5 findings, 1 new since run 20261121-010000-aaaa; 2 accepted, see the report");
  expect(text).toContain("new       static/port-published at service:fluentd: publishes 24224.");
});

test("report.html marks the new one, folds accepted ones away, and stays inert", () => {
  const text = html({ ...verdict, findings: [...findings, { rule: "static/x", place: hostile, what: hostile }] }, events, {
    sideFile,
  });
  expect(text).toContain('<strong class="new">new</strong> <b>service:fluentd</b>');
  expect(text).toMatch(/<summary>2 accepted<\/summary>.*service:traefik.*accepted by ops until 2027-01-01: until the move/s);
  expect(text).not.toContain("<script>");
});
