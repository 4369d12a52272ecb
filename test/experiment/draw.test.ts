import { expect, it } from "vitest";
import { draw } from "../../src/experiment/draw.ts";

const items = Array.from({ length: 20 }, (_, index) => index);

it("gives the same for a seed, each item at most once, and another for another seed", () => {
  expect(draw(items, 5, 7)).toEqual(draw(items, 5, 7));
  expect(new Set(draw(items, 20, 7)).size).toBe(20);
  expect(draw(items, 20, 7)).not.toEqual(draw(items, 20, 8));
  expect(draw(items, 50, 1)).toHaveLength(20);
  expect(draw([], 5, 1)).toEqual([]);
});

it("draws every item about as often as any other", () => {
  const counts = new Map<number, number>();
  for (let seed = 0; seed < 2000; seed += 1)
    for (const item of draw(items, 5, seed)) counts.set(item, (counts.get(item) ?? 0) + 1);
  // 500 expected of each; 5 standard deviations are 97.
  for (const item of items) expect(Math.abs((counts.get(item) ?? 0) - 500)).toBeLessThan(97);
});
