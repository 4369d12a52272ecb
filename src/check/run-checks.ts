import type { EventOf, HistoryEvent, PlannedService } from "../history/events.ts";
import type { JudgedCheck } from "./verdict.ts";

type Outcome = Pick<JudgedCheck, "verdict" | "reason"> & Partial<Pick<JudgedCheck, "expected" | "observed" | "durationMs">>;

/** What the run itself promises, judged like everything else: it ended by itself, its parties stood, its faults are undone, nothing is left. */
export function judgeRun(events: readonly HistoryEvent[], services: readonly PlannedService[]): JudgedCheck[] {
  const parties = partiesOf(events).filter((party) => !services.some((service) => service.name === party));
  return [
    ...parties.map((party) =>
      check(`up/${party}`, party, `${party} stands (a party outside Sprocket's Swarm)`, partyUp(events, party)),
    ),
    check("run/completed", "run", "the run ended by itself, with a plan", completed(events)),
    ...steady(events),
    check("run/faults-undone", "run", "every fault that was applied is undone and healed", faultsUndone(events)),
    check(secretScan.observation, "run", "no secret stands in the run's own artifacts", noSecrets(events)),
    check("run/clean", "run", "nothing of the run is left behind", clean(events)),
  ];
}

function check(id: string, service: string, title: string, outcome: Outcome): JudgedCheck {
  return {
    id,
    tier: "run",
    service,
    effect: "observe",
    title,
    verdict: outcome.verdict,
    reason: outcome.reason,
    expected: outcome.expected ?? "",
    observed: outcome.observed ?? "",
    durationMs: outcome.durationMs ?? 0,
    observation: "",
  };
}

function partiesOf(events: readonly HistoryEvent[]): string[] {
  return [...new Set(events.flatMap((event) => (event.type === "party" ? [event.party] : [])))];
}

/** A party is the harness's to provide: one that does not stand says nothing of the candidate, so the run is unknown, not failed. */
function partyUp(events: readonly HistoryEvent[], party: string): Outcome {
  const mine = events.filter((event) => event.type === "party" && event.party === party) as EventOf<"party">[];
  const ready = mine.find((event) => event.state === "ready");
  const last = mine.at(-1);
  const expected = `${party} is ready`;
  if (last?.state === "ready") {
    const durationMs = Math.round((ready?.t ?? last.t) - (mine[0]?.t ?? last.t));
    return {
      verdict: "pass",
      reason: `ready after ${(durationMs / 1000).toFixed(1)} s`,
      expected,
      observed: "ready",
      durationMs,
    };
  }
  const reason =
    last?.state === "failed"
      ? `the harness could not start it: ${last.detail ?? "no more is recorded"}`
      : "it was never seen ready";
  return { verdict: "unknown", reason, expected, observed: last?.state ?? "" };
}

function completed(events: readonly HistoryEvent[]): Outcome {
  const ended = events.findLast((event) => event.type === "run-ended");
  const expected = "the run plans its checks and ends by itself";
  if (!ended)
    return {
      verdict: "unknown",
      reason: "the history stops before the run's end: the harness died",
      expected,
      observed: "no end",
    };
  const detail = ended.detail ? `: ${ended.detail}` : "";
  const words = {
    deadline: "the deadline came before the end",
    interrupted: "the run was interrupted",
    crashed: "the harness crashed",
  } as const;
  if (ended.reason !== "completed")
    return { verdict: "unknown", reason: `${words[ended.reason]}${detail}`, expected, observed: ended.reason };
  const planned = events.some((event) => event.type === "planned" && (event.checks.length > 0 || event.services.length > 0));
  if (!planned)
    return { verdict: "unknown", reason: "nothing was planned, so nothing was judged", expected, observed: "no plan" };
  return { verdict: "pass", reason: "completed", expected, observed: "completed" };
}

/** Every service that came up answers, before the checks that hurt and after each: judged where a run that came to its end looked. */
function steady(events: readonly HistoryEvent[]): JudgedCheck[] {
  const looks = events.filter(
    (event) => event.type === "phase" && event.phase === "steady" && event.state === "ended",
  ) as EventOf<"phase">[];
  if (looks.length === 0 || events.findLast((event) => event.type === "run-ended")?.reason !== "completed") return [];
  const trouble = looks.flatMap((look) => look.detail ?? []);
  const expected = "each service that came up answers, and each routed host is known";
  const outcome: Outcome =
    trouble.length === 0
      ? { verdict: "pass", reason: `steady each of ${looks.length} times`, expected, observed: "steady" }
      : {
          verdict: "fail",
          reason: `not steady: ${trouble.join("; ")}`,
          expected,
          observed: `${trouble.length} of ${looks.length} not steady`,
        };
  return [check("run/steady", "run", "the replica is steady before and after what is done to it", outcome)];
}

