/** One thing that the preflight looked at: what was met, and what to do about it. Same shape as in the history's `preflight` event. */
export interface PreflightFinding {
  /** Stable, such as "disk"; docs/hosts.md explains each. */
  id: string;
  /** `error`: a replica cannot run here; `warning`: it may not, or something is not tested; `info`: a fact. */
  severity: "info" | "warning" | "error";
  /** One sentence with the value met. */
  what: string;
  cure?: string;
}
