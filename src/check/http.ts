import type { EventOf } from "../history/events.ts";
import type { HttpResponse, Sample, SampleError } from "../history/sample.ts";
import { type Judgement, NotSeen } from "./check.ts";
import { unknown } from "./expect.ts";

/** Errors that are the harness's own: it could not look, so nothing is known of what it would have seen. */
const ownErrors: readonly SampleError["kind"][] = ["not-sent", "namespace"];

/** What came back to an HTTP probe, or the judgement that follows when it could not look. */
export type HttpSeen = { response: HttpResponse; error?: SampleError } | { response?: never; error: SampleError };

/**
 * @throws NotSeen when the sample is none of HTTP, or says neither what came back nor why nothing did.
 */
export function httpOf(event: EventOf<"sample">): HttpSeen {
  const { sample } = event;
  if (sample.probe !== "http") throw new NotSeen(`the sample "${event.label}" is of ${sample.probe}, not of http`);
  if (sample.response) return sample.error ? { response: sample.response, error: sample.error } : { response: sample.response };
  if (sample.error) return { error: sample.error };
  throw new NotSeen(`the sample "${event.label}" says neither what came back nor why nothing did`);
}

/** The judgement of a sample that the harness itself could not take; nothing when it could. */
export function notLooked(event: EventOf<"sample">): Judgement | undefined {
  const { error } = event.sample;
  return error && ownErrors.includes(error.kind) ? unknown(`the harness could not look: ${errorWords(error)}`) : undefined;
}

/** `connect-refused: connect ECONNREFUSED 10.0.0.2:443` */
export function errorWords(error: SampleError): string {
  return [error.kind, error.code, error.message].filter(Boolean).join(": ");
}

/** First value of a header, by its lower-case name. */
export function header(response: HttpResponse, name: string): string | undefined {
  return response.headers?.[name.toLowerCase()]?.[0];
}

/** What came back to an HTTP sample, whatever the probe was. */
export function responseOf(sample: Sample | undefined): HttpResponse | undefined {
  return sample?.probe === "http" ? sample.response : undefined;
}

/** ` to https://…` for a redirect. */
export function toward(response: HttpResponse): string {
  const location = header(response, "location");
  return location === undefined ? "" : ` to ${location.slice(0, 80)}`;
}

/** The JSON list that an answer holds; undefined when it holds none. */
export function listIn<T>(response: HttpResponse | undefined): T[] | undefined {
  try {
    const list = JSON.parse(response?.bodyText ?? "") as T[];
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}
