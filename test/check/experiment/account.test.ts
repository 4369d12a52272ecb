import { describe, expect, test } from "vitest";
import { verdictDocumentSchema } from "../../../src/check/verdict-schema.ts";
import { aChaosRun, type Known, postgresGone, redisKilled } from "../../report/an-experiment.ts";

const of = (known: Known) => aChaosRun(known).verdict.experiments?.[0];

describe("an experiment's account in verdict.json", () => {
  const run = aChaosRun({ ...redisKilled, ledger: { acknowledged: 400, lost: 3 } }, postgresGone);
  const [redis, postgres] = run.verdict.experiments ?? [];

  test("fits the document's schema, through JSON and back", () => {
    const told = JSON.parse(JSON.stringify(run.verdict));
    expect(verdictDocumentSchema.parse(told)).toEqual(run.verdict);
  });
  test("is worth the worst of its checks, with that one's reason", () => {
    expect(redis).toMatchObject({ verdict: "fail", reason: expect.stringContaining("3 of 400 acknowledged writes are lost") });
    expect(redis?.checks).toHaveLength(3);
    expect(of({ ...redisKilled, bystanders: [] })).toMatchObject({
      verdict: "pass",
      checks: ["resilience/redis-killed-recovers"],
    });
  });
  test("says which answers were bad, by their place in time", () => {
    const [victim, bystander] = redis?.account?.clients ?? [];
    // From 250 ms every 10 ms: the first due at or after 6040 ms, and the last before 8240 ms.
    expect(victim?.bad).toEqual([[579, 798]]);
    expect(bystander).toMatchObject({ bad: [], n: 15, victim: false });
  });
  test("says what each client's clock showed", () => {
    expect(redis?.account?.clients.map(({ clock }) => clock?.offsetNs)).toEqual([5e9, 9.25e9]);
  });
  test("counts the recovery from the confirmed effect", () => {
    const [victim] = redis?.account?.clients ?? [];
    // The first good answer was due at 8240 ms and took up to 2.8 ms.
    expect(victim?.recovery?.recoveredMs).toBeGreaterThanOrEqual(8241 - 6050);
    expect(victim?.recovery?.recoveredMs).toBeLessThanOrEqual(8243 - 6050);
    expect(redis?.account?.claimMs).toBe(7900 - 6050);
  });
  test("has latencies before, during and after; during lasts until the removal and the recovery", () => {
    const [victim] = redis?.account?.clients ?? [];
    expect(victim?.latency).toMatchObject({ before: { bad: 0 }, during: { bad: 220, p95: "bad" }, after: { bad: 0 } });
    expect(victim?.latency?.before.p95).toBeCloseTo(2.8);
    const others = postgres?.account?.clients[1]?.latency;
    // A bystander, once a second: 9.25 s to 30 s of it lie between announcement and removal.
    expect([others?.before.n, others?.during?.n, others?.after?.n]).toEqual([10, 20, 9]);
  });
  test("takes slow answers for the fault's doing for as long as it is held, though none is bad", () => {
    const slow = of({ ...postgresGone, outages: [], slow: [10_000, 30_000] });
    const { before, during, after } = slow?.account?.clients[0]?.latency ?? {};
    expect([before?.p95, during?.p50, after?.p99].map((ms) => Math.round(Number(ms)))).toEqual([3, 202, 3]);
    expect(slow?.account?.clients[0]?.recovery).toMatchObject({ recoveredMs: 0, bad: 0 });
  });
  test("counts the ledger, and leaves out what nobody read back", () => {
    expect(redis?.account?.ledger).toEqual({
      store: "redis",
      mayLose: 0,
      attempted: 400,
      acknowledged: 400,
      readBack: { lost: 3, lostMs: 50, unexpected: 0, duplicated: 0, recovered: 0 },
    });
  });
  test("takes what held the writes for gone, with them, when the store says so", () => {
    const gone = of({ ...redisKilled, ledger: { acknowledged: 400, lost: 0, gone: true } });
    expect(gone?.account?.ledger?.readBack).toMatchObject({ lost: 400, lostMs: 7990 });
  });
  test("is there for an experiment that was ended before anything was hurt", () => {
    const why = { guard: "not-steady", why: "no 5 s of good answers" } as const;
    const ended = of({ ...redisKilled, faults: [], outages: [], aborted: why });
    expect(ended).toMatchObject({ verdict: "unknown", account: { aborted: why } });
    expect(ended?.account?.moments).toBeUndefined();
    expect(ended?.account?.clients[0]?.latency).toEqual({ before: expect.objectContaining({ bad: 0, n: 1570 }) });
  });
  test("says why there is nothing of a client", () => {
    expect(of({ ...redisKilled, samples: "none" })?.account?.clients[0]?.missing).toBe(
      "no sample of inside:redis/broker was recorded",
    );
    expect(of({ ...redisKilled, clocks: ["public"] })?.account?.clients[0]).toMatchObject({
      n: 1570,
      missing: "its clock (node) was never compared with the runner's",
    });
  });
  test("is missing, with the reason, of an experiment that never began", () => {
    expect(of({ ...redisKilled, began: false })).toMatchObject({
      verdict: "unknown",
      reason: "planned, but never observed",
      missing: 'no fact "experiment" of resilience/redis-killed was recorded',
    });
  });
});