/** "A red undo is a red run." A fault that was applied must be removed, or seen to heal; one that was removed must be seen healed to count. */
function faultsUndone(events: readonly HistoryEvent[]): Outcome {
  const open = new Map<string, EventOf<"fault">>();
  const failed = new Map<string, string>();
  const unhealed = new Set<string>();
  let faults = 0;
  for (const event of events) {
    if (event.type !== "fault") continue;
    const key = `${event.fault} (${event.observation})`;
    if (event.step === "intent" || event.step === "applied") {
      faults += event.step === "applied" ? 1 : 0;
      open.set(key, event);
      failed.delete(key);
    } else if (event.step === "removed") {
      open.delete(key);
      unhealed.add(key);
    } else if (event.step === "heal-seen") {
      open.delete(key);
      unhealed.delete(key);
    } else if (event.step === "failed") failed.set(key, JSON.stringify(event.detail));
  }
  const expected = "each applied fault is removed, and seen to heal";
  const left = [...open]
    .filter(([, event]) => event.step === "applied")
    .map(([key]) => `${key}${failed.has(key) ? `: ${failed.get(key)}` : ""}`);
  if (left.length > 0)
    return { verdict: "fail", reason: `applied and never undone: ${left.join("; ")}`, expected, observed: `${left.length} left` };
  const perhaps = [...open.keys()].filter((key) => !failed.has(key));
  if (perhaps.length > 0) {
    return {
      verdict: "unknown",
      reason: `announced, and perhaps applied: ${perhaps.join("; ")}`,
      expected,
      observed: "intent without an end",
    };
  }
  if (unhealed.size > 0) {
    return {
      verdict: "unknown",
      reason: `removed, but not seen to heal: ${[...unhealed].join("; ")}`,
      expected,
      observed: "no heal-seen",
    };
  }
  if (faults === 0) return { verdict: "not-applicable", reason: "no fault was applied" };
  return {
    verdict: "pass",
    reason: `${faults} fault${faults === 1 ? "" : "s"} undone and healed`,
    expected,
    observed: "all undone",
  };
}

/** The fact in which a run records what was found when its own folder was searched for its secrets; data: list of `LeakedSecret`. */
export const secretScan = { observation: "run/no-secrets", fact: "leaked" } as const;

function noSecrets(events: readonly HistoryEvent[]): Outcome {
  const scan = events.findLast(
    (event) => event.type === "fact" && event.observation === secretScan.observation && event.name === secretScan.fact,
  );
  const expected = "no secret is found in the run's folder";
  if (scan?.type === "fact" && Array.isArray(scan.data)) {
    const leaks = scan.data as { file: string; name: string; line: number }[];
    if (leaks.length === 0)
      return { verdict: "pass", reason: "the run's folder was searched, and holds none", expected, observed: "none" };
    const places = leaks.map((leak) => `${leak.name} in ${leak.file}, line ${leak.line}`);
    return {
      verdict: "fail",
      reason: `our own artifacts hold secrets: ${places.join("; ")}`,
      expected,
      observed: `${leaks.length} found`,
    };
  }
  const started = events.find((event) => event.type === "run-started");
  if (started && leavesNothing.test(started.command)) {
    return { verdict: "unknown", reason: "the run's folder was not searched for secrets", expected };
  }
  return { verdict: "not-applicable", reason: "no secrets were made in this run" };
}

/** Phase in which a run hands its replica over, to be taken down by `down`. */
export const keptPhase = "kept";

/** Commands that make a replica with its secrets, and take down what they brought up. */
const leavesNothing = /^(gate|chaos(?! on )|drill|bench|mutate)\b/;

function clean(events: readonly HistoryEvent[]): Outcome {
  const teardown = events.findLast((event) => event.type === "teardown");
  const expected = "nothing is left";
  if (teardown) {
    const durationMs = Math.round(teardown.durationMs);
    if (teardown.left.length === 0)
      return { verdict: "pass", reason: "everything was taken down", expected, observed: "nothing left", durationMs };
    return {
      verdict: "fail",
      reason: `left behind: ${teardown.left.join(", ")}`,
      expected,
      observed: `${teardown.left.length} left`,
      durationMs,
    };
  }
  if (events.some((event) => event.type === "phase" && event.phase === keptPhase && event.state === "ended")) {
    return { verdict: "not-applicable", reason: "the replica is kept on purpose: `down` takes it down" };
  }
  const started = events.find((event) => event.type === "run-started");
  if (started && leavesNothing.test(started.command)) {
    return { verdict: "unknown", reason: "no teardown was recorded", expected, observed: "" };
  }
  return { verdict: "not-applicable", reason: "nothing was to be taken down" };
}
