import type { EventOf, HistoryEvent, Objective } from "../history/events.ts";
import type { Sample } from "../history/sample.ts";
import { NotSeen, type Seen } from "./check.ts";

/** Samples of a side file by its name; throws when the file is not what its event says. */
export type SideFile = (name: string) => Sample[];

/** What a judge looked at: a judge that passes without having looked at anything has judged nothing. */
export interface Looks {
  /** Something was asked for and was there. */
  anything: boolean;
  /** Asked for samples, and there were none: `every` of nothing is true, and no verdict. */
  emptySamples: string[];
}

/** The view of one observation that a judge gets, and the record of what it looked at. */
export function seenOf(observation: string, history: readonly HistoryEvent[], sideFile: SideFile): { seen: Seen; looks: Looks } {
  const looks: Looks = { anything: false, emptySamples: [] };
  const mine = history.filter((event) => "observation" in event && event.observation === observation);

  const samples = (label?: string): EventOf<"sample">[] => {
    const met: EventOf<"sample">[] = [];
    for (const event of mine) {
      if (event.type !== "sample" && event.type !== "samples") continue;
      if (label !== undefined && event.label !== label) continue;
      if (event.type === "sample") met.push(event);
      else met.push(...denseSamples(event, sideFile));
    }
    if (met.length > 0) looks.anything = true;
    else looks.emptySamples.push(label ?? "any label");
    return met;
  };

  const facts = <T>(name: string): T[] => {
    const met = mine
      .filter((event) => event.type === "fact" && event.name === name)
      .map((event) => (event as EventOf<"fact">).data as T);
    if (met.length > 0) looks.anything = true;
    return met;
  };

  const seen: Seen = {
    samples,
    sample(label) {
      const met = samples(label);
      if (met.length === 1) return met[0] as EventOf<"sample">;
      throw new NotSeen(
        met.length === 0
          ? `no sample "${label}" of ${observation} was recorded`
          : `${met.length} samples "${label}" were recorded instead of one`,
      );
    },
    fact<T>(name: string): T {
      const met = facts<T>(name);
      if (met.length === 0) throw new NotSeen(`no fact "${name}" of ${observation} was recorded`);
      return met.at(-1) as T;
    },
    facts,
    faults() {
      const met = mine.filter((event) => event.type === "fault");
      if (met.length > 0) looks.anything = true;
      return met;
    },
    get history() {
      looks.anything = true;
      return history;
    },
    objective(id): Objective {
      for (const event of history) {
        const met = event.type === "planned" ? event.objectives.find((objective) => objective.id === id) : undefined;
        if (met) return met;
      }
      throw new NotSeen(`the objective "${id}" was not planned`);
    },
  };
  return { seen, looks };
}

function denseSamples(event: EventOf<"samples">, sideFile: SideFile): EventOf<"sample">[] {
  let dense: Sample[];
  try {
    dense = sideFile(event.file);
  } catch (error) {
    throw new NotSeen((error as Error).message);
  }
  if (dense.length !== event.count)
    throw new NotSeen(`${event.file} holds ${dense.length} samples, the history says ${event.count}`);
  const { seq, t, at, observation, label, vantage, probe, target } = event;
  return dense.map((sample) => ({ seq, t, at, type: "sample", observation, label, vantage, probe, target, sample }));
}
