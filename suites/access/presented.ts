import { cellOf } from "../../src/check/access/cell.ts";
import {
  type CertificateTrouble,
  certificateTrouble,
  certificateTroubleWords,
  certificateWords,
} from "../../src/check/access/certificate.ts";
import { type AccessEvidence, evidenceOf } from "../../src/check/access/evidence.ts";
import { faultFinding } from "../../src/check/access/faults.ts";
import { check, type Judgement } from "../../src/check/check.ts";
import { each, fail, pass, unknown } from "../../src/check/expect.ts";
import { errorWords, notLooked } from "../../src/check/http.ts";
import type { AccessRoute, ModeFact } from "../../src/history/access.ts";
import type { Finding } from "../../src/history/events.ts";
import { modes } from "./modes.ts";

check(
  "access/certificates",
  modes,
  {
    title:
      "on the public domain each route shows a certificate that clients take: of its name, in its time, by an authority that they trust",
    service: "traefik",
  },
  (seen) => {
    const evidence = evidenceOf(seen);
    const place = evidence.modes.find(({ mode }) => mode === "public");
    if (!place) return unknown("nobody looked from the public domain");
    const routes = evidence.entry.routes.filter((route) => route.tls && route.up);
    if (routes.length === 0) return unknown("no route with TLS came up");
    const judged = each(
      routes,
      ({ id }) => id,
      (route) => taken(evidence, route, place),
    );
    return judged;
  },
);

/** A certificate that is not taken is one of five findings, and no outage: what came back after it is judged elsewhere. */
function taken(evidence: AccessEvidence, route: AccessEvidence["entry"]["routes"][number], place: ModeFact): Judgement {
  const expected = `a certificate for ${route.host} by the public authority`;
  const event = evidence.look("public", "name", route);
  if (!event) return unknown("nobody asked", { expected });
  const mine = notLooked(event);
  if (mine) return { ...mine, expected };
  const { tls, error } = event.sample;
  if (!tls?.chain?.length)
    return error
      ? unknown(`no certificate was seen: ${errorWords(error)}`, { expected })
      : unknown("the sample shows no certificate", { expected });
  const trouble = certificateTrouble(tls, event.at);
  const observed = certificateWords(tls) ?? "";
  if (trouble === undefined) return pass(observed, { expected, observed });
  const { fault } = cellOf(evidence, route, place, "name");
  const { what, cure } = certificateTroubleWords[trouble];
  return fail(fault ? `${fault.id} ${fault.title}: ${fault.explanation}` : what, {
    expected,
    observed,
    cure: fault?.cure ?? cure,
    findings: [findingOf(trouble, route), ...(fault ? [faultFinding(route.service, fault)] : [])],
  });
}

function findingOf(trouble: CertificateTrouble, route: AccessRoute): Finding {
  const { what, cure } = certificateTroubleWords[trouble];
  return { rule: `access/certificate-${trouble}`, place: route.service, what: `${route.host}: ${what}`, cure };
}
