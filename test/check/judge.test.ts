import { describe, expect, test } from "vitest";
import type { CheckDefinition, Judge } from "../../src/check/check.ts";
import { equals } from "../../src/check/expect.ts";
import { judgeHistory } from "../../src/check/judge.ts";
import { verdictBytes } from "../../src/check/verdict.ts";
import type { EventBody, Objective } from "../../src/history/events.ts";
import type { Sample, SampleOf } from "../../src/history/sample.ts";
import {
  completed,
  dead,
  definition,
  fault,
  historyOf,
  noSideFiles,
  observed,
  planned,
  plannedCheck,
  runStarted,
  sampleEvent,
  sampleOf,
  searched,
  service,
  teardown,
  up,
} from "./a-history.ts";

const id = "layer1/ping";
const check = plannedCheck(id);
const statusIs200: Judge = (seen) => equals("status", (seen.sample("ping").sample as SampleOf<"http">).response?.status, 200);
const ping = (status: number) => observed(id, sampleEvent(id, "ping", sampleOf({ status })));

interface Run {
  plan?: Parameters<typeof planned>[0];
  services?: EventBody[];
  body?: EventBody[];
  end?: EventBody[];
  judge?: Judge;
  definitions?: CheckDefinition[];
  sideFile?: () => Sample[];
}

/** A run of one service and one check, good but for what is given. */
function judge(run: Run = {}) {
  const plan = planned({ services: [service("traefik")], checks: [check], ...run.plan });
  const events = historyOf([
    runStarted,
    plan,
    ...(run.services ?? up("traefik")),
    ...(run.body ?? ping(200)),
    ...(run.end ?? [teardown, searched, completed]),
  ]);
  return judgeHistory(events, run.definitions ?? [definition(check, run.judge ?? statusIs200)], {
    sideFile: run.sideFile ?? noSideFiles,
  });
}

const of = (document: ReturnType<typeof judge>, checkId: string) => {
  const met = document.checks.find((one) => one.id === checkId);
  if (!met) throw new Error(`no check ${checkId}`);
  return met;
};

describe("a verdict", () => {
  test("passes when everything was seen and is as expected", () => {
    const document = judge();
    expect(document).toMatchObject({ verdict: "pass", exitCode: 0, cause: "all 5 checks passed", runId: "r-test" });
    expect(of(document, id)).toMatchObject({
      verdict: "pass",
      expected: "status is 200",
      observed: "status: 200",
      durationMs: 2000,
    });
  });

  test("flips when one recorded status is edited", () => {
    const document = judge({ body: ping(502) });
    expect(document).toMatchObject({ verdict: "fail", exitCode: 1, cause: "layer1/ping: status is 200 (met 502)" });
  });

  test("of an empty history is unknown", () => {
    const document = judgeHistory([], [], { sideFile: noSideFiles });
    expect(document).toMatchObject({ verdict: "unknown", exitCode: 2 });
    expect(document.cause).toContain("the history stops before the run's end");
  });

  test("is the same bytes for the same history", () => {
    expect(verdictBytes(judge())).toBe(verdictBytes(judge()));
    expect(verdictBytes(judge()).endsWith("}\n")).toBe(true);
  });

  test("does not pass when nothing of the candidate was judged", () => {
    const document = judge({
      plan: { services: [], checks: [check], notApplicable: [{ check: id, why: "no such route" }] },
      services: [],
    });
    expect(document.verdict).toBe("unknown");
    expect(document.cause).toContain("nothing was judged");
  });
});

