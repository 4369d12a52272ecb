import { isIPv4 } from "node:net";
import type { Route } from "../routes.ts";
import type { Candidate } from "../types.ts";

/** Host names of a rule by which the outside can ask, in lower case: no addresses, and not what the node calls itself, unless the candidate is deployed under that name. */
export function ownHosts(candidate: Pick<Candidate, "domain">, route: Route): string[] {
  const hosts = route.hosts.map((host) => host.toLowerCase());
  return hosts.filter((host) => !isIPv4(host) && (isLocalhost(candidate.domain) || !isLocalhost(host)));
}

/** `localhost` and everything below it: the machine itself, whoever asks (RFC 6761). */
function isLocalhost(name: string): boolean {
  return /(^|\.)localhost$/i.test(name);
}
