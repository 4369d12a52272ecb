import type { Role } from "../../src/candidate/types.ts";
import type { Judgement } from "../../src/check/check.ts";
import { fail } from "../../src/check/expect.ts";
import { errorWords, header, httpOf, notLooked } from "../../src/check/http.ts";
import type { EventOf } from "../../src/history/events.ts";
import type { HttpResponse, Sample } from "../../src/history/sample.ts";

/**
 * The names that Sprocket's clients use, whatever the labels of a candidate say: a wrong rule must not change what is expected of it.
 * Source: router table of the program and names that must resolve (facts sheet, section 4.1); ports from sections 1.2 to 1.4.
 */
export interface ClientRoute {
  role: Role;
  /** Name of the check and of the mutation. */
  slug: string;
  /** Before the domain; "" is the domain itself. */
  label: string;
  tls: boolean;
  /** Where the service itself listens. */
  port: number;
  /** What clients ask; the answer must be the service's own. */
  ask: { path: string } | { path: string; query: string };
  /** The part of an answer that two of the same service have in common. */
  own: (response: HttpResponse) => unknown;
}

export const clientRoutes: readonly ClientRoute[] = [
  {
    role: "forward-auth",
    slug: "forward-auth",
    label: "fa",
    tls: true,
    port: 3000,
    ask: { path: "/login?rule=SprocketAdmin" },
    own: (response) => withoutState(header(response, "location")),
  },
  {
    role: "vault",
    slug: "vault",
    label: "vault",
    // Its router has had no TLS since 2025-11-18 (facts sheet, section 0.3, number 10).
    tls: false,
    port: 8200,
    ask: { path: "/v1/sys/health" },
    own: (response) => field(response.bodyText, "cluster_id"),
  },
  {
    role: "rabbitmq",
    slug: "rabbitmq-management",
    label: "management.rabbitmq",
    tls: true,
    port: 15672,
    ask: { path: "/" },
    own: (response) => /<title>[^<]*<\/title>/.exec(response.bodyText ?? "")?.[0],
  },
  {
    role: "core",
    slug: "api",
    label: "api",
    tls: true,
    port: 3001,
    ask: { path: "/graphql", query: "{ __typename }" },
    own: (response) => response.bodyText,
  },
  {
    role: "web",
    slug: "web",
    label: "",
    tls: true,
    port: 3000,
    ask: { path: "/" },
    own: (response) => header(response, "location"),
  },
];

/** `fa` of `sprocket.example` is `fa.sprocket.example`. */
export function clientHost(label: string, domain: string): string {
  return label === "" ? domain : `${label}.${domain}`;
}

/** Traefik's own answer to a request that no router takes: 404, nineteen bytes of plain text. A service's 404 is another. */
export function isTraefiksNotFound(response: HttpResponse | undefined): boolean {
  return (
    response?.status === 404 &&
    header(response, "content-length") === "19" &&
    (header(response, "content-type") ?? "").startsWith("text/plain")
  );
}

/** What came back to an HTTP sample, whatever the probe was. */
export function responseOf(sample: Sample): HttpResponse | undefined {
  return sample.probe === "http" ? sample.response : undefined;
}

/** No route takes this request: Traefik says so itself. */
export function isTraefiks404(event: EventOf<"sample">): Judgement {
  const expected = "Traefik's own 404";
  const mine = notLooked(event);
  if (mine) return { ...mine, expected };
  const { response, error } = httpOf(event);
  if (!response)
    return fail(`no answer instead of Traefik's own 404: ${errorWords(error)}`, { expected, observed: errorWords(error) });
  const observed = `status: ${response.status}`;
  if (isTraefiksNotFound(response)) return { verdict: "pass", reason: "Traefik answers its own 404", expected, observed };
  return fail(`something answers a host that no route is for: status ${response.status}${toward(response)}`, {
    expected,
    observed,
  });
}

/** ` to https://…` for a redirect. */
export function toward(response: HttpResponse): string {
  const location = header(response, "location");
  return location === undefined ? "" : ` to ${location.slice(0, 80)}`;
}

/** The state of an OAuth redirect holds a nonce; all else of two must be equal. */
function withoutState(location: string | undefined): string | undefined {
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
