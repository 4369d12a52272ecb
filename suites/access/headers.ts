import { type AccessEvidence, evidenceOf } from "../../src/check/access/evidence.ts";
import { check, type Judgement } from "../../src/check/check.ts";
import { each, fail, pass, unknown } from "../../src/check/expect.ts";
import { responseOf } from "../../src/check/http.ts";
import type { AccessRoute } from "../../src/history/access.ts";
import type { Finding } from "../../src/history/events.ts";
import { modes } from "./modes.ts";

/** Headers that belong to a connection or a moment, and not to the answer (RFC 9110, section 7.6.1). */
const hops = [
  "connection",
  "keep-alive",
  "transfer-encoding",
  "te",
  "trailer",
  "upgrade",
  "proxy-authenticate",
  "date",
  "content-length",
];

check(
  "access/headers",
  modes,
  { title: "the entry point passes on the headers that a service sends, all of them and no more", service: "traefik" },
  (seen) => {
    const evidence = evidenceOf(seen);
    const routes = evidence.entry.routes.filter(
      ({ protocol, up, forwardAuth, port }) => protocol === "http" && up && forwardAuth === undefined && port !== undefined,
    );
    if (routes.length === 0) return unknown("no open HTTP route came up");
    const judged = each(
      routes,
      ({ host }) => host,
      (route) => passedOn(evidence, route),
    );
    return { ...judged, findings: unsecured(evidence, routes) };
  },
);

function passedOn(evidence: AccessEvidence, route: AccessRoute): Judgement {
  const through = responseOf(evidence.look("public", "name", route)?.sample);
  const own = responseOf(evidence.own(route)?.sample);
  if (!through?.headers || !own?.headers) return unknown("the two answers were not both seen");
  if (through.status !== own.status) return unknown(`the two answers are of different status (${through.status}, ${own.status})`);
  const [sent, met] = [namesOf(own.headers), namesOf(through.headers)];
  const lost = sent.filter((name) => !met.includes(name));
  const added = met.filter((name) => !sent.includes(name));
  const expected = sent.join(", ");
  const observed = met.join(", ");
  if (lost.length + added.length > 0)
    return fail(
      [
        lost.length > 0 ? `lost on the way: ${lost.join(", ")}` : "",
        added.length > 0 ? `added on the way: ${added.join(", ")}` : "",
      ]
        .filter(Boolean)
        .join("; "),
      { expected, observed },
    );
  return pass(`${met.length} headers are those of the service`, { expected, observed });
}

function namesOf(headers: Record<string, string[]>): string[] {
  return Object.keys(headers)
    .filter((name) => !hops.includes(name))
    .sort();
}

/** The documents claim HSTS (facts sheet, section 4.3); the program has no middleware for it. */
function unsecured(evidence: AccessEvidence, routes: readonly AccessRoute[]): Finding[] {
  const without = routes.filter((route) => {
    const response = responseOf(evidence.look("public", "name", route)?.sample);
    return route.tls && response?.headers !== undefined && !("strict-transport-security" in response.headers);
  });
  return without.length === 0
    ? []
    : [
        {
          rule: "access/no-hsts",
          place: "traefik",
          what: `${without.length} of ${routes.length} hosts answer without Strict-Transport-Security, which ARCHITECTURE.md claims`,
          cure: "Give the routers a headers middleware with stsSeconds, or correct the document.",
        },
      ];
}
