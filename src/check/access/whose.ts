import type { HttpResponse } from "../../history/sample.ts";
import { header } from "../http.ts";

/** The part of an answer that two answers of the same service have in common, by the role of the service; of any other what a page shows of itself. */
const marks: Record<string, (response: HttpResponse) => unknown> = {
  "forward-auth": (response) => withoutState(header(response, "location")),
  vault: (response) => field(response.bodyText, "cluster_id"),
  rabbitmq: (response) => titleOf(response),
  core: (response) => response.bodyText,
  web: (response) => header(response, "location"),
};

/** What tells a service's answer from another's. Two answers with equal marks are of the same service. */
export function markOf(role: string | undefined, response: HttpResponse): string {
  const mark = role === undefined ? undefined : marks[role];
  return JSON.stringify([response.status, mark ? mark(response) : pageOf(response)]);
}

function pageOf(response: HttpResponse): unknown {
  const location = header(response, "location");
  return [header(response, "content-type"), withoutState(location), titleOf(response) ?? response.bodyText?.slice(0, 64)];
}

function titleOf(response: HttpResponse): string | undefined {
  return /<title>[^<]*<\/title>/.exec(response.bodyText ?? "")?.[0];
}

/** The state of an OAuth redirect holds a nonce; all else of two must be equal. */
export function withoutState(location: string | undefined): string | undefined {
  if (location === undefined || !URL.canParse(location)) return location;
  const url = new URL(location);
  url.searchParams.delete("state");
  return url.href;
}

/** A field of a JSON text; nothing when it is no JSON. */
export function field(text: string | undefined, name: string): unknown {
  try {
    return (JSON.parse(text ?? "") as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}

/** Traefik's own answer to a request that no router takes: 404, nineteen bytes of plain text. A service's 404 is another. */
export function isTraefiksNotFound(response: HttpResponse | undefined): boolean {
  return (
    response?.status === 404 &&
    header(response, "content-length") === "19" &&
    (header(response, "content-type") ?? "").startsWith("text/plain")
  );
}

/** Traefik's own words where the service behind a route cannot be reached; nothing when the answer is the service's. */
export function gatewayWords(response: HttpResponse): string | undefined {
  const words = { 502: ["Bad Gateway"], 503: ["Service Unavailable", "no available server"], 504: ["Gateway Timeout"] }[
    response.status
  ];
  const body = (response.bodyText ?? "").trim();
  // A service's own page of that status has a type or more to say.
  const plain = (header(response, "content-type") ?? "text/plain").startsWith("text/plain");
  return plain ? words?.find((word) => word === body) : undefined;
}
