import { closest } from "fastest-levenshtein";
import { routesOf } from "../../candidate/routes.ts";
import type { Candidate, CandidateService } from "../../candidate/types.ts";
import type { ExpectationSet } from "../../history/access.ts";
import { exitCodes, ResilienceError } from "../../history/errors.ts";

/** A named form of a candidate, with the expectation set that it is written for. */
export interface Variant {
  name: string;
  what: string;
  expects: ExpectationSet;
  candidate: (candidate: Candidate) => Candidate;
}

/** Addresses that stand for a deployment's own in rules: the replica's entry point has its own address of each mode in their place. */
const addresses = ["192.168.4.39", "100.101.102.103"];

const list: readonly Variant[] = [
  {
    name: "documented-rules",
    what: "each router has a twin without a resolver for the node's own names, and the domain's one for the LAN's and the tailnet's address: all four modes answer, and no order of a certificate is spoiled",
    expects: "documented",
    candidate: (candidate) => {
      const copy = structuredClone(candidate);
      for (const service of copy.services) Object.assign(service.labels, localTwins(service, copy.domain));
      return copy;
    },
  },
];

/** Labels of routers beside a service's own: the same service and gatekeeper under names that no authority certifies. */
function localTwins(service: CandidateService, domain: string): Record<string, string> {
  const twins: Record<string, string> = {};
  for (const route of routesOf(service)) {
    if (route.protocol !== "http") continue;
    const host = route.host.toLowerCase();
    if (host !== domain && !host.endsWith(`.${domain}`)) continue;
    const local = host === domain ? "localhost" : `${host.slice(0, -domain.length - 1)}.localhost`;
    const names = [local, ...(host === domain ? addresses : [])];
    const [own, twin] = [`traefik.http.routers.${route.router}`, `traefik.http.routers.${route.router}-local`];
    twins[`${twin}.rule`] = names.map((name) => `Host(\`${name}\`)`).join(" || ");
    twins[`${twin}.service`] = service.labels[`${own}.service`] ?? route.router;
    if (route.tls) twins[`${twin}.tls`] = "true";
    for (const setting of ["entryPoints", "middlewares"]) {
      const value = service.labels[`${own}.${setting}`];
      if (value !== undefined) twins[`${twin}.${setting}`] = value;
    }
  }
  return twins;
}

/** @throws ResilienceError E_BAD_INPUT with the nearest name when there is none of that name. */
export function variantNamed(name: string): Variant;
export function variantNamed(name: string | undefined): Variant | undefined;
export function variantNamed(name: string | undefined): Variant | undefined {
  if (name === undefined) return undefined;
  const found = list.find((variant) => variant.name === name);
  if (found) return found;
  const names = list.map((variant) => variant.name);
  throw new ResilienceError("E_BAD_INPUT", `There is no variant ${name}; nearest is ${closest(name, names)}.`, {
    cure: `Variants are: ${names.join(", ")}.`,
    exitCode: exitCodes.badInput,
  });
}
