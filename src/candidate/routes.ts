import type { CandidateService } from "./types.ts";

/** A Traefik router as a service's labels declare it. */
export interface Route {
  router: string;
  service: string;
  protocol: "http" | "tcp";
  /** First host name of the rule, as written; "" when it names none. */
  host: string;
  /** Every host name of the rule, as written. */
  hosts: string[];
  rule: string;
  entryPoints: string[]; // empty = all
  tls: boolean;
  resolver?: string;
  port?: number;
  middlewares: string[];
  /** Address of the forward-auth middleware of that router, where it has one. */
  forwardAuth?: string;
}

/** Reads the routers out of a service's labels; labels of another shape are left alone. Traefik takes the names of labels without case, except those it is given. */
export function routesOf(service: Pick<CandidateService, "name" | "labels">): Route[] {
  const labels = new Map(Object.entries(service.labels).map(([label, value]) => [label.toLowerCase(), value]));
  const ports = [...labels].filter(([label]) => /^traefik\.(http|tcp)\.services\.[^.]+\.loadbalancer\.server\.port$/.test(label));
  const routes: Route[] = [];
  for (const [label, rule] of Object.entries(service.labels)) {
    const match = /^traefik\.(http|tcp)\.routers\.([^.]+)\.rule$/i.exec(label);
    if (!match) continue;
    const protocol = (match[1] as string).toLowerCase() as "http" | "tcp";
    const router = match[2] as string;
    const of = (key: string) => labels.get(`traefik.${protocol}.routers.${router}.${key}`.toLowerCase());
    const middlewares = listed(of("middlewares")).map((name) => name.replace(/@\w+$/, ""));
    const backend = of("service") ?? router;
    const mine = ports.filter(([name]) => name.startsWith(`traefik.${protocol}.`));
    // Traefik gives a router without a service of its own the only one that the labels declare.
    const port =
      labels.get(`traefik.${protocol}.services.${backend}.loadbalancer.server.port`.toLowerCase()) ??
      (mine.length === 1 ? mine[0]?.[1] : undefined);
    const forwardAuth = middlewares
      .map((name) => labels.get(`traefik.http.middlewares.${name}.forwardauth.address`.toLowerCase()))
      .find(Boolean);
    const resolver = of("tls.certResolver");
    const hosts = hostsOf(rule);
    routes.push({
      router,
      service: service.name,
      protocol,
      host: hosts[0] ?? "",
      hosts,
      rule,
      entryPoints: listed(of("entryPoints")),
      tls: of("tls") === "true" || resolver !== undefined,
      ...(resolver ? { resolver } : {}),
      ...(port ? { port: Number(port) } : {}),
      middlewares,
      ...(forwardAuth ? { forwardAuth } : {}),
    });
  }
  return routes;
}

/** Host names of a rule: `Host(`a`, `b`)`, `Host(`a`) || Host(`b`)`, `HostSNI(`a`)`; what stands for every host is none. */
function hostsOf(rule: string): string[] {
  return [...rule.matchAll(/Host(?:SNI)?\(([^)]*)\)/g)]
    .flatMap(([, names]) => [...(names ?? "").matchAll(/[`"]([^`"]+)[`"]/g)].map(([, name]) => name as string))
    .filter((name) => name !== "*");
}

function listed(text: string | undefined): string[] {
  return (
    text
      ?.split(",")
      .map((part) => part.trim())
      .filter(Boolean) ?? []
  );
}