describe("a check is unknown, never passed,", () => {
  const always: Judge = () => ({ verdict: "pass", reason: "of course" });
  const unknownOf = (run: Run) => {
    const document = judge(run);
    expect(document.verdict).not.toBe("pass");
    const judged = of(document, id);
    expect(judged.verdict).toBe("unknown");
    return judged.reason;
  };

  test("when it was planned and never observed", () => {
    expect(unknownOf({ body: [] })).toBe("planned, but never observed");
  });
  test("when its observation was skipped", () => {
    const body: EventBody[] = [{ type: "observation", observation: id, state: "skipped", why: "the vantage tailnet is missing" }];
    expect(unknownOf({ body })).toContain("the vantage tailnet is missing");
  });
  test("when its observation ended with an error, even if samples were recorded", () => {
    const body = ping(200);
    const last = body.at(-1) as Extract<EventBody, { type: "observation" }>;
    expect(unknownOf({ body: [...body.slice(0, -1), { ...last, error: "agent lost" }] })).toContain("agent lost");
  });
  test("when its observation never ended", () => {
    expect(unknownOf({ body: ping(200).slice(0, -1) })).toContain("never ended");
  });
  test("when there are no samples, whatever the judge says", () => {
    expect(unknownOf({ body: observed(id), judge: always })).toContain("nothing was recorded");
    expect(unknownOf({ body: observed(id), judge: () => ({ verdict: "fail", reason: "no" }) })).toContain("nothing was recorded");
  });
  test("when the judge asked for samples of a label that has none: every one of nothing is true", () => {
    const vacuous: Judge = (seen) => {
      seen.fact("routes");
      return seen.samples("ping").every((one) => (one.sample as SampleOf<"http">).response?.status === 200)
        ? { verdict: "pass", reason: "all" }
        : { verdict: "fail", reason: "one" };
    };
    expect(
      unknownOf({ body: observed(id, { type: "fact", observation: id, name: "routes", data: [] }), judge: vacuous }),
    ).toContain("no samples of ping");
  });
  test("when the judge throws", () => {
    const judgeThatThrows: Judge = () => {
      throw new TypeError("x is not a function");
    };
    expect(unknownOf({ judge: judgeThatThrows })).toBe("the judge threw: TypeError: x is not a function");
  });
  test("when the judge did not see what it asked for", () => {
    const body = observed(id, sampleEvent(id, "other", sampleOf({ status: 200 })));
    expect(unknownOf({ body })).toBe('no sample "ping" of layer1/ping was recorded');
  });
  test("when two samples stand where one was asked for", () => {
    const one = sampleEvent(id, "ping", sampleOf({ status: 200 }));
    expect(unknownOf({ body: observed(id, one, one) })).toContain("2 samples");
  });
  test("when no judge has its name", () => {
    expect(unknownOf({ definitions: [] })).toContain("no judge");
  });
  test("when its service did not come up, which is named", () => {
    expect(unknownOf({ services: dead("traefik") })).toBe("needs traefik, which did not come up");
    expect(unknownOf({ services: [] })).toContain("traefik, which was never started");
  });
  test("when a substitution hides what it speaks of", () => {
    const plan: Run["plan"] = {
      checks: [{ ...check, speaksOf: ["service:acme"] }],
      substitutions: [
        { subject: "acme", kind: "stand-in", asked: "Let's Encrypt", got: "pebble", why: "no network", hides: ["service:acme"] },
      ],
    };
    expect(unknownOf({ plan })).toContain("nothing seen here can speak of service:acme: Let's Encrypt was replaced by pebble");
  });
  test("when its side file is not what the history says", () => {
    const body = observed(id, {
      type: "samples",
      observation: id,
      label: "ping",
      vantage: "public",
      probe: "http",
      target: "x",
      file: "samples/x.jsonl",
      count: 3,
      sha256: "0".repeat(64),
    });
    expect(unknownOf({ body })).toContain("no side file samples/x.jsonl");
    expect(unknownOf({ body, sideFile: () => [sampleOf({ status: 200 })] })).toBe(
      "samples/x.jsonl holds 1 samples, the history says 3",
    );
  });
  test("when a fault was applied that nobody saw bite", () => {
    const body = observed(
      id,
      ...fault(id, "intent", "applied", "removed", "heal-seen"),
      sampleEvent(id, "ping", sampleOf({ status: 200 })),
    );
    expect(unknownOf({ body })).toContain("nobody saw it bite");
  });
});

