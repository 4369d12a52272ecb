import { errorWords } from "../check/http.ts";
import type { EventOf } from "../history/events.ts";
import type { Sample } from "../history/sample.ts";
import { duration } from "./format.ts";

/** A sample as one row of a report. */
export interface SampleRow {
  label: string;
  from: string;
  target: string;
  /** What came back, shortest first: a status, a reply, or the error. */
  got: string;
  /** From due to done. */
  took: string;
  /** What more was kept of it: header fields and body, addresses, certificate. */
  more: string;
}

export function sampleRow(event: EventOf<"sample">): SampleRow {
  const { sample } = event;
  return {
    label: event.label,
    from: `${event.vantage} (${sample.probe})`,
    target: event.target,
    got: sample.error ? errorWords(sample.error) : gotOf(sample),
    took: duration((sample.done - sample.due) / 1e6),
    more: moreOf(sample),
  };
}

function gotOf(sample: Sample): string {
  switch (sample.probe) {
    case "http":
      return String(sample.response?.status ?? "no answer");
    case "tcp":
      return sample.response ? `${sample.response.bytes} bytes${sample.response.closed ? ", closed" : ""}` : "connected";
    case "tls":
      return `TLS ${sample.tls?.version ?? "?"}, ${sample.tls?.verifyError ?? "trusted"}`;
    case "dns":
      return [sample.response?.rcode, ...(sample.response?.answers ?? []).map((answer) => answer.data)].join(" ");
    case "redis":
      return JSON.stringify(sample.response?.replies ?? []);
    case "postgres-fill":
      return `${sample.response?.opened ?? 0} sessions${sample.response?.refused ? `, then ${sample.response.refused.message}` : ""}`;
    case "postgres":
    case "amqp":
    case "s3":
      return `${sample.response?.results.length ?? 0} results`;
  }
}

function moreOf(sample: Sample): string {
  const parts: string[] = [];
  if (sample.source && sample.peer) parts.push(`${sample.source} → ${sample.peer}`);
  if (sample.probe === "http" && sample.response) {
    for (const [name, values] of Object.entries(sample.response.headers ?? {})) parts.push(`${name}: ${values.join(", ")}`);
    if (sample.response.bodyText) parts.push(sample.response.bodyText);
  } else if (sample.response) parts.push(JSON.stringify(sample.response));
  const [leaf] = sample.tls?.chain ?? [];
  if (leaf) parts.push(`certificate of ${leaf.sans.join(", ") || leaf.subject}, by ${leaf.issuer}, until ${leaf.notAfter}`);
  return parts.join(" · ");
}
