import { describe, expect, test } from "vitest";
import { accountOf, ledgerKept, type ReadBack } from "../../src/check/ledger.ts";
import type { LedgerSample } from "../../src/history/sample.ts";

const write = (seq: number, acked = true): LedgerSample => ({
  seq,
  due: seq,
  sent: seq,
  done: seq + 1,
  ...(acked ? { acked: seq + 1 } : {}),
});
const writes = [...Array.from({ length: 10 }, (_, seq) => write(seq)), write(10, false), write(11, false)];
const read = (more: Partial<ReadBack> = {}): ReadBack => ({ found: [[0, 9]], duplicates: [], foreign: 0, ...more });

describe("a ledger", () => {
  test("accounts for each write once", () => {
    const account = accountOf(
      writes,
      read({
        found: [
          [0, 3],
          [6, 10],
          [40, 41],
        ],
        duplicates: [{ seq: 2, times: 2 }],
      }),
    );
    expect(account).toEqual({
      attempted: 12,
      acknowledged: 10,
      lost: [4, 5],
      unexpected: [40, 41],
      foreign: 0,
      duplicated: [2],
      recovered: [10],
    });
  });
  test("is kept when every acknowledged write is there, others or not", () => {
    expect(ledgerKept(writes, read({ found: [[0, 10]] }))).toMatchObject({
      verdict: "pass",
      observed: "12 attempted, 10 acknowledged, 0 lost, 0 unexpected, 0 duplicated, 1 recovered",
    });
  });
  test("is not kept when one is lost, and names it", () => {
    const judged = ledgerKept(
      writes,
      read({
        found: [
          [0, 3],
          [6, 9],
        ],
      }),
      { objective: "rpo" },
    );
    expect(judged).toMatchObject({
      verdict: "fail",
      reason: "2 of 10 acknowledged writes are lost (#4-5)",
      measured: [{ objective: "rpo", value: 2, n: 10 }],
    });
  });
  test("may lose as many as were promised", () => {
    expect(ledgerKept(writes, read({ found: [[1, 9]] }), { mayLose: 1 }).verdict).toBe("pass");
  });
  test("is not kept when there is what nobody wrote, or something twice", () => {
    expect(ledgerKept(writes, read({ found: [[0, 20]] })).verdict).toBe("fail");
    expect(ledgerKept(writes, read({ foreign: 1 })).verdict).toBe("fail");
    const twice = read({ duplicates: [{ seq: 1, times: 2 }] });
    expect(ledgerKept(writes, twice).verdict).toBe("fail");
    expect(ledgerKept(writes, twice, { duplicatesAllowed: true }).verdict).toBe("pass");
  });
  test("is lost whole when the store says that what held it is gone", () => {
    const message = "Exception (404) Reason: NOT_FOUND - no queue";
    expect(ledgerKept(writes, read({ found: [], error: { kind: "protocol", message, code: "404" } }))).toMatchObject({
      verdict: "fail",
      reason: `10 of 10 acknowledged writes are lost (what held them is gone: ${message})`,
    });
    expect(ledgerKept(writes, read({ found: [], error: { kind: "protocol", message: "refused", code: "403" } })).verdict).toBe(
      "unknown",
    );
  });
  test("is unknown when nothing was written or acknowledged, or nothing read, or the reading broke off", () => {
    expect(ledgerKept([], read()).verdict).toBe("unknown");
    expect(ledgerKept([write(1, false)], read()).verdict).toBe("unknown");
    expect(ledgerKept(writes, undefined).verdict).toBe("unknown");
    expect(ledgerKept(writes, read({ found: [], error: { kind: "timeout", message: "5 s" } }))).toMatchObject({
      verdict: "unknown",
      reason: expect.stringContaining("timeout"),
    });
  });
});
