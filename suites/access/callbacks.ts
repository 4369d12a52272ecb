import type { Callback } from "../../src/candidate/contract/callbacks.ts";
import { cellOf } from "../../src/check/access/cell.ts";
import { type AccessEvidence, evidenceOf } from "../../src/check/access/evidence.ts";
import { check, type Judgement } from "../../src/check/check.ts";
import { each, fail, pass, unknown } from "../../src/check/expect.ts";
import type { ModeFact } from "../../src/history/access.ts";
import type { Finding } from "../../src/history/events.ts";
import { modes } from "./modes.ts";

check(
  "access/callbacks",
  modes,
  {
    title: "each address that a login comes back to is one by which clients of the public domain reach the right service",
    service: "core",
    needs: ["core", "route:core"],
  },
  (seen) => {
    const evidence = evidenceOf(seen);
    const callbacks = seen.fact<Callback[]>("callbacks");
    const place = evidence.modes.find(({ mode }) => mode === "public");
    if (!place) return unknown("nobody looked from the public domain");
    if (callbacks.length === 0) return unknown("no configuration of the candidate names a callback address");
    const judged = each(
      callbacks,
      ({ setting, service }) => `${setting} of ${service}`,
      (callback) => reaches(evidence, callback, place),
    );
    return { ...judged, findings: elsewhere(evidence, callbacks) };
  },
);

function reaches(evidence: AccessEvidence, { url, expects }: Callback, place: ModeFact): Judgement {
  const expected = `an address of ${expects ?? "the service"} that clients reach`;
  const { hostname, protocol } = new URL(url);
  const route = evidence.entry.routes.find((one) => one.protocol === "http" && one.host === hostname);
  if (!route) return fail(`${url} is no route of the candidate`, { expected, observed: url });
  if (expects !== undefined && route.role !== expects)
    return fail(`${url} leads to ${route.service}`, { expected, observed: url });
  if (protocol !== (route.tls ? "https:" : "http:"))
    return fail(`${url} has another scheme than its route`, { expected, observed: url });
  const { cell } = cellOf(evidence, route, place, "name");
  if (cell.met === undefined) return unknown(cell.reason, { expected });
  return cell.met === "answers"
    ? pass(`${hostname}: ${cell.reason}`, { expected, observed: cell.reason })
    : fail(`${hostname}: ${cell.reason}`, { expected, observed: cell.reason });
}

/** A client that came by another name than the public one is sent away from it by its login. */
function elsewhere({ modes: looked, entry }: AccessEvidence, callbacks: readonly Callback[]): Finding[] {
  const fixed = callbacks.filter(({ url }) => {
    const { hostname } = new URL(url);
    return hostname === entry.domain || hostname.endsWith(`.${entry.domain}`);
  });
  const others = looked.filter(({ mode }) => mode !== "public").map(({ mode }) => mode);
  if (fixed.length === 0 || others.length === 0) return [];
  return [
    {
      rule: "access/callbacks-are-public",
      place: "core",
      what: `${fixed.length} of ${callbacks.length} callback addresses are under ${entry.domain} whatever the mode: who came by ${others.join(", ")} logs in only where the public names lead to the entry point, too`,
      cure: "Derive the callback addresses from the host that the client used, and register each with the provider.",
    },
  ];
}