test("a fault that was seen to bite once and is applied again must be seen again", () => {
  const seenOnce = [
    ...fault(id, "intent", "applied", "effect-seen", "heal-seen"),
    ...fault(id, "intent", "applied", "heal-seen"),
  ];
  const document = judge({ body: observed(id, ...seenOnce, sampleEvent(id, "ping", sampleOf({ status: 200 }))) });
  expect(of(document, id).reason).toContain("nobody saw it bite");
});

test("a need that came up and was killed later is judged as it was when the observation started", () => {
  const document = judge({ body: [...ping(200), ...dead("traefik").slice(1)] });
  expect(of(document, id).verdict).toBe("pass");
  expect(of(document, "up/traefik").verdict).toBe("fail");
});

describe("up/<service>", () => {
  test("fails with everything a person asks first", () => {
    const judged = of(judge({ services: dead("traefik") }), "up/traefik");
    expect(judged.verdict).toBe("fail");
    for (const part of [
      "state failed",
      "exit code 1",
      "3 restarts",
      "answers 200 on /ping",
      "connection refused",
      "no such file or directory",
    ]) {
      expect(judged.reason).toContain(part);
    }
  });
  test("is unknown when nothing, or no end, was recorded", () => {
    expect(of(judge({ services: [] }), "up/traefik").verdict).toBe("unknown");
    expect(of(judge({ services: up("traefik").slice(0, 1) }), "up/traefik")).toMatchObject({
      verdict: "unknown",
      reason: "created, but never seen ready",
    });
  });
  test("does not apply to what is not reproduced, and what needs that is unknown", () => {
    const document = judge({ plan: { services: [{ ...service("traefik"), source: "not-reproduced" }] }, services: [] });
    expect(of(document, "up/traefik").verdict).toBe("not-applicable");
    expect(of(document, id).reason).toContain("is not reproduced here");
  });
});

describe("the run itself", () => {
  test.each(["deadline", "interrupted", "crashed"] as const)("never passes when it ended by %s", (reason) => {
    const document = judge({ end: [teardown, { type: "run-ended", reason }] });
    expect(document.verdict).toBe("unknown");
    expect(document.exitCode).toBe(reason === "interrupted" ? 130 : 2);
    expect(document.ended.reason).toBe(reason);
  });
  test("never passes when its end is missing", () => {
    expect(judge({ end: [] })).toMatchObject({ verdict: "unknown", exitCode: 2, ended: { reason: "missing" } });
  });
  test("names a failure before the deadline that cut it short", () => {
    const document = judge({ body: ping(502), end: [{ type: "run-ended", reason: "deadline" }] });
    expect(document).toMatchObject({ verdict: "fail", exitCode: 1 });
    expect(document.cause).toMatch(/^layer1\/ping: status is 200 \(met 502\).*the deadline came/);
  });
  test("fails when something was left behind", () => {
    const document = judge({ end: [{ type: "teardown", left: ["container abc"], durationMs: 1 }, searched, completed] });
    expect(document).toMatchObject({ verdict: "fail", cause: "run/clean: left behind: container abc" });
  });
  test("fails when our own artifacts hold a secret, and names the place", () => {
    const leaked = { ...searched, data: [{ file: "logs/vault.log", name: "vault/root", line: 3 }] } as EventBody;
    expect(judge({ end: [teardown, leaked, completed] })).toMatchObject({
      verdict: "fail",
      cause: "run/no-secrets: our own artifacts hold secrets: vault/root in logs/vault.log, line 3",
    });
  });
  test("is unknown when a gate did not search its folder for secrets", () => {
    expect(of(judge({ end: [teardown, completed] }), "run/no-secrets").verdict).toBe("unknown");
  });
  test("is unknown when a gate recorded no teardown", () => {
    expect(of(judge({ end: [completed] }), "run/clean").verdict).toBe("unknown");
  });
  test("fails when a fault was applied and never undone", () => {
    const body = [...ping(200), ...fault("chaos", "intent", "applied", "effect-seen")];
    expect(judge({ body })).toMatchObject({
      verdict: "fail",
      cause: "run/faults-undone: applied and never undone: kill-vault (chaos)",
    });
  });
  test("fails when undoing failed", () => {
    const body = [...ping(200), ...fault("chaos", "intent", "applied", "effect-seen", "failed")];
    expect(judge({ body }).verdict).toBe("fail");
  });
  test("is unknown when a fault was announced and the harness died", () => {
    expect(of(judge({ body: [...ping(200), ...fault("chaos", "intent")] }), "run/faults-undone").verdict).toBe("unknown");
  });
  test("is unknown when a fault was removed and nobody saw it heal", () => {
    const body = [...ping(200), ...fault("chaos", "intent", "applied", "effect-seen", "removed")];
    expect(of(judge({ body }), "run/faults-undone").reason).toContain("not seen to heal");
  });
  test("passes when every fault is undone and healed", () => {
    const body = [...ping(200), ...fault("chaos", "intent", "applied", "effect-seen", "removed", "heal-seen")];
    expect(of(judge({ body }), "run/faults-undone").verdict).toBe("pass");
  });
  test("is unknown when a party does not stand: that says nothing of the candidate", () => {
    const party: EventBody[] = [
      { type: "party", party: "postgres", state: "starting" },
      { type: "party", party: "postgres", state: "failed", detail: "port taken" },
    ];
    const document = judge({ services: [...party, ...up("traefik")], plan: { checks: [{ ...check, needs: ["postgres"] }] } });
    expect(document.verdict).toBe("unknown");
    expect(document.cause).toContain("postgres (a party) is not there: the harness could not start it: port taken");
    expect(of(document, id).reason).toContain("needs postgres, which did not come up");
  });
});

