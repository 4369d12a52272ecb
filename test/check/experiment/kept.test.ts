import { describe, expect, test } from "vitest";
import { experimentFacts, type LedgerUse } from "../../../src/history/experiment.ts";
import { loadSuites } from "../../../suites/index.ts";
import { experiments } from "../../../suites/resilience/experiment.ts";
import { AStory } from "./a-story.ts";

await loadSuites();

/** Redis, killed at some moment between 10.0 s (announced) and 10.1 s (seen), with a write each 100 ms: number 100 is due at the announcement. */
function story(mayLose: LedgerUse["mayLose"]): AStory {
  const definition = experiments().find(({ name }) => name === "redis-killed");
  return new AStory("redis-killed")
    .fact(0, experimentFacts.definition, {
      ...definition,
      ledger: { store: "redis", everyMs: 100, mayLose, source: "a promise" },
    })
    .hurt();
}

const id = "resilience/redis-killed-keeps";
const nothing = 0;
const fiveSeconds = { acknowledgedWithinMs: 5_000 };
/** Nothing is acknowledged from the announcement until Redis is back, at 13 s. */
const away = Array.from({ length: 30 }, (_, at) => 100 + at);

describe("what was acknowledged", () => {
  test("is all there: kept, with the whole account and what an acknowledgement means", () => {
    const judged = story(nothing)
      .ledger(
        200,
        [
          [0, 99],
          [130, 199],
        ],
        away,
      )
      .judge(id);
    expect(judged).toMatchObject({
      verdict: "pass",
      reason: "200 attempted, 170 acknowledged, 0 lost, 0 unexpected, 0 duplicated, 0 recovered",
      expected: expect.stringMatching(/^no acknowledged write is lost \(a promise\); an acknowledgement means: .+/),
    });
  });

  test("is there beside what nobody was answered: recovered, which is no loss", () => {
    expect(
      story(nothing)
        .ledger(200, [[0, 199]], away)
        .judge(id),
    ).toMatchObject({
      verdict: "pass",
      reason: expect.stringContaining("0 lost, 0 unexpected, 0 duplicated, 30 recovered"),
    });
  });

  test("is lost though nothing may be: not kept, and told by count, number and time", () => {
    const judged = story(nothing)
      .ledger(
        200,
        [
          [0, 79],
          [130, 199],
        ],
        away,
      )
      .judge(id);
    expect(judged.verdict).toBe("fail");
    expect(judged.reason).toBe(
      "20 of 170 acknowledged writes are lost (#80-99); 2.05 s of acknowledged writes: 20 acknowledged from 2.05 s to 0.15 s before the fault's effect (± 0.05 s)",
    );
    expect(judged.observed).toContain("20 lost");
  });

  test("is lost as often as the owners allow: kept, and told all the same", () => {
    const ledger = (mayLose: number) =>
      story(mayLose)
        .ledger(
          200,
          [
            [0, 97],
            [130, 199],
          ],
          away,
        )
        .judge(id);
    expect(ledger(2)).toMatchObject({
      verdict: "pass",
      reason: expect.stringContaining("0.25 s to 0.15 s before the fault's effect"),
    });
    expect(ledger(1).verdict).toBe("fail");
  });

  test("was acknowledged late: its loss is told by then, not by when it was due", () => {
    const judged = story(nothing)
      .ledger(
        200,
        [
          [0, 79],
          [81, 99],
          [130, 199],
        ],
        away,
        { slowAcks: [[80, 1_900]] },
      )
      .judge(id);
    expect(judged.reason).toContain("1 acknowledged from 0.2 s to 0.2 s before the fault's effect");
  });

  test("is lost after the effect: told apart from what was lost before it", () => {
    const judged = story(nothing)
      .ledger(
        200,
        [
          [0, 97],
          [140, 199],
        ],
        away,
      )
      .judge(id);
    expect(judged.reason).toContain(
      "2 acknowledged from 0.25 s to 0.15 s before the fault's effect, 10 from 2.95 s to 3.85 s after it",
    );
    expect(judged.reason).toContain("4.2 s of acknowledged writes");
  });
});

describe("the objective for what is lost", () => {
  const held = (found: [number, number][]) => {
    const definition = experiments().find(({ name }) => name === "redis-killed");
    const ledger = { store: "redis", everyMs: 100, mayLose: 0, source: "a promise", objective: "service-loss" };
    return new AStory("redis-killed")
      .fact(0, experimentFacts.definition, { ...definition, ledger })
      .hurt()
      .ledger(200, found, away)
      .judge(id);
  };
  const measured = (found: [number, number][]) => held(found).objectives.find(({ id }) => id === "service-loss");

  test("is measured in seconds of acknowledged writes", () => {
    expect(measured([[0, 199]])).toMatchObject({ value: 0, n: 170, verdict: "pass" });
    const lost: [number, number][] = [
      [0, 79],
      [130, 199],
    ];
    expect(measured(lost)).toMatchObject({ value: 2.05, n: 170, verdict: "fail" });
  });

  test("is not kept by one lost write, whenever it was acknowledged", () => {
    const lost: [number, number][] = [
      [0, 149],
      [151, 199],
    ];
    expect(measured(lost)).toMatchObject({ value: 0.1, verdict: "fail" });
  });
});

