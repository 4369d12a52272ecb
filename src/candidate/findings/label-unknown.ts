import { closest, distance } from "fastest-levenshtein";
import { found, list, placeOf, type StaticRule } from "./rule.ts";
import { exposed } from "./traefik-labels.ts";

/** Keys that Traefik 2 and 3 know, lower-case; below the third level they are many and left alone. */
const routerKeys: Record<string, string[]> = {
  http: ["rule", "rulesyntax", "service", "entrypoints", "middlewares", "priority", "tls", "observability"],
  tcp: ["rule", "rulesyntax", "service", "entrypoints", "middlewares", "priority", "tls"],
  udp: ["service", "entrypoints"],
};
const middlewares: Record<string, string[]> = {
  http: "addprefix basicauth buffering chain circuitbreaker compress contenttype digestauth encodedcharacters errors forwardauth grpcweb headers inflightreq ipallowlist ipwhitelist passtlsclientcert plugin ratelimit redirectregex redirectscheme replacepath replacepathregex retry stripprefix stripprefixregex".split(
    " ",
  ),
  tcp: ["inflightconn", "ipallowlist", "ipwhitelist"],
};

/** Traefik reads a service's labels all or not at all: one key that it does not know, and none of the service's routers exists. */
export const labelUnknown: StaticRule = {
  id: "static/label-unknown",
  title: "Traefik label with an unknown key",
  cure: "Correct the label's key; Traefik's log names it as `field not found`.",
  find(candidate) {
    return candidate.services.filter(exposed).flatMap((service) => {
      const wrong = Object.keys(service.labels).flatMap((label) => {
        const guess = unknownPart(label.toLowerCase());
        return guess === undefined ? [] : [`\`${label}\`${guess ? ` (nearest is \`${guess}\`)` : ""}`];
      });
      if (wrong.length === 0) return [];
      return [
        found(
          labelUnknown,
          placeOf("service", service),
          `Traefik does not know ${list(wrong)} of ${service.name}, and then reads none of its labels.`,
        ),
      ];
    });
  },
};

/** The nearest known key of the first part that is unknown ("" when none is near); undefined when all is known. */
function unknownPart(label: string): string | undefined {
  const [root, protocol = "", kind = "", , key = ""] = label.split(".");
  if (root !== "traefik") return undefined;
  const known = (part: string, allowed: readonly string[]) => {
    // List entries are written with their index.
    if (allowed.includes(part.replace(/\[\d+\]$/, ""))) return undefined;
    const near = allowed.length > 0 ? closest(part, [...allowed]) : "";
    return near !== "" && distance(part, near) <= 3 ? near : "";
  };
  const top = known(protocol, ["enable", "tags", "docker", "swarm", "http", "tcp", "udp", "tls", "instance"]);
  if (top !== undefined || !["http", "tcp", "udp"].includes(protocol)) return top;
  const kinds = protocol === "udp" ? ["routers", "services"] : ["routers", "services", "middlewares", "serverstransports"];
  const second = known(kind, kinds);
  if (second !== undefined) return second;
  if (kind === "routers") return known(key, routerKeys[protocol] ?? []);
  if (kind === "services") return known(key, ["loadbalancer", "weighted", "mirroring", "failover"]);
  if (kind === "middlewares") return known(key, middlewares[protocol] ?? []);
  return undefined;
}
