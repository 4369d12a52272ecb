import { expect, it } from "vitest";
import { isSuchLoss } from "../../../src/fault/network/loss.ts";

it("a share of lost connects fits the chance of a packet when either of its two may be lost", () => {
  // 30 % of packets: 51 % of connects.
  expect(isSuchLoss(30, { lost: 31, n: 60 })).toBe(true);
  expect(isSuchLoss(30, { lost: 5, n: 60 })).toBe(false);
  expect(isSuchLoss(1, { lost: 8, n: 420 })).toBe(true);
  expect(isSuchLoss(1, { lost: 60, n: 420 })).toBe(false);
  expect(isSuchLoss(100, { lost: 60, n: 60 })).toBe(true);
  expect(isSuchLoss(100, { lost: 50, n: 60 })).toBe(false);
});

it("nothing lost is no loss, however small the chance", () => {
  expect(isSuchLoss(0.1, { lost: 0, n: 60 })).toBe(false);
});
