import type { AmqpProbe, LedgerStore } from "../engine/agent-protocol.ts";
import type { GaugeCounts, Standing } from "../history/experiment.ts";
import type { Sample } from "../history/sample.ts";
import type { TargetView, Watched, WritePlace } from "./context.ts";

/** What a client of an experiment asks for, and what it takes for a good answer; the runner goes on by it, and the judges judge by it. */
export interface ExperimentClient {
  /** "GraphQL through Traefik", for reports. */
  title: string;
  request(target: TargetView): Watched | AmqpProbe;
  good(sample: Sample): boolean;
}

/** A store that takes numbered writes, and where they are written from. */
export interface ExperimentLedger {
  title: string;
  /** Where the writer stands; in the network namespace of a role's task that outlives the experiment, or where the store's clients are. */
  from: Standing;
  /** What an acknowledgement of this store means, in one sentence. */
  acknowledgement: string;
  store(target: TargetView): LedgerStore;
  /** Makes what the writes go into. */
  prepare?(place: WritePlace, target: TargetView): Promise<void>;
  /** Removes it again. */
  remove?(place: WritePlace, target: TargetView): Promise<void>;
}

/** Counts that a store tells of itself, asked for once a second while an experiment lasts. */
export interface ExperimentGauge {
  title: string;
  unit: "connections" | "messages";
  /** Where it may stand; the first that the experiment is not about to end. */
  from: readonly Standing[];
  request(target: TargetView): Watched;
  /** Undefined when the sample does not tell. */
  read(sample: Sample): GaugeCounts | undefined;
}

/** By the names that experiments use; gauges are read in every experiment. */
export interface ExperimentTables {
  gauges: Readonly<Record<string, ExperimentGauge>>;
  clients: Readonly<Record<string, ExperimentClient>>;
  ledgers: Readonly<Record<string, ExperimentLedger>>;
}
