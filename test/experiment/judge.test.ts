import { expect, it } from "vitest";
import { firstDifference } from "../../src/experiment/judge.ts";

it("says the first line that differs, and what stands in each", () => {
  expect(firstDifference("a\nb\n", "a\nb\n")).toBeUndefined();
  expect(firstDifference('a\n  "x": 1\nc\n', 'a\n  "x": 2\nd\n')).toBe('line 2 has `"x": 1`, and the history gives `"x": 2`');
  expect(firstDifference("a\nb", "a")).toBe("line 2 has `b`, and the history gives nothing");
  expect(firstDifference("a", "a\nb")).toBe("line 2 has nothing, and the history gives `b`");
});