describe("the baseline", () => {
  const accepting = (until: string) => [{ check: id, owner: "ops", reason: "vantage to come", until }];
  test("accepts an unknown until its last day", () => {
    const document = judge({ body: [], plan: { baseline: accepting("2026-11-22") } });
    expect(document.verdict).toBe("pass");
    expect(of(document, id)).toMatchObject({ verdict: "unknown", accepted: { owner: "ops", until: "2026-11-22" } });
    expect(document.cause).toContain("1 unknown accepted");
    expect(document.counts).toMatchObject({ unknown: 0, accepted: 1 });
  });
  test("accepts nothing on the day after, and says so", () => {
    const document = judge({ body: [], plan: { baseline: accepting("2026-11-21") } });
    expect(document.verdict).toBe("unknown");
    expect(document.findings).toContainEqual(expect.objectContaining({ rule: "baseline/expired", place: id }));
  });
  test("never accepts a failure", () => {
    expect(judge({ body: ping(500), plan: { baseline: accepting("2030-01-01") } }).verdict).toBe("fail");
  });
  test("never accepts that the run did not complete", () => {
    const baseline = [{ check: "run/completed", owner: "ops", reason: "hm", until: "2030-01-01" }];
    const document = judge({ plan: { baseline }, end: [] });
    expect(document.verdict).toBe("unknown");
    expect(of(document, "run/completed").accepted).toBeUndefined();
  });
  test("is told of an entry that accepts what passes", () => {
    expect(judge({ plan: { baseline: accepting("2030-01-01") } }).findings).toContainEqual(
      expect.objectContaining({ rule: "baseline/idle" }),
    );
  });
  test("accepts a finding by its rule", () => {
    const plan: Run["plan"] = {
      findings: [{ rule: "redis/no-password", place: "redis", what: "it has none" }],
      baseline: [{ finding: "redis/no-password", owner: "ops", reason: "known", until: "2030-01-01" }],
    };
    expect(judge({ plan }).findings[0]).toMatchObject({ accepted: { owner: "ops" } });
  });
  test("keeps which finding is new, and against which run", () => {
    const known = { rule: "static/x", place: "a", what: "it is" };
    const document = judge({ plan: { findings: [known, { ...known, place: "b", since: "new" }], comparedWith: "earlier" } });
    expect(document.findings.filter((one) => one.since === "new").map((one) => one.place)).toEqual(["b"]);
    expect(document.comparedWith).toBe("earlier");
    expect("comparedWith" in judge({ plan: {} })).toBe(false);
  });
});

