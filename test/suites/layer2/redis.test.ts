import { describe, expect, test } from "vitest";
import "../../../suites/layer2/redis.ts";
import type { EventBody } from "../../../src/history/events.ts";
import { denied, judged, moments, refused, saw } from "../judged.ts";

describe("layer2/redis-password", () => {
  const id = "layer2/redis-password";
  const { redis, redisFailed } = saw("layer2/redis-access");
  const noauth = redis("anonymous", [{ error: "NOAUTH Authentication required." }]);
  const guess = redisFailed("guess", denied("WRONGPASS invalid username-password pair"));
  const right = redis("password", ["PONG"]);
  test("passes when only the password opens it", () => {
    expect(judged(id, [noauth, guess, right]).verdict).toBe("pass");
  });
  test("fails when it answers a stranger, a guess, or not its own", () => {
    expect(judged(id, [redis("anonymous", ["PONG"]), guess, right])).toMatchObject({
      verdict: "fail",
      reason: "PING without a password is answered: PONG",
    });
    expect(judged(id, [noauth, redis("guess", ["PONG"]), right]).reason).toBe("PING with a guessed password is answered: PONG");
    expect(judged(id, [noauth, guess, redisFailed("password", denied("WRONGPASS"))]).verdict).toBe("fail");
  });
  test("is unknown when nobody asked, or nobody answered", () => {
    expect(judged(id, []).verdict).toBe("unknown");
    expect(judged(id, [redisFailed("anonymous", refused), guess, right]).verdict).toBe("unknown");
  });
});

describe("layer2/redis-modules", () => {
  const id = "layer2/redis-modules";
  const { redis, redisFailed } = saw("layer2/redis-modules");
  const listed = redis("modules", [
    [
      ["name", "ReJSON"],
      ["name", "search"],
    ],
  ]);
  const json = redis("json", ["OK", "[1,2]", 1]);
  const search = redis("search", [{ error: "Unknown Index name" }]);
  test("passes with both, and reports that anybody outside reaches it", () => {
    const { verdict, findings } = judged(id, [listed, json, search, redis("from outside", [{ error: "NOAUTH" }])]);
    expect(verdict).toBe("pass");
    expect(findings.map((finding) => finding.rule)).toEqual(["redis/reachable-from-outside"]);
    expect(judged(id, [listed, json, search, redisFailed("from outside", refused)]).findings).toEqual([]);
  });
  test("fails without one", () => {
    const plain = redis("search", [{ error: "ERR unknown command 'FT.INFO'" }]);
    expect(judged(id, [listed, json, plain])).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("FT.INFO of no index is answered by RediSearch (met"),
    });
    expect(judged(id, [listed, redis("json", [{ error: "ERR unknown command" }]), search]).verdict).toBe("fail");
  });
  test("is unknown when nobody asked", () => {
    expect(judged(id, []).verdict).toBe("unknown");
  });
});

/** One client every 50 ms; the fault is announced at `faultMs`, it is served again from `backMs` on. */
function watched(observation: string, faultMs: number, backMs: number, untilMs: number): EventBody[] {
  const { redis, redisFailed } = saw(observation);
  return moments(faultMs - 1000, untilMs, 50).map((at) =>
    at < faultMs || at >= backMs ? redis("client", ["PONG"], at) : redisFailed("client", refused, at),
  );
}
/** When the first event of an observation with `needs` services comes, in these histories. */
const begins = (needs: number) => (2 + needs * 2 + 2 + 1) * 1000;

