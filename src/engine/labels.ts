/** Everything of a run carries these labels; the reaper and `sweep` go by them and touch nothing else. */
export const runLabel = "sprocket-resilience.run";
export const kindLabel = "sprocket-resilience.kind";
/** Process id and boot id of the runner, so that `sweep` knows a live run from a dead one. */
export const runnerLabel = "sprocket-resilience.runner";

export type Kind = "node" | "vantage" | "party" | "network" | "helper" | "store";

export function labelsOf(runId: string, kind: Kind, runner: string): Record<string, string> {
  return { [runLabel]: runId, [kindLabel]: kind, [runnerLabel]: runner };
}
