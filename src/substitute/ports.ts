import type { CandidateService, PublishedPort } from "../candidate/types.ts";
import type { Substitution } from "../history/events.ts";

/** What the machine that will carry the replica can do. */
export interface HostAbilities {
  /** The kernel has IPVS, so virtual addresses of services and the routing mesh work; without it every service answers by DNS round robin. */
  ipvs: boolean;
}

/** How a service is found and which ports it publishes, on a machine with these abilities. */
export function endpointOf(
  service: CandidateService,
  host: HostAbilities,
): { mode: "vip" | "dnsrr"; ports: PublishedPort[]; meshLost: boolean } {
  const mode = service.endpointMode === "vip" && !host.ipvs ? "dnsrr" : service.endpointMode;
  // Of its own, a candidate that publishes on the mesh without a virtual address is refused by Swarm, and stays so.
  const meshLost = mode !== service.endpointMode && service.ports.some((port) => port.mode === "ingress");
  return { mode, ports: meshLost ? service.ports.map((port) => ({ ...port, mode: "host" as const })) : service.ports, meshLost };
}

/** The substitutions that follow for all services that will run. */
export function endpointSubstitutions(services: readonly CandidateService[], host: HostAbilities): Substitution[] {
  const substitutions: Substitution[] = [];
  const among = (wanted: (service: CandidateService) => boolean) => services.filter(wanted).map((service) => service.name);
  const roundRobin = among((service) => endpointOf(service, host).mode !== service.endpointMode);
  if (roundRobin.length > 0)
    substitutions.push({
      subject: `services:${roundRobin.join(",")}`,
      kind: "endpoint-mode",
      asked: "vip",
      got: "dnsrr",
      why: "This machine's kernel has no IPVS, which Swarm needs for virtual addresses",
      hides: ["virtual-address"],
    });
  const mesh = among((service) => endpointOf(service, host).meshLost);
  if (mesh.length > 0)
    substitutions.push({
      subject: `services:${mesh.join(",")}`,
      kind: "published-port",
      asked: "ports published on the routing mesh",
      got: "the same ports published by the task's own node",
      why: "This machine's kernel has no IPVS, which the routing mesh needs",
      hides: ["routing-mesh"],
    });
  for (const service of services) {
    if (service.ports.length === 0) continue;
    const ports = service.ports.map((port) => (port.protocol === "tcp" ? `${port.published}` : `${port.published}/udp`));
    substitutions.push({
      subject: `service:${service.name}`,
      kind: "published-port",
      asked: `${ports.join(" and ")} on every address of the host`,
      got: `${ports.join(" and ")} on the node${service.role === "traefik" ? "; a person reaches them on random loopback ports" : ""}`,
      why: "The user's machine is not part of the experiment",
      hides: [],
    });
  }
  return substitutions;
}
