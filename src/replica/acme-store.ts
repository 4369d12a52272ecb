import type { Route } from "../candidate/routes.ts";
import { Authority } from "../engine/authority.ts";

/**
 * The content of Traefik's ACME store (`/data/le-tls.json`) as it is on a node that has its certificates already: one for each host of a TLS router
 * that names a resolver, issued by the run's authority, valid long enough that Traefik renews none.
 *
 * The account is left out: Traefik registers one only when it orders a certificate, which no route of this store needs.
 *
 * @param mutation hosts whose certificate is missing or another authority's; none in a normal run.
 *
 * Shape: Traefik 2.x, `pkg/provider/acme/local_store.go`.
 */
export async function acmeStore(
  routes: Route[],
  authority: Authority,
  mutation: { foreignCertificates?: string[]; withoutCertificates?: string[] } = {},
): Promise<string> {
  const stored: Record<string, { Account: null; Certificates: unknown[] }> = {};
  const done = new Set<string>();
  for (const { route, host } of routes.flatMap((route) => route.hosts.map((name) => ({ route, host: name.toLowerCase() })))) {
    if (!route.tls || !route.resolver || done.has(`${route.resolver} ${host}`)) continue;
    done.add(`${route.resolver} ${host}`);
    if (mutation.withoutCertificates?.includes(host)) continue;
    const issuer = mutation.foreignCertificates?.includes(host) ? await Authority.create("another authority") : authority;
    const leaf = await issuer.issue([host], { days: 89 });
    stored[route.resolver] ??= { Account: null, Certificates: [] };
    stored[route.resolver]?.Certificates.push({
      domain: { main: host },
      certificate: Buffer.from(leaf.certificate).toString("base64"),
      key: Buffer.from(leaf.key).toString("base64"),
      Store: "default",
    });
  }
  return JSON.stringify(stored, null, 2);
}
