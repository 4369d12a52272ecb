import { found, list, placeOf, type StaticRule } from "./rule.ts";
import { hasTls, hostsOf, routersOf } from "./traefik-labels.ts";

/**
 * A router without TLS among others that have it: over HTTPS its name gives 404, and over HTTP whatever is sent is readable. One that stands on the plain
 * entry point alone is meant so (a redirect), and so is TCP for any name.
 */
export const routerWithoutTls: StaticRule = {
  id: "static/router-without-tls",
  title: "Router without TLS where others have it",
  cure: "Give the router `tls` and the certificate resolver that the others have.",
  find(candidate) {
    const all = candidate.services.flatMap((service) => routersOf(service).map((router) => ({ service, router })));
    const secured = all.filter(({ router }) => hasTls(router) && router.keys.has("tls.certresolver"));
    if (secured.length === 0) return [];
    return all
      .filter(({ router }) => router.protocol !== "udp" && !hasTls(router) && router.keys.has("rule"))
      .filter(({ router }) => !(router.protocol === "tcp" && hostsOf(router).length === 0))
      .filter(({ router }) => !/^\s*(?:web|http)\s*$/.test(router.keys.get("entrypoints") ?? ""))
      .map(({ service, router }) =>
        found(
          routerWithoutTls,
          placeOf("service", service),
          `Router ${router.name} (${list(hostsOf(router)) || router.keys.get("rule")}) has no TLS, while ${secured.length} of ${all.length} routers have a certificate resolver.`,
        ),
      );
  },
};
