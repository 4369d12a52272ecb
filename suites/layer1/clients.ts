import type { Role } from "../../src/candidate/types.ts";
import { isDefaultCertificate } from "../../src/check/access/certificate.ts";
import { isTraefiksNotFound } from "../../src/check/access/whose.ts";
import type { Judgement } from "../../src/check/check.ts";
import { fail } from "../../src/check/expect.ts";
import { errorWords, httpOf, notLooked, responseOf, toward } from "../../src/check/http.ts";
import type { EventOf } from "../../src/history/events.ts";
import type { Sample } from "../../src/history/sample.ts";
import type { TargetView } from "../../src/probe/context.ts";

/** What clients ask of the services that they reach by name; a service's own answer is told from another's by its mark (src/check/access/whose.ts). */
export interface ClientQuestion {
  role: Role;
  /** Name of the check and of the mutation. */
  slug: string;
  /** For the check's title. */
  name: string;
  /** Where the service itself listens when the candidate does not say. */
  port: number;
  /** What clients ask. */
  ask: { path: string } | { path: string; query: string };
}

export const clientQuestions: readonly ClientQuestion[] = [
  {
    role: "forward-auth",
    slug: "forward-auth",
    name: "fa",
    port: 3000,
    ask: { path: "/login?rule=SprocketAdmin" },
  },
  {
    role: "vault",
    slug: "vault",
    name: "vault",
    port: 8200,
    ask: { path: "/v1/sys/health" },
  },
  {
    role: "rabbitmq",
    slug: "rabbitmq-management",
    name: "management.rabbitmq",
    port: 15672,
    ask: { path: "/" },
  },
  {
    role: "core",
    slug: "api",
    name: "api",
    port: 3001,
    ask: { path: "/graphql", query: "{ __typename }" },
  },
  {
    role: "web",
    slug: "web",
    name: "the domain itself",
    port: 3000,
    ask: { path: "/" },
  },
];

/** Where clients ask a role's service something, as the candidate's own parts or its documents have the name. */
export function clientUrl(target: TargetView, role: Role, path: string): string {
  const { host, tls } = target.clientRoute(role);
  return `${tls ? "https" : "http"}://${host}${path}`;
}

/**
 * A poll's end: something other than the entry point's own 404 came back, or a certificate that cannot be trusted. An entry point that has only begun to
 * listen breaks connections off, and one that has only begun to order a host's certificate presents its own.
 */
export function hasRoute(sample: Sample): true | undefined {
  if (isDefaultCertificate(sample.tls)) return undefined;
  if (sample.error) return sample.error.kind === "tls" ? true : undefined;
  return isTraefiksNotFound(responseOf(sample)) ? undefined : true;
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
