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
    const { before, ever, most, end, limit } = told;
    words.push(`${name}: ${unit} ${sum(before)}, at most ${sum(most)}, at the end ${sum(end)}${limit ? ` of ${limit}` : ""}`);
    const experiment = story.definition.name;
    const tell = (rule: string, what: string, cure: string) => findings.push({ rule, place: name, what, cure });
    if (unit === "messages") {
      for (const [queue, waiting] of Object.entries(end))
        if (waiting > (ever[queue] ?? 0))
          tell(
            "resilience/messages-waiting",
            `${queue} holds ${waiting} messages at the end of ${experiment}, ${ever[queue] ?? 0} at most before it`,
            "See whether its consumer runs and is connected: nobody takes them.",
          );
      continue;
    }
    if (limit && sum(most) >= nearLimit * limit)
      tell(
        "resilience/connections-near-limit",
        `${sum(most)} of ${limit} connections were in use during ${experiment}`,
        "Lower the pools of its clients, or raise the limit: the next client is refused.",
      );
    if (sum(end) - sum(before) > moreConnections)
      tell(
        "resilience/connections-held",
        `${sum(end)} connections are open at the end of ${experiment}, ${sum(before)} at most before it`,
        "Let clients close what broke: shorter time-outs, keep-alive.",
      );
  }
  return { words, findings };
}

type Counts = GaugeCounts["counts"];

/** Undefined when nothing was counted before the fault, or nothing after: then there is nothing to compare. */
function course(
  samples: readonly EventOf<"sample">[],
  faultNs: number,
  read: Gauge["read"],
): { before: Counts; ever: Counts; most: Counts; end: Counts; limit?: number } | undefined {
  const told = samples
    .map(({ sample }: { sample: Sample }) => ({ due: sample.due, read: read(sample) }))
    .flatMap(({ due, read }) => (read ? [{ due, ...read }] : []))
    .toSorted((a, b) => a.due - b.due);
  const earlier = told.filter(({ due }) => due < faultNs);
  const later = told.filter(({ due }) => due >= faultNs);
  const last = later.at(-1);
  if (earlier.length === 0 || !last) return undefined;
  return {
    before: highest(earlier),
    // Of each by itself, whenever that was before the fault.
    ever: earlier.reduce<Record<string, number>>((most, { counts }) => {
      for (const [name, count] of Object.entries(counts)) most[name] = Math.max(most[name] ?? 0, count);
      return most;
    }, {}),
    most: highest(later),
    end: own(last.counts),
    ...(last.limit === undefined ? {} : { limit: last.limit }),
  };
}

/** Those of one moment, that with the highest sum: highs of different moments were never there together. */
function highest(told: readonly { counts: Counts }[]): Counts {
  const all = told.map(({ counts }) => own(counts));
  return all.reduce((most, one) => (sum(one) > sum(most) ? one : most));
}

function own(counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).filter(([name]) => !ours.test(name)));
}

function sum(counts: Counts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
