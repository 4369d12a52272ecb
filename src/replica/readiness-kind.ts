import type { CandidateService } from "../candidate/types.ts";
import type { Probe } from "../engine/agent-protocol.ts";
import type { Sample } from "../history/sample.ts";
import type { Replica } from "./up.ts";

/** What being ready means for a service, asked by its own protocol in its own namespace, at its own address there. */
export interface Readiness {
  /** For a person: what is awaited. */
  condition: string;
  probe: (replica: Replica, address: string) => Probe;
  holds: (sample: Sample) => boolean;
}

export type ReadinessOf = (replica: Replica, service: CandidateService) => Readiness | undefined;

/** Answers a GET with that status. A health path may itself wait some seconds for a database. */
export function answers(port: number, path: string, status: number, words = ""): Readiness {
  return {
    condition: `GET :${port}${path} answers ${status}${words}`,
    probe: (_, address) => ({ kind: "http", url: `http://${address}:${port}${path}`, timeouts: { totalMs: 6000 } }),
    holds: (sample) => statusOf(sample) === status,
  };
}

export function statusOf(sample: Sample): number | undefined {
  return (sample.response as { status?: number } | undefined)?.status;
}

export function repliesOf(sample: Sample): unknown[] {
  return (sample.response as { replies?: unknown[] } | undefined)?.replies ?? [];
}
