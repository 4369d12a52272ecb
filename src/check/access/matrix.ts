import type { AccessMode, ExpectationSet } from "../../history/access.ts";
import type { Tier } from "../../history/events.ts";

/**
 * What a client met, or should meet: `answers`, the right service's own answer; `not-found`, the entry point's own 404; `closed`, forward-auth or
 * policy refuses as it should; `other`, anything else (nobody listens, a wrong certificate, another service's answer).
 */
export const outcomes = ["answers", "not-found", "closed", "other"] as const;
export type Outcome = (typeof outcomes)[number];

/** One question of one client: a route, asked in one mode, by one kind of name. */
export interface AccessCell {
  /** Id of a route of the matrix. */
  route: string;
  mode: AccessMode;
  /** URL or tcp target as the client typed it. */
  asked: string;
  /** How the client names it: `name`, the route's own host name (by hosts file or DNS); `address`, the mode's own name or address. */
  by: "name" | "address";
  expected: Record<ExpectationSet, Outcome>;
  /** Absent: not known. */
  met?: Outcome;
  verdict: Record<ExpectationSet, "pass" | "fail" | "unknown">;
  /** One sentence. */
  reason: string;
  /** Recorded faults that explain what was met, `R-1` to `R-12` (recorded-faults.ts). */
  faults: string[];
  /** What the probe recorded, in words for people; a field that it did not record is absent. */
  details: {
    /** Address that the client spoke from. */
    source?: string;
    /** Who resolved the name. */
    resolver?: string;
    /** Addresses that it gave. */
    answers?: string[];
    /** Address and port that were reached. */
    peer?: string;
    /** Status of the answer over HTTP. */
    status?: number;
    /** The chain that was shown: subject, issuer, validity. */
    certificate?: string;
    /** What went wrong on the way, as the probe met it. */
    trouble?: string;
    tlsVersion?: string;
  };
  /** Milliseconds; a phase that was not reached is absent. */
  phasesMs?: { dns?: number; connect?: number; tls?: number; firstByte?: number; total: number };
}

/** A mode as a client: where it stands, who resolves its names, and what it trusts. */
export interface AccessModeClient {
  mode: AccessMode;
  /** Source network. */
  from: string;
  resolver: string;
  trust: string;
  /** False: nobody looked from there, and `why` says so. */
  looked: boolean;
  why?: string;
}

/** A route of the candidate. */
export interface MatrixRoute {
  id: string;
  title: string;
  service: string;
  tier: Tier;
  protocol: "http" | "tcp";
  /** False: the replica does not reproduce its service, so that all its cells are unknown; `why` says so. */
  known: boolean;
  why?: string;
}

/** Every route in every mode. `cells` has up to two of a route and mode, by name and by address; what nobody asked has none. */
export interface AccessMatrix {
  decides: ExpectationSet;
  modes: AccessModeClient[];
  routes: MatrixRoute[];
  cells: AccessCell[];
}
