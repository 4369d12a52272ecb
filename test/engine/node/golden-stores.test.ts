import { expect, it } from "vitest";
import { keptStores, staleStores } from "../../../src/engine/node/golden-stores.ts";

const hour = 3_600_000;
const now = 1000 * hour;
const store = (key: string, hoursAgo: number) => ({ key, usedAt: now - hoursAgo * hour });

it("keeps the stores that were used last, whatever their order", () => {
  const stores = [store("d", 40), store("a", 10), store("e", 50), store("c", 30), store("b", 20)];
  expect(keptStores).toBe(3);
  expect(staleStores(stores, new Set(), now)).toEqual(["d", "e"]);
  expect(staleStores(stores.slice(0, 3), new Set(), now)).toEqual([]);
});

it("keeps one that a node was cloned from, and does not let it take the place of a newer one", () => {
  const stores = [store("a", 1), store("b", 2), store("c", 3), store("d", 4), store("e", 5)];
  expect(staleStores(stores, new Set(["d"]), now)).toEqual(["e"]);
});

it("keeps one that a run chose a moment ago, since no container names it yet", () => {
  const stores = [store("a", 0), store("b", 0.05), store("c", 0.1), store("d", 0.2), store("e", 0.3)];
  expect(staleStores(stores, new Set(), now)).toEqual(["e"]);
});
