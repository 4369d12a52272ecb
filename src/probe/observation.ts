import type { Role } from "../candidate/types.ts";
import type { ObservationRef, Tier } from "../history/events.ts";
import type { DisruptContext, ObserveContext, WriteContext } from "./context.ts";

/** A service by its role, an external party, a way for clients to a role's service, any HTTP route to a service of a tier, or what is brought up only when asked for. */
export type Need = Role | PartyNeed | `route:${Role}` | `routes:${Tier}` | AskedNeed;
type PartyNeed = "party:postgres" | "party:s3" | "party:acme";
/** What a replica has only for whoever asks: an access mode, a disk of the node's own. */
export type AskedNeed = "mode:tailscale" | "node:data-disk";

/** Whether a need is a service; all others are had or not had by the candidate as it is written, or brought up for it. */
export function isServiceNeed(need: string): boolean {
  return !need.includes(":");
}

/** An observation as a suite registers it: what it needs, what it may do, and how it acts. */
export interface ObservationDefinition extends ObservationRef {
  needs: Need[];
  /** Longest time that `collect` may take, milliseconds. */
  withinMs: number;
  /** Runs with nothing else beside it, though it only observes: a measurement of speed. */
  alone: boolean;
  /** Runs after all others, disruptions too, whatever they left behind. */
  last: boolean;
  /** An experiment: `chaos` runs it, a gate does not. */
  experiment: boolean;
  run(context: DisruptContext): Promise<void>;
}

interface Common {
  tier: Tier;
  /** Services by role; one that did not come up is named and the checks are unknown. What the candidate does not have makes them not applicable. */
  needs: Need[];
  withinMs?: number;
  alone?: boolean;
  last?: boolean;
}

type Observe = Common & { effect: "observe"; collect: (context: ObserveContext) => Promise<void> };
type Write = Common & { effect: "write"; collect: (context: WriteContext) => Promise<void> };
type Disrupt = Common & { effect: "disrupt"; experiment?: boolean; collect: (context: DisruptContext) => Promise<void> };

const registry = new Map<string, ObservationDefinition>();

/**
 * Registers an observation. `effect` narrows by type what `collect` may do: `observe` can neither post, nor write, nor hurt.
 * `collect` acts and returns nothing: all that it saw is in the history.
 */
export function observation(id: string, options: Observe | Write | Disrupt): ObservationDefinition {
  if (registry.has(id)) throw new Error(`two observations are called ${id}`);
  const definition: ObservationDefinition = {
    id,
    tier: options.tier,
    needs: options.needs,
    effect: options.effect,
    withinMs: options.withinMs ?? 60_000,
    alone: options.alone ?? false,
    last: options.last ?? false,
    experiment: options.effect === "disrupt" && (options.experiment ?? false),
    run: options.collect as (context: DisruptContext) => Promise<void>,
  };
  registry.set(id, definition);
  return definition;
}

export function observations(): ObservationDefinition[] {
  return [...registry.values()];
}