describe("a crash of Redis", () => {
  const { redis, fact, fault } = saw("layer2/redis-crash");
  const faultMs = begins(2);
  const ledger = (name: string) => fact(`${name}/ledger`, { attempted: 200, acknowledged: [[0, 199]] });
  const read = (name: string, found: [number, number][]) =>
    fact(`${name}/read-back`, { found, count: 0, duplicates: [], foreign: 0 });
  const settings = (appendonly: string) =>
    redis("settings", [
      ["save", "3600 1"],
      ["appendonly", appendonly],
    ]);
  const before = [redis("snapshot before", [1000])];
  const snapshot = [redis("snapshot", [1000]), redis("snapshot", [1001])];
  const crashed = (backMs: number, untilMs: number, tasks: object[] = [{ id: "b", state: "running", desired: "running" }]) => [
    ...fault("intent", "applied", "effect-seen", "removed"),
    ...watched("layer2/redis-crash", faultMs, backMs, untilMs),
    fact("tasks/redis", tasks),
  ];
  const events = (kept: [number, number][], later: [number, number][], appendonly = "no") => [
    ...crashed(faultMs + 6000, faultMs + 9000),
    settings(appendonly),
    ...before,
    ...snapshot,
    ledger("snapshot"),
    ledger("since-snapshot"),
    read("snapshot", kept),
    read("since-snapshot", later),
  ];

  const survives = "layer2/redis-snapshot-survives-crash";
  test("keeps what the snapshot has; what came after is a finding with numbers", () => {
    const { verdict, findings } = judged(survives, events([[0, 199]], [[0, 49]]));
    expect(verdict).toBe("pass");
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      rule: "redis/writes-since-snapshot-lost",
      what: expect.stringContaining("150 of 200 acknowledged writes"),
    });
    expect(judged(survives, events([[0, 199]], [[0, 199]])).findings).toEqual([]);
  });
  test("loses what the snapshot had: fail, and names the numbers", () => {
    expect(judged(survives, events([[0, 99]], []))).toMatchObject({
      verdict: "fail",
      reason: "writes before the snapshot: 100 of 200 acknowledged writes are lost (#100-199)",
    });
  });
  test("an append-only file promises what came after, too", () => {
    expect(judged(survives, events([[0, 199]], [[0, 49]], "yes"))).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("writes since the snapshot: 150 of 200"),
    });
    expect(judged(survives, events([[0, 199]], [[0, 199]], "yes")).verdict).toBe("pass");
  });
  test("is unknown without a snapshot, or without anything", () => {
    expect(judged(survives, [...before, redis("snapshot", [1000]), settings("no"), ledger("snapshot")]).verdict).toBe("unknown");
    expect(judged(survives, []).verdict).toBe("unknown");
  });

  const recovers = "layer2/redis-recovers";
  test("is over when a client is served again, and is measured", () => {
    const { verdict, objectives } = judged(recovers, crashed(faultMs + 6000, faultMs + 9000));
    expect(verdict).toBe("pass");
    expect(objectives.find((one) => one.id === "service-restart")).toMatchObject({ verdict: "pass", value: 6.005 });
  });
  test("is never over when Swarm wants no task any more", () => {
    const gone = [{ id: "a", state: "failed", desired: "shutdown", exitCode: 137 }];
    expect(judged(recovers, crashed(Number.POSITIVE_INFINITY, faultMs + 4000, gone))).toMatchObject({
      verdict: "fail",
      reason: "Swarm does not restart it: its last task is failed with exit code 137, and no other is wanted (watched 4.0 s)",
    });
  });
  test("is unknown when the watch ended early, or nobody watched", () => {
    expect(judged(recovers, crashed(Number.POSITIVE_INFINITY, faultMs + 4000)).verdict).toBe("unknown");
    expect(judged(recovers, [...fault("intent", "applied", "effect-seen")]).verdict).toBe("unknown");
    expect(judged(recovers, []).verdict).toBe("unknown");
  });
});

describe("layer2/redis-orderly-stop-keeps-all", () => {
  const id = "layer2/redis-orderly-stop-keeps-all";
  const { fact } = saw("layer2/redis-restart");
  const ledger = fact("held/ledger", { attempted: 200, acknowledged: [[0, 199]] });
  const read = (found: [number, number][]) => fact("held/read-back", { found, count: 0, duplicates: [], foreign: 0 });
  test("passes when all is there", () => {
    expect(judged(id, [ledger, read([[0, 199]])]).verdict).toBe("pass");
  });
  test("fails when one is not", () => {
    expect(judged(id, [ledger, read([[1, 199]])])).toMatchObject({
      verdict: "fail",
      reason: "1 of 200 acknowledged writes are lost (#0)",
    });
  });
  test("is unknown when nothing was written, or nothing read back", () => {
    expect(judged(id, []).verdict).toBe("unknown");
    expect(judged(id, [ledger]).verdict).toBe("unknown");
  });
});
