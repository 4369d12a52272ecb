import { describe, expect, test } from "vitest";
import { junit } from "../../src/report/junit.ts";
import { aRun, hostile, verdictOf } from "./a-run.ts";

/** Names of the elements, in order; throws when the document is not well-formed. Small, but strict: what it does not know it refuses. */
function elements(xml: string): { name: string; attributes: Record<string, string> }[] {
  const all: { name: string; attributes: Record<string, string> }[] = [];
  const open: string[] = [];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML forbids them
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(xml)) throw new Error("control character");
  const token = /<\?xml[^?]*\?>|<\/([\w-]+)>|<([\w-]+)((?: [\w-]+="[^"<]*")*) ?(\/?)>|([^<]+)/gy;
  let end = 0;
  for (const match of xml.matchAll(token)) {
    end = (match.index ?? 0) + match[0].length;
    const [whole, closing, name, attributes = "", selfClosing, text] = match;
    if (/&(?!(amp|lt|gt|quot|apos|#\d+);)/.test(whole)) throw new Error(`bare & in ${whole}`);
    if (text?.includes("]]>")) throw new Error("]]> in text");
    if (closing && open.pop() !== closing) throw new Error(`</${closing}> closes nothing`);
    if (!name) continue;
    all.push({
      name,
      attributes: Object.fromEntries([...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value])),
    });
    if (!selfClosing) open.push(name);
  }
  if (end !== xml.length || open.length > 0)
    throw new Error(`not well-formed after ${end} of ${xml.length}: ${xml.slice(end, end + 60)}`);
  return all;
}

describe("junit.xml", () => {
  const verdict = verdictOf(aRun(true));
  const all = elements(junit(verdict));
  const count = (name: string) => all.filter((element) => element.name === name).length;

  test("has a case a check, and each kind of verdict in its place", () => {
    expect(count("testcase")).toBe(verdict.checks.length);
    expect(count("failure")).toBe(verdict.counts.fail);
    expect(count("error")).toBe(verdict.counts.unknown);
    expect(count("skipped")).toBe(verdict.counts.notApplicable + verdict.counts.accepted);
    expect(verdict.counts.unknown).toBeGreaterThan(0);
  });
  test("counts the same at its top", () => {
    expect(all[0]?.attributes).toMatchObject({ tests: String(verdict.checks.length), failures: "2", errors: "3", skipped: "3" });
  });
  test("is well-formed whatever a check says", () => {
    const [first] = verdict.checks;
    if (!first) throw new Error("no checks");
    const bad = {
      ...verdict,
      checks: [{ ...first, verdict: "fail" as const, reason: hostile, observed: hostile, expected: "\u0000\n<&>" }],
    };
    expect(elements(junit(bad)).map((element) => element.name)).toEqual(["testsuites", "testsuite", "testcase", "failure"]);
  });
  test("of a run without checks is still a document", () => {
    expect(elements(junit({ ...verdict, checks: [] })).map((element) => element.name)).toEqual(["testsuites"]);
  });
});
