import type { Tier } from "../../history/events.ts";
import type { Role } from "../types.ts";

/**
 * What the reference adds to a service that the program registers: what it is, what it needs to work (facts sheet, sections 1.2 to 1.4 and 8, and what its
 * config addresses), and the values that the recorded program leaves out.
 */
export interface ReferenceEntry {
  role: Role;
  needs: string[];
  /** Also part of profile `core`. */
  core?: true;
  /** Tier, where it is not its stack's. */
  tier?: Tier;
  /** Values of variables whose recorded value is "<value>". */
  env?: Record<string, string>;
  /** Name of the secret whose value stands where the recorded arguments say "<secret>". */
  password?: string;
}

/** Entries by Swarm's name of the service, in the order in which the candidate lists them. */
export type ReferenceEntries = Readonly<Record<string, ReferenceEntry>>;
