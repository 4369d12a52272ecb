import type { CandidateService } from "./types.ts";

/** A Traefik router as a service's labels declare it. */
export interface Route {
  router: string;
  service: string;
  protocol: "http" | "tcp";
  /** Host name of the rule, as written. */
  host: string;
  rule: string;
  entryPoints: string[]; // empty = all
  tls: boolean;
  resolver?: string;
  port?: number;
  middlewares: string[];
  /** Address of the forward-auth middleware of that router, where it has one. */
  forwardAuth?: string;
}

const hostOf = /Host(?:SNI)?\(\s*`([^`]+)`\s*\)/;

/** Reads the routers out of a service's labels; labels of another shape are left alone. */
export function routesOf(service: CandidateService): Route[] {
  const routes: Route[] = [];
  for (const [label, rule] of Object.entries(service.labels)) {
    const match = /^traefik\.(http|tcp)\.routers\.([^.]+)\.rule$/.exec(label);
    if (!match) continue;
    const protocol = match[1] as "http" | "tcp";
    const router = match[2] as string;
    const of = (key: string) => service.labels[`traefik.${protocol}.routers.${router}.${key}`];
    const middlewares = of("middlewares")?.split(",") ?? [];
    const port = service.labels[`traefik.${protocol}.services.${router}.loadbalancer.server.port`];
    const forwardAuth = middlewares
      .map((name) => service.labels[`traefik.http.middlewares.${name}.forwardauth.address`])
      .find(Boolean);
    const resolver = of("tls.certResolver");
    routes.push({
      router,
      service: service.name,
      protocol,
      host: hostOf.exec(rule)?.[1] ?? "",
      rule,
      entryPoints: of("entryPoints")?.split(",") ?? [],
      tls: of("tls") === "true",
      ...(resolver ? { resolver } : {}),
      ...(port ? { port: Number(port) } : {}),
      middlewares,
      ...(forwardAuth ? { forwardAuth } : {}),
    });
  }
  return routes;
}
