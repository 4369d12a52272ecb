import type { EventOf, HistoryEvent, PlannedService, ServiceTrouble } from "../history/events.ts";
import { troubleLine } from "./trouble.ts";
import type { JudgedCheck, JudgedService } from "./verdict.ts";

/** What the history says of one service or party over time. */
export interface Life {
  /** State just before the event `seq`; at the end of the history when undefined. */
  stateAt(seq: number | undefined): JudgedService["state"];
  /** From created to first ready, milliseconds. */
  readyMs?: number;
  /** Of the newest not-ready. */
  trouble?: ServiceTrouble;
}

/** The lives of all planned services, and of every party by its name (a check may need a party, too). */
export function livesOf(events: readonly HistoryEvent[], services: readonly PlannedService[]): Map<string, Life> {
  const lives = new Map<string, Life>();
  for (const event of events) {
    if (event.type === "party") lives.set(event.party, partyLife(events, event.party));
  }
  for (const service of services) lives.set(service.name, serviceLife(events, service));
  return lives;
}

function serviceLife(events: readonly HistoryEvent[], service: PlannedService): Life {
  const mine = events.filter((event) => event.type === "service" && event.service === service.name) as EventOf<"service">[];
  const created = mine[0];
  const ready = mine.find((event) => event.state === "ready");
  const trouble = mine.findLast((event) => event.trouble !== undefined)?.trouble;
  const before: JudgedService["state"] = service.source === "not-reproduced" ? "not-reproduced" : "never-created";
  return {
    stateAt: (seq) => mine.findLast((event) => seq === undefined || event.seq < seq)?.state ?? before,
    ...(created && ready ? { readyMs: Math.round(ready.t - created.t) } : {}),
    ...(trouble ? { trouble } : {}),
  };
}

function partyLife(events: readonly HistoryEvent[], party: string): Life {
  const mine = events.filter((event) => event.type === "party" && event.party === party) as EventOf<"party">[];
  const states = { starting: "created", ready: "ready", failed: "not-ready" } as const;
  return {
    stateAt: (seq) => {
      const last = mine.findLast((event) => seq === undefined || event.seq < seq);
      return last ? states[last.state] : "never-created";
    },
  };
}

/** The check that every planned service has by being planned: that it came up. */
export function judgeUp(service: PlannedService, lives: Map<string, Life>): JudgedCheck {
  const life = lives.get(service.name);
  const state = life?.stateAt(undefined) ?? "never-created";
  const check = {
    id: `up/${service.name}`,
    tier: service.tier,
    service: service.name,
    effect: "observe",
    title: `${service.name} comes up`,
  } as const;
  const rest = { durationMs: life?.readyMs ?? 0, observation: "" };
  const expected = `${service.name} is ready`;
  switch (state) {
    case "ready":
      return { ...check, verdict: "pass", reason: `ready after ${seconds(life?.readyMs)}`, expected, observed: "ready", ...rest };
    case "not-ready": {
      const trouble = life?.trouble ? troubleLine(life.trouble) : "no more is recorded";
      const wanted = life?.trouble ? `${expected}: ${life.trouble.condition}` : expected;
      return {
        ...check,
        verdict: "fail",
        reason: `did not come up: ${trouble}`,
        expected: wanted,
        observed: life?.trouble?.met ?? "not ready",
        ...rest,
      };
    }
    case "not-reproduced":
      return {
        ...check,
        verdict: "not-applicable",
        reason: "not reproduced: nothing of it runs here",
        expected: "",
        observed: "",
        ...rest,
      };
    case "never-created":
      return { ...check, verdict: "unknown", reason: "planned, but nothing of it was recorded", expected, observed: "", ...rest };
    default:
      return { ...check, verdict: "unknown", reason: `${state}, but never seen ready`, expected, observed: state, ...rest };
  }
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? "an unknown time" : `${(ms / 1000).toFixed(1)} s`;
}
