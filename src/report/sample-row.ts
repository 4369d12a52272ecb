import type { EventOf } from "../history/events.ts";
import { duration } from "./format.ts";

/** A sample as one row of a report. */
export interface SampleRow {
  label: string;
  from: string;
  target: string;
  /** What came back, shortest first: a status, or the error. */
  got: string;
  /** From due to done. */
  took: string;
  /** Headers and body, as far as they were kept. */
  more: string;
}

export function sampleRow(event: EventOf<"sample">): SampleRow {
  const { sample } = event;
  const response = sample.response as unknown as Record<string, unknown> | undefined;
  return {
    label: event.label,
    from: `${event.vantage} ${event.probe}`,
    target: event.target,
    got: gotOf(sample as unknown as Record<string, unknown>),
    took: duration((sample.done - sample.due) / 1e6),
    more: response === undefined ? "" : JSON.stringify(response),
  };
}

function gotOf(sample: Record<string, unknown>): string {
  const error = sample["error"] as { code?: string; message?: string } | string | undefined;
  if (error) return typeof error === "string" ? error : [error.code, error.message].filter(Boolean).join(": ");
  const response = sample["response"] as { status?: number } | undefined;
  return response?.status === undefined ? "answered" : String(response.status);
}
