import type { EventOf, Finding } from "../../history/events.ts";
import { experimentFacts, type GaugeCounts, type GaugesRead } from "../../history/experiment.ts";
import type { Sample } from "../../history/sample.ts";
import type { Seen } from "../check.ts";
import { hurtOf, onClientClock, type Story } from "./story.ts";

/** How a judge reads the samples of a gauge. */
interface Gauge {
  unit: "connections" | "messages";
  read(sample: Sample): GaugeCounts | undefined;
}

export type Gauges = Readonly<Record<string, Gauge>>;

/** Share of a store's limit of connections from which on it is told. */
const nearLimit = 0.9;
/** Connections that are held more than before: beyond that many it is told. */
const moreConnections = 10;
/** Queues of the experiment's own clients and ledgers. */
const ours = /^sprocket-resilience/;

/** Connections in use and messages that wait: most before, most from the fault on, and at the end. Nobody promised numbers, so they are told and not judged. */
export function gaugesSeen(seen: Seen, story: Story, gauges: Gauges): { words: string[]; findings: Finding[] } {
  const read = seen.facts<GaugesRead>(experimentFacts.gauges).at(-1) ?? {};
  const words: string[] = [];
  const findings: Finding[] = [];
  for (const [name, { unit, read: counts }] of Object.entries(gauges)) {
    const standing = read[name];
    const samples = standing ? seen.samples(standing.label) : [];
    const faultNs = standing && onClientClock(seen, { from: standing.from }, hurtOf(story).announced).atNs;
    const told = faultNs === undefined ? undefined : course(samples, faultNs, counts);
    if (!told) {
      words.push(`${name}: ${unit} not counted`);
      continue;
    }
    const { before, most, end, limit } = told;
    words.push(`${name}: ${unit} ${sum(before)}, at most ${sum(most)}, at the end ${sum(end)}${limit ? ` of ${limit}` : ""}`);
    const remarked = unit === "messages" ? waiting : heldOrScarce;
    findings.push(...remarked(told, story.definition.name).map((one) => ({ ...one, place: name })));
  }
  return { words, findings };
}

type Remark = Omit<Finding, "place">;

function waiting({ ever, end }: Course, experiment: string): Remark[] {
  return Object.entries(end).flatMap(([queue, messages]) => {
    const most = ever[queue] ?? 0;
    if (messages <= most) return [];
    return [
      {
        rule: "resilience/messages-waiting",
        what: `${queue} holds ${messages} messages at the end of ${experiment}, ${most} at most before it`,
        cure: "See whether its consumer runs and is connected: nobody takes them.",
      },
    ];
  });
}

function heldOrScarce({ before, most, end, limit }: Course, experiment: string): Remark[] {
  const scarce = {
    rule: "resilience/connections-near-limit",
    what: `${sum(most)} of ${limit} connections were in use during ${experiment}`,
    cure: "Lower the pools of its clients, or raise the limit: the next client is refused.",
  };
  const held = {
    rule: "resilience/connections-held",
    what: `${sum(end)} connections are open at the end of ${experiment}, ${sum(before)} at most before it`,
    cure: "Let clients close what broke: shorter time-outs, keep-alive.",
  };
  return [
    ...(limit && sum(most) >= nearLimit * limit ? [scarce] : []),
    ...(sum(end) - sum(before) > moreConnections ? [held] : []),
  ];
}

type Counts = GaugeCounts["counts"];

interface Course {
  /** Of the moment before the fault that had most. */
  before: Counts;
  /** Of each by itself the most, whenever that was before the fault. */
  ever: Counts;
  /** Of the moment from the fault on that had most. */
  most: Counts;
  end: Counts;
  limit?: number;
}

/** Undefined when nothing was counted before the fault, or nothing after: then there is nothing to compare. */
function course(samples: readonly EventOf<"sample">[], faultNs: number, read: Gauge["read"]): Course | undefined {
  const told = samples
    .flatMap(({ sample }: { sample: Sample }) => {
      const counted = read(sample);
      return counted ? [{ due: sample.due, counts: others(counted.counts), limit: counted.limit }] : [];
    })
    .toSorted((a, b) => a.due - b.due);
  const earlier = told.filter(({ due }) => due < faultNs).map(({ counts }) => counts);
  const later = told.filter(({ due }) => due >= faultNs);
  const last = later.at(-1);
  if (earlier.length === 0 || !last) return undefined;
  const ever: Record<string, number> = {};
  for (const counts of earlier) for (const [name, count] of Object.entries(counts)) ever[name] = Math.max(ever[name] ?? 0, count);
  return {
    before: highest(earlier),
    ever,
    most: highest(later.map(({ counts }) => counts)),
    end: last.counts,
    ...(last.limit === undefined ? {} : { limit: last.limit }),
  };
}

/** Those of one moment, that with the highest sum: highs of different moments were never there together. */
function highest(moments: readonly Counts[]): Counts {
  return moments.reduce((most, one) => (sum(one) > sum(most) ? one : most));
}

function others(counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).filter(([name]) => !ours.test(name)));
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
