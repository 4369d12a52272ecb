/** Scripts of `load/`; what each does, and what it needs to be told, is in docs/measuring.md. */
export const k6Scripts = ["steady", "ten-times", "ramp", "soak", "login", "graphql-mix", "scrim", "web"] as const;
export type K6Script = (typeof k6Scripts)[number];

/** What k6 is asked to do on a replica, whose addresses and authority it is told by who runs it. */
export interface K6Order {
  script: K6Script;
  /** Iterations a second, of which one may be several requests; whole ones a minute. Of `ramp` the first step. */
  ratePerSecond: number;
  /** Of `ramp` each step. */
  durationSeconds: number;
  /** Settings of one script alone, e.g. MAX_RATE and STEPS of `ramp`. */
  settings?: Record<string, string>;
}

/**
 * How k6 ended. Its exit codes (go.k6.io/k6/errext/exitcodes): 99 is the only one that speaks of the target, 108 and 110 are asked for by the script;
 * every other one means that k6 could not do its work, so nothing is known of the target.
 */
export interface K6Exit {
  code: number;
  meaning: "finished" | "a threshold was crossed" | "aborted by its script" | "marked as failed by its script" | "k6 failed";
}

/** What one k6 run measured, without its traps: a threshold that saw nothing, and requests that never reached anything and count as 0 ms. */
export interface K6Summary {
  /** HTTP requests that were begun. */
  requests: number;
  /** Of these, those that k6 calls failed: no answer, or a status of 400 and above. */
  failed: number;
  /** Answers that a script held to be right or wrong; k6 itself gives nothing on them. */
  checks: { passed: number; failed: number };
  /** Iterations that were due and found no free virtual user: an open model that did not keep its rate. */
  dropped: number;
  /**
   * `http_req_duration` (sending + waiting + receiving; not looking up, connecting, the handshake, nor waiting for a connection), ms. Absent when there was no
   * request, and when any failed: k6 counts one that was refused with 0 ms, which would make a dead server the fastest.
   */
  latencyMs?: { p50: number; p95: number; p99: number };
  /** `no-samples`: k6 says of a threshold on times that saw nothing that it held. */
  thresholds: { metric: string; expression: string; met: "held" | "crossed" | "no-samples" }[];
}

export interface K6Run {
  exit: K6Exit;
  summary: K6Summary;
}
