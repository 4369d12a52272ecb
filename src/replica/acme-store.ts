import type { Route } from "../candidate/routes.ts";
import type { Leaf } from "../engine/authority.ts";

/**
 * The content of Traefik's ACME store (`/data/le-tls.json`) as it is on a node that has certificates already.
 *
 * The account is left out: Traefik registers one only when it orders a certificate.
 *
 * @param leafFor the certificate of a host of a TLS router that names a resolver; asked once for each, undefined where the store has none
 *
 * Shape: Traefik 2.x, `pkg/provider/acme/local_store.go`.
 */
export async function acmeStore(
  routes: readonly Route[],
  leafFor: (host: string, resolver: string) => Promise<Leaf | undefined>,
): Promise<string> {
  const stored: Record<string, { Account: null; Certificates: unknown[] }> = {};
  const done = new Set<string>();
  for (const { route, host } of routes.flatMap((route) => route.hosts.map((name) => ({ route, host: name.toLowerCase() })))) {
    if (!route.tls || !route.resolver || done.has(`${route.resolver} ${host}`)) continue;
    done.add(`${route.resolver} ${host}`);
    const leaf = await leafFor(host, route.resolver);
    if (!leaf) continue;
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
