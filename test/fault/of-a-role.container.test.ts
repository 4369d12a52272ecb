import { afterAll, beforeAll, beforeEach, describe, expect } from "vitest";
import type { Start } from "../replica/a-replica.ts";
import { type Machine, startMachine } from "./a-machine.ts";
import { processFaults } from "./process-faults.ts";
import { resourceFaults } from "./resource-faults.ts";
import { storageFaults } from "./storage-faults.ts";

// One replica serves all three.
let start: Start;
let machine: Machine;

beforeAll(async () => {
  ({ start, machine } = await startMachine());
});
afterAll(async () => {
  expect((await start.down()).left).toEqual([]);
});
beforeEach(async () => {
  await machine.healthy();
});

describe("process", () => processFaults(() => machine));
describe("resource", () => resourceFaults(() => machine));
describe("storage", () => storageFaults(() => machine));
