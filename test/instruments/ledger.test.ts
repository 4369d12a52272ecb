import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { differences, measureLedger } from "../../src/experiment/bench/known-ledger.ts";
import type { KnownLosses } from "../../src/load/known-target.ts";
import { buildTimeout } from "../engine/agent-binary.ts";
import { startInstruments } from "./instruments.ts";

let instruments: ReturnType<typeof startInstruments>;
beforeAll(() => {
  instruments = startInstruments();
}, buildTimeout);
afterAll(() => instruments?.end());

const honest: KnownLosses = {
  prefix: "ledger:",
  writes: 1000,
  lose: 0,
  duplicate: 0,
  hide: 0,
  refuse: 0,
  invent: 0,
  foreign: 0,
  seed: 7,
};
const treacherous: KnownLosses = { ...honest, lose: 17, duplicate: 11, hide: 5, refuse: 3, invent: 4, foreign: 2 };

describe("a ledger beside a store of known losses", () => {
  it.each([
    ["at a constant rate", { ratePerSecond: 1000 }],
    ["as fast as eight writers can", { writers: 8 }],
  ])("counts each of them exactly, written %s", async (_, how) => {
    const measured = await measureLedger(instruments.agent, instruments.target, treacherous, how);
    const { truth, account } = measured;
    expect(truth).toMatchObject({ attempted: 1000, acknowledged: 992, foreign: 2 });
    expect([truth.lost.length, truth.duplicated.length, truth.recovered.length, truth.unexpected.length]).toEqual([17, 11, 5, 4]);
    expect(account).toEqual(truth);
    expect(differences(measured)).toBe(0);
  });

  it("finds nothing wrong with an honest store", async () => {
    const { truth, account } = await measureLedger(instruments.agent, instruments.target, honest, { writers: 4 });
    expect(account).toEqual(truth);
    expect(account).toMatchObject({ attempted: 1000, acknowledged: 1000, lost: [], duplicated: [], unexpected: [], foreign: 0 });
  });

  it("would tell a count that is off by one", async () => {
    const { truth, account } = await measureLedger(instruments.agent, instruments.target, treacherous, { writers: 2 });
    expect(differences({ truth, account: { ...account, lost: account.lost.slice(1) } })).toBe(1);
    expect(differences({ truth, account: { ...account, foreign: account.foreign + 1 } })).toBe(1);
    expect(differences({ truth, account: { ...account, duplicated: [...account.duplicated, -1] } })).toBe(1);
  });
});
