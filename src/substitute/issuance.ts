import { acmeResolvers, answerable, hostToRenew, serverOf } from "../candidate/contract/acme.ts";
import type { Candidate, CandidateService } from "../candidate/types.ts";
import type { Substitution } from "../history/events.ts";

/** The ACME server that a replica has in the place of those which the candidate's Traefik asks. */
export interface IssuancePlan {
  /** Where clients look for it: host names, ports, paths of the directory. */
  servers: { host: string; port: number; path: string }[];
  /** Resolvers of Traefik that it serves. */
  resolvers: string[];
  /** The host whose certificate is about to end when Traefik first starts, so that a renewal can be seen. */
  toRenew?: string;
}

/** Validity of what the replica's ACME server issues. Traefik renews at its start what ends within 30 days (2.11, `getCertificateRenewDurations`), so each start orders anew. */
export const issuedDays = 20;
/** What is left of the certificate that is about to end. */
export const toRenewDays = 10;

/** Who issues the certificates of the entry point, and what differs from the candidate's own way. */
export function issuanceOf(
  candidate: Candidate,
  services: readonly CandidateService[],
): { issuance?: IssuancePlan; substitutions: Substitution[] } {
  const traefik = services.find((service) => service.role === "traefik");
  if (!traefik) return { substitutions: [] };
  const resolvers = acmeResolvers(candidate, traefik);
  const served = answerable(resolvers);
  const rest = [...resolvers.keys()].filter((name) => !served.includes(name));
  const substitutions = rest.length > 0 || resolvers.size === 0 ? [prefilled(traefik, rest, resolvers)] : [];
  if (served.length === 0) return { substitutions };
  const servers = new Map(
    served.flatMap((name) => {
      const { caServer } = resolvers.get(name) as { caServer: string };
      const server = serverOf(caServer);
      return server ? [[caServer, server] as const] : [];
    }),
  );
  const toRenew = hostToRenew(services, served);
  return {
    issuance: { servers: [...servers.values()], resolvers: served, ...(toRenew ? { toRenew } : {}) },
    substitutions: [
      ...substitutions,
      {
        subject: `party:acme ${[...new Set([...servers.values()].map(({ host }) => host))].join(",")}`,
        kind: "certificate",
        asked: `certificates by ${[...new Set(served.map((name) => resolvers.get(name)?.challenge))].join(", ")} from ${[...servers.keys()].join(", ")}`,
        got: `the same challenges by Pebble in a container under the same name, certificates valid ${issuedDays} days${toRenew ? `; the store begins with one for ${toRenew} that ends in ${toRenewDays} days` : ""}`,
        why: "A replica asks nobody outside; so short a validity has Traefik renew at every start",
        hides: ["acme-rate-limits", "acme-real-chain"],
      },
    ],
  };
}

function prefilled(
  traefik: CandidateService,
  names: readonly string[],
  resolvers: ReturnType<typeof acmeResolvers>,
): Substitution {
  const ways = [...new Set(names.map((name) => resolvers.get(name)?.challenge ?? "no challenge"))];
  return {
    subject: `service:${traefik.name}`,
    kind: "certificate",
    asked: names.length > 0 ? `certificates of ${names.join(", ")} by ${ways.join(", ")}` : "certificates without a resolver",
    got: "the ACME store on Traefik's volume already holds certificates of the run's authority",
    why: "The replica's ACME server can validate by TLS-ALPN-01 and HTTP-01 alone; the static configuration stays as it is",
    hides: ["certificate-issuance"],
  };
}
