/** A router with TLS as Sprocket's helper labels it: service, port, resolver and, where asked, forward-auth under the router's own name. */
export function routerLabels(
  name: string,
  router: { type?: "http" | "tcp"; rule: string; port: number; forwardAuth?: { domain: string; rule: string } },
): Record<string, string> {
  const { type = "http", rule, port, forwardAuth } = router;
  const of = `traefik.${type}.routers.${name}`;
  return {
    "traefik.enable": "true",
    [`${of}.tls`]: "true",
    [`${of}.tls.certResolver`]: "lets-encrypt-tls",
    [`${of}.rule`]: rule,
    [`${of}.service`]: name,
    [`traefik.${type}.services.${name}.loadbalancer.server.port`]: String(port),
    ...(forwardAuth
      ? {
          [`traefik.${type}.middlewares.${name}.forwardauth.address`]: `https://fa.${forwardAuth.domain}/login?rule=${forwardAuth.rule}`,
          [`${of}.middlewares`]: name,
        }
      : {}),
  };
}