describe("the cause", () => {
  const three = [service("vault"), service("traefik", "layer1", ["vault"]), service("redis", "layer2")];
  test("is the dead service that the other dead ones need, before the checks that are unknown for it", () => {
    const document = judge({
      plan: { services: three },
      services: [...dead("traefik"), ...dead("vault"), ...up("redis", "layer2")],
    });
    expect(document.cause).toMatch(
      /^vault did not come up: waited for "answers 200 on \/ping", met connection refused; state failed, exit code 1/,
    );
    expect(document.cause).toContain("1 more failed, 1 unknown");
  });
  test("is the service at the bottom, even when more need the one above it", () => {
    const tower = [service("b", "layer1", ["a"]), service("a"), service("c", "layer1", ["b"]), service("d", "layer1", ["b"])];
    const document = judge({
      plan: { services: [...tower, service("traefik")] },
      services: [...["b", "a", "c", "d"].flatMap((name) => dead(name)), ...up("traefik")],
    });
    expect(document.cause).toMatch(/^a did not come up/);
  });
  test("is in the earliest tier", () => {
    const document = judge({
      plan: { services: three },
      services: [...up("vault"), ...up("traefik"), ...dead("redis", "layer2")],
      body: ping(502),
    });
    expect(document.cause).toMatch(/^layer1\/ping/);
  });
  test("is one line", () => {
    const document = judge({ judge: (seen) => ({ verdict: "fail", reason: `first\nsecond ${seen.samples().length}` }) });
    expect(document.cause).toBe("layer1/ping: first second 1");
  });
});

describe("an objective", () => {
  const objective: Objective = { id: "api-p95", subject: "api", unit: "ms", limit: 500, source: "OPERATIONS_RUNBOOK.md" };
  const measuring =
    (value: number, n = 100): Judge =>
    (seen) => ({ ...statusIs200(seen), measured: [{ objective: "api-p95", value, n }] });
  test("passes within its limit, with value and n", () => {
    const document = judge({ plan: { objectives: [objective] }, judge: measuring(500) });
    expect(document.objectives).toEqual([{ ...objective, value: 500, n: 100, verdict: "pass" }]);
  });
  test("fails its check beyond the limit, whatever the judge says", () => {
    const document = judge({ plan: { objectives: [objective] }, judge: measuring(501) });
    expect(document.objectives[0]?.verdict).toBe("fail");
    expect(document.cause).toContain("api-p95 is 501 ms, promised at most 500");
  });
  test("is as bad as the worst of several measurements", () => {
    const twice: Judge = (seen) => ({
      ...statusIs200(seen),
      measured: [100, 300, 200].map((value) => ({ objective: "api-p95", value, n: value })),
    });
    expect(judge({ plan: { objectives: [objective] }, judge: twice }).objectives[0]).toMatchObject({ value: 300, n: 300 });
  });
  test("is unknown when nobody measured it, or on no samples", () => {
    expect(judge({ plan: { objectives: [objective] } }).objectives[0]).toMatchObject({ verdict: "unknown" });
    const document = judge({ plan: { objectives: [objective] }, judge: measuring(1, 0) });
    expect(document.objectives[0]?.verdict).toBe("unknown");
    expect(of(document, id).verdict).toBe("unknown");
  });
});

test("what does not apply is shown with its reason and decides nothing", () => {
  const document = judge({ plan: { notApplicable: [{ check: "layer2/dgraph-closed", why: "the candidate has no Dgraph" }] } });
  expect(document.verdict).toBe("pass");
  expect(of(document, "layer2/dgraph-closed")).toMatchObject({
    verdict: "not-applicable",
    tier: "layer2",
    service: "dgraph-closed",
  });
});
