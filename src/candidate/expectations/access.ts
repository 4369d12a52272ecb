import type { Candidate } from "../types.ts";
import { type Expectation, expectation, type Seen } from "./expectation.ts";
import { hostsOf, httpRoutes, ofRole, placeOf } from "./read.ts";

const source = "docs-output/POSTMORTEM.md, CLOUD_DEPLOYMENT.md";
const program = "platform/src/Platform.ts: the rule is built and not used";

/** Addresses that the rules of web's routers name; Traefik knows a request without a name by nothing else. */
function addresses(candidate: Candidate, tailnet: boolean): Seen<string[]>[] {
  return ofRole(candidate, "web").map((service) => {
    const rules = httpRoutes(service).map((route) => route.rule);
    const found = rules.flatMap(hostsOf).filter((host) => /^\d+(\.\d+){3}$/.test(host) && inTailnet(host) === tailnet);
    return { place: placeOf("service", service), value: found, met: `web's rule is ${rules.join(", ") || "none"}` };
  });
}

/** Tailscale gives addresses of 100.64.0.0/10. */
function inTailnet(address: string): boolean {
  const [first = 0, second = 0] = address.split(".").map(Number);
  return first === 100 && second >= 64 && second < 128;
}

const cure =
  "Join the address to web's rule with ||, or drop the access mode from the documents and the two dead keys from the stack's settings.";

export const accessExpectations: readonly Expectation[] = [
  expectation<string[]>({
    id: "lan-access",
    subject: "web by the server's address",
    row: 9,
    read: (candidate) => addresses(candidate, false),
    documented: { says: "access by the LAN address of key server-ip", source, keeps: (found) => found.length > 0 },
    actual: { says: "no rule for an address: 404", source: program, keeps: (found) => found.length === 0 },
    cure,
  }),
  expectation<string[]>({
    id: "tailscale-access",
    subject: "web by the tailnet's address",
    row: 9,
    read: (candidate) => addresses(candidate, true),
    documented: { says: "access by the Tailscale address of key tailscale-ip", source, keeps: (found) => found.length > 0 },
    actual: { says: "no rule for an address: 404", source: program, keeps: (found) => found.length === 0 },
    cure,
  }),
];
