import type { AccessMode, AccessRoute, EntryPointFact, ExpectationSet } from "../../history/access.ts";
import type { Outcome } from "./matrix.ts";

/**
 * What a client of a mode should meet at a route, by both expectation sets from one table:
 *
 * | | `documented`: the documents promise all four modes | `actual`: what today's rules give |
 * | --- | --- | --- |
 * | by the route's own name | the service, or the gatekeeper before it | the same: a rule looks at the name, not at where a client stands |
 * | by the mode's own name or address | the same | the entry point's 404, unless a rule names it |
 *
 * Source: facts sheet, section 4.2: rows "Intended config" and "Host rule at HEAD with that config".
 */
export function expectedOutcomes(
  entry: EntryPointFact,
  route: AccessRoute,
  mode: AccessMode,
  by: "name" | "address",
): Record<ExpectationSet, Outcome> {
  const served: Outcome = route.forwardAuth === undefined ? "answers" : "closed";
  if (by === "name") return { documented: served, actual: served };
  const owner = entry.deployed.find(
    (router) => router.protocol === "http" && router.hosts.some((host) => namesMode(entry, mode, host, route)),
  );
  if (!owner) return { documented: served, actual: "not-found" };
  return { documented: served, actual: owner.service === route.service ? served : "other" };
}

/**
 * How clients of a mode can ask for a route. By its own name always: the domain's DNS, MagicDNS or the client's hosts file has it. Beside that, on the node by its name under
 * `localhost`; from the LAN and the tailnet by the entry point's address, which can lead to one service only: the domain's own, or one whose rule names an address.
 */
export function waysIn(entry: EntryPointFact, mode: AccessMode, route: AccessRoute): readonly ("name" | "address")[] {
  // A TCP router knows a connection by the name in its handshake, which a literal address does not have.
  if (mode === "public" || route.protocol === "tcp") return ["name"];
  if (mode === "localhost" || route.host === entry.domain.toLowerCase()) return ["name", "address"];
  const named = entry.deployed.some(
    (router) => router.service === route.service && router.hosts.some((host) => entry.literals[mode]?.includes(host)),
  );
  return named ? ["name", "address"] : ["name"];
}

/** Whether a host of a rule is what a client of the mode types for a route. */
function namesMode(entry: EntryPointFact, mode: AccessMode, host: string, route: AccessRoute): boolean {
  if (mode === "localhost") return host.toLowerCase() === localName(route);
  return entry.literals[mode]?.includes(host) ?? false;
}

/** How a client on the node itself calls a route when nothing of the public domain is known: `api.localhost`. */
export function localName(route: AccessRoute): string {
  return route.label === "" ? "localhost" : `${route.label}.localhost`;
}