describe("a store that saves only so often", () => {
  const lostFrom = (first: number, last = 99) =>
    story(fiveSeconds).ledger(
      200,
      [
        [0, first - 1],
        [last + 1, 99],
        [130, 199],
      ].filter(([from, to]) => (from as number) <= (to as number)) as [number, number][],
      away,
    );

  test("may lose what it acknowledged within that time before the fault", () => {
    const judged = lostFrom(60).judge(id);
    expect(judged).toMatchObject({ verdict: "pass", expected: expect.stringContaining("in the 5 s before the fault's effect") });
    expect(judged.reason).toContain("40 lost");
    expect(judged.reason).toContain("4.05 s of acknowledged writes");
  });

  test("may not lose what is older, nor what it acknowledged once it was back", () => {
    const older = lostFrom(40).judge(id);
    expect(older.verdict).toBe("fail");
    expect(older.reason).toMatch(/^9 of 119 acknowledged writes are lost \(#40-48\), beside 51 that may be; /);
    const newer = story(fiveSeconds)
      .ledger(200, [[0, 189]], away)
      .judge(id);
    expect(newer).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("10 of 119 acknowledged writes are lost (#190-199)"),
    });
  });

  test("cannot be told when what is lost lies as near to the edge as the moment of the fault is uncertain", () => {
    expect(lostFrom(50).judge(id)).toMatchObject({ verdict: "unknown", reason: expect.stringContaining("cannot be told") });
    expect(lostFrom(52).judge(id).verdict).toBe("pass");
    expect(lostFrom(48).judge(id).verdict).toBe("fail");
  });

  test("was not put to the test when all that it acknowledged may be lost", () => {
    const early = Array.from({ length: 60 }, (_, at) => at);
    const late = Array.from({ length: 100 }, (_, at) => 100 + at);
    const judged = story(fiveSeconds)
      .ledger(200, [], [...early, ...late])
      .judge(id);
    expect(judged).toMatchObject({ verdict: "unknown", reason: "no write was acknowledged that may not be lost" });
  });
});

describe("what is there and should not be", () => {
  test("twice: not kept", () => {
    expect(
      story(nothing)
        .ledger(50, [[0, 49]], [], { duplicates: [{ seq: 7, times: 2 }] })
        .judge(id),
    ).toMatchObject({
      verdict: "fail",
      reason: "1 duplicated (#7)",
    });
  });

  test("written by somebody else: not kept", () => {
    expect(
      story(nothing)
        .ledger(50, [[0, 51]])
        .judge(id),
    ).toMatchObject({
      verdict: "fail",
      reason: "2 entries were never written (#50-51)",
    });
    expect(
      story(nothing)
        .ledger(50, [[0, 49]], [], { foreign: 3 })
        .judge(id),
    ).toMatchObject({
      verdict: "fail",
      reason: "3 foreign entries",
    });
  });
});

describe("nothing can be said", () => {
  test.each([
    ["the final read is missing", story(nothing).ledger(50, undefined), "there was no final read"],
    [
      "the final read broke off",
      story(nothing).ledger(50, [[0, 10]], [], { error: { kind: "timeout", message: "30 s" } }),
      "the final read broke off: timeout: 30 s",
    ],
    ["nothing was acknowledged", story(nothing).ledger(3, [[0, 2]], [0, 1, 2]), "no write was acknowledged"],
    ["nothing was written", story(nothing).ledger(0, []), "nothing was written"],
    ["the ledger was never begun", story(nothing), 'no fact "ledger/ledger"'],
  ])("%s", (_, one, why) => {
    expect(one.judge(id)).toMatchObject({ verdict: "unknown", reason: expect.stringContaining(why) });
  });

  test("no fault was seen to bite", () => {
    const unhurt = new AStory("redis-killed").ledger(50, [[0, 49]]);
    expect(unhurt.judge(id)).toMatchObject({ verdict: "unknown", reason: expect.stringContaining("no fault was seen to bite") });
  });

  test("but that what held it is gone is an answer", () => {
    const gone = story(nothing).ledger(50, [], [], {
      error: { kind: "protocol", code: "NoSuchBucket", message: "no such bucket" },
    });
    expect(gone.judge(id)).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("50 of 50 acknowledged writes are lost (what held them is gone: no such bucket)"),
    });
  });
});
