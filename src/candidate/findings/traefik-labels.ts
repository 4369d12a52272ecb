import type { CandidateService } from "../types.ts";

/** A router as labels declare it; keys are lower-case, since Traefik compares them so. */
export interface LabelledRouter {
  protocol: "http" | "tcp" | "udp";
  name: string;
  keys: ReadonlyMap<string, string>;
}

/** Whether Traefik looks at a service's labels at all; Sprocket exposes nothing by default. */
export function exposed(service: CandidateService): boolean {
  return Object.entries(service.labels).some(
    ([label, value]) => label.toLowerCase() === "traefik.enable" && value.trim().toLowerCase() === "true",
  );
}

/** The routers of an exposed service. */
export function routersOf(service: CandidateService): LabelledRouter[] {
  if (!exposed(service)) return [];
  const routers = new Map<string, { protocol: LabelledRouter["protocol"]; name: string; keys: Map<string, string> }>();
  for (const [label, value] of Object.entries(service.labels)) {
    const met = /^traefik\.(http|tcp|udp)\.routers\.([^.]+)\.(.+)$/i.exec(label);
    if (!met) continue;
    const [, protocol = "", name = "", key = ""] = met;
    const id = `${protocol.toLowerCase()} ${name}`;
    const router = routers.get(id) ?? { protocol: protocol.toLowerCase() as "http", name, keys: new Map() };
    router.keys.set(key.toLowerCase(), value);
    routers.set(id, router);
  }
  return [...routers.values()];
}

/** Host names that a rule asks for, in order; `HostSNI(*)` names none. */
export function hostsOf(router: LabelledRouter): string[] {
  const rule = router.keys.get("rule") ?? "";
  const hosts: string[] = [];
  for (const [, inner = ""] of rule.matchAll(/\bHost(?:SNI)?\(([^)]{0,2000})\)/g))
    for (const [, host = ""] of inner.matchAll(/[`"']([^`"']{1,255})[`"']/g)) if (host !== "*") hosts.push(host);
  return hosts;
}

/** TLS is on when any key below `tls` is there, unless it says false. */
export function hasTls(router: LabelledRouter): boolean {
  const tls = router.keys.get("tls");
  if (tls !== undefined) return tls.trim().toLowerCase() === "true";
  return [...router.keys.keys()].some((key) => key.startsWith("tls."));
}
