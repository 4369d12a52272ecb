import { expect, it } from "vitest";
import { endsGood } from "../../src/probe/streak.ts";
import { sampleOf } from "../check/a-history.ts";
import { good } from "../check/samples.ts";

/** One sample each 500 ms, `g` good, `b` bad, each answered after 20 ms, or all no sooner than `heldUntilMs`. */
const watch = (letters: string, heldUntilMs = 0) =>
  [...letters].map((letter, i) =>
    sampleOf({ dueMs: i * 500, tookMs: Math.max(20, heldUntilMs - i * 500), status: letter === "g" ? 200 : 503 }),
  );
const threeForASecond = { run: 3, lastingMs: 1000 };

it("takes as many good answers as are asked for, the newest ones, over as long", () => {
  expect(endsGood(watch("bggg"), good, threeForASecond)).toBe(true);
  expect(endsGood(watch("bgg"), good, { run: 3, lastingMs: 0 })).toBe(false);
  expect(endsGood(watch("gggb"), good, threeForASecond)).toBe(false);
  expect(endsGood(watch("bgggg"), good, { run: 3, lastingMs: 1501 })).toBe(false);
});

it("does not take answers that were held up and came in one moment for ones that last", () => {
  expect(endsGood(watch("bgggg", 5000), good, threeForASecond)).toBe(false);
});

it("takes nothing for not good", () => {
  expect(endsGood([], good, { run: 1, lastingMs: 0 })).toBe(false);
});
