import { describe, expect, test } from "vitest";
import {
  all,
  atLeast,
  atMost,
  contains,
  each,
  equals,
  fail,
  matches,
  named,
  oneOf,
  pass,
  show,
  unknown,
} from "../../src/check/expect.ts";

describe("a condition", () => {
  test("that fails is printed with the value it met", () => {
    expect(equals("status", 502, 200)).toEqual({
      verdict: "fail",
      reason: "status is 200 (met 502)",
      expected: "status is 200",
      observed: "status: 502",
    });
  });
  test("that holds says what held", () => {
    expect(equals("status", 200, 200)).toEqual({
      verdict: "pass",
      reason: "status is 200",
      expected: "status is 200",
      observed: "status: 200",
    });
  });
  test.each([
    [oneOf("code", 429, [200, 429]), "pass"],
    [oneOf("code", 500, [200, 429]), "fail"],
    [equals("list", ["a"], ["a"]), "pass"],
    [contains("body", "hello world", "world"), "pass"],
    [contains("body", undefined, "world"), "fail"],
    [matches("body", "abc", /^a.c$/g), "pass"],
    [matches("body", undefined, /./), "fail"],
    [atMost("memory", 3, 3, "GiB"), "pass"],
    [atMost("memory", 3.1, 3, "GiB"), "fail"],
    [atLeast("free", 2, 3), "fail"],
    [atMost("memory", undefined, 3), "unknown"],
    [atLeast("free", Number.NaN, 3), "unknown"],
  ])("judges %o as %s", (judgement, verdict) => expect(judgement.verdict).toBe(verdict));
  test("with a global expression judges the same text the same twice", () => {
    const expression = /a/g;
    expect([matches("x", "a", expression).verdict, matches("x", "a", expression).verdict]).toEqual(["pass", "pass"]);
  });
});

describe("several judgements", () => {
  test("fail when one fails, and only that one speaks", () => {
    expect(all([pass("a"), unknown("b"), equals("c", 1, 2)])).toEqual({
      verdict: "fail",
      reason: "c is 2 (met 1)",
      expected: "c is 2",
      observed: "c: 1",
    });
  });
  test("are unknown when one is and none fails", () => {
    expect(all([pass("a"), unknown("b")])).toEqual({ verdict: "unknown", reason: "b" });
  });
  test("pass when all do", () => {
    expect(all([pass("a"), pass("b")])).toEqual({ verdict: "pass", reason: "a; b" });
  });
  test("of nothing are unknown: all of none is no promise", () => {
    expect(all([]).verdict).toBe("unknown");
    expect(each([], String, () => pass("x")).verdict).toBe("unknown");
  });
  test("keep the findings and numbers of all", () => {
    const finding = { rule: "r", place: "p", what: "w" };
    const measured = [{ objective: "o", value: 1, n: 1 }];
    expect(all([pass("a", { findings: [finding] }), fail("b", { measured })])).toMatchObject({ findings: [finding], measured });
  });
  test("name their subjects, and count what a line cannot hold", () => {
    const judged = each(
      ["a", "b", "c", "d", "e", "f", "g", "h"],
      (name) => `GET /${name}`,
      (name) => (name === "a" ? pass("ok") : equals("status", 403, 200)),
    );
    expect(judged.reason).toMatch(/^GET \/b: status is 200 \(met 403\); .*; and 1 more$/);
    expect(named("x", pass("y"))).toEqual({ verdict: "pass", reason: "x: y" });
  });
});

test("values are shown as a person reads them", () => {
  expect([show(undefined), show(""), show("a"), show([1]), show("x".repeat(300)).length]).toEqual([
    "nothing",
    '""',
    "a",
    "[1]",
    200,
  ]);
});
