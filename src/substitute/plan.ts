import { candidateHash } from "../candidate/hash.ts";
import type { Candidate, CandidateService } from "../candidate/types.ts";
import type { PlannedService, Substitution } from "../history/events.ts";

/** What the image catalogue can give for a candidate's reference. */
export interface ImageOffer {
  /** Name in the catalogue. */
  name: string;
  source: "registry" | "recipe" | "stand-in";
  substitution?: { asked: string; got: string; why: string; hides: string[] };
}

/** What the machine that will carry the replica can do. */
export interface HostAbilities {
  /** The kernel has IPVS, so virtual addresses of services work; without it every service answers by DNS round robin. */
  ipvs: boolean;
}

/** One service as it will run: the candidate's own, and what the replica gives it beside. */
export interface ReplicaService {
  candidate: CandidateService;
  image: ImageOffer;
  endpointMode: "vip" | "dnsrr";
  logDriver: { name: "json-file"; options: Record<string, string> };
  /** Environment that the replica adds. */
  extraEnv: Record<string, string>;
  /** Files that the replica adds: certificate authority of the run. */
  extraConfigs: { source: string; target: string }[];
}

/** A candidate after substitution: what will run, and every difference. */
export interface ReplicaPlan {
  candidate: Candidate;
  hash: string;
  services: ReplicaService[];
  notReproduced: CandidateService[];
  /** Catalogue names of the parties' and the harness's own images. */
  partyImages: string[];
  substitutions: Substitution[];
}

/** Config that carries the run's certificate authority into containers which must trust it. */
export const authorityConfig = "sprocket-resilience-authority";
const goTrustFile = "/etc/ssl/certs/sprocket-resilience-authority.pem";
const nodeTrustFile = "/run/sprocket-resilience-authority.pem";

/** How a service of a role comes to trust the run's certificate authority: Go reads every file of the system's folder, Node one file named in its environment. */
const trust: Partial<Record<string, "go" | "node">> = {
  traefik: "go",
  vault: "go",
  core: "node",
  submission: "node",
  web: "node",
};

/**
 * Turns a candidate into what will run here. Pure: same candidate, same offers, same abilities, same plan.
 *
 * @param offer answers for a candidate's image reference, undefined when it can be neither had nor stood in for
 */
export function substitute(
  candidate: Candidate,
  offer: (reference: string) => ImageOffer | undefined,
  host: HostAbilities,
): ReplicaPlan {
  const services: ReplicaService[] = [];
  const notReproduced: CandidateService[] = [];
  const substitutions: Substitution[] = [];
  const fluentd: string[] = [];
  const roundRobin: string[] = [];

  for (const service of candidate.services) {
    const image = offer(service.image);
    if (!image) {
      notReproduced.push(service);
      continue;
    }
    if (image.substitution) {
      const kind = image.source === "stand-in" ? "stand-in" : image.source === "recipe" ? "version" : "image";
      substitutions.push({ subject: `service:${service.name}`, kind, ...image.substitution });
    }
    if (service.logDriver?.name === "fluentd") fluentd.push(service.name);
    const endpointMode = service.endpointMode === "vip" && !host.ipvs ? "dnsrr" : service.endpointMode;
    if (endpointMode !== service.endpointMode) roundRobin.push(service.name);
    const way = service.role && trust[service.role];
    services.push({
      candidate: service,
      image,
      endpointMode,
      logDriver: { name: "json-file", options: { "max-size": "20m", "max-file": "2" } },
      extraEnv: way === "node" ? { NODE_EXTRA_CA_CERTS: nodeTrustFile } : {},
      extraConfigs: way ? [{ source: authorityConfig, target: way === "node" ? nodeTrustFile : goTrustFile }] : [],
    });
    if (way) {
      substitutions.push({
        subject: `service:${service.name}`,
        kind: "certificate",
        asked: "the system's certificate authorities",
        got: "those and the run's own authority",
        why: "Every certificate of a replica is issued by an authority that lives as long as the run",
        hides: [],
      });
    }
  }

  if (fluentd.length > 0) {
    substitutions.push({
      subject: `services:${fluentd.join(",")}`,
      kind: "log-driver",
      asked: "fluentd at 172.18.0.1:24224, asynchronous",
      got: "json-file",
      why: "The profile has no Fluentd, and the gate reads the last log lines of a service that does not come up",
      hides: ["log-shipping"],
    });
  }
  if (roundRobin.length > 0) {
    substitutions.push({
      subject: `services:${roundRobin.join(",")}`,
      kind: "endpoint-mode",
      asked: "vip",
      got: "dnsrr",
      why: "This machine's kernel has no IPVS, which Swarm needs for virtual addresses",
      hides: ["virtual-address"],
    });
  }
  if (services.some((service) => service.candidate.role === "traefik")) {
    substitutions.push({
      subject: "service:traefik",
      kind: "certificate",
      asked: "certificates by TLS-ALPN-01 from Let's Encrypt",
      got: "the ACME store on Traefik's volume already holds certificates of the run's authority",
      why: "The profile has no ACME server; the static configuration stays as it is",
      hides: ["certificate-issuance"],
    });
    substitutions.push({
      subject: "service:traefik",
      kind: "published-port",
      asked: "80 and 443 on every address of the host",
      got: "80 and 443 on the node; a person reaches them on random loopback ports",
      why: "The user's machine is not part of the experiment",
      hides: [],
    });
  }
  const directories = candidate.host.filter((resource) => resource.type === "directory");
  if (directories.length > 0) {
    substitutions.push({
      subject: "host",
      kind: "host-resource",
      asked: directories.map((resource) => resource.path).join(", "),
      got: "the same paths on the node, empty, made by the replica",
      why: "A candidate's reach ends at its node; no program of the deployers creates these directories",
      hides: ["bind-directory-missing"],
    });
  }
  substitutions.push({
    subject: `secrets:${candidate.secrets.map((secret) => secret.name).join(",")}`,
    kind: "secret",
    asked: "the deployers' values",
    got: "values generated for this run",
    why: "Real secrets are never read",
    hides: ["secret-values"],
  });
  const { postgres, s3 } = candidate.parties;
  if (postgres)
    substitutions.push({
      subject: `party:postgres ${postgres.host}:${postgres.port}`,
      kind: "address",
      asked: "managed PostgreSQL",
      got: "PostgreSQL 15 in a container under the same name and port, TLS required",
      why: "The managed database is never touched",
      hides: ["managed-backup"],
    });
  if (s3)
    substitutions.push({
      subject: `party:s3 ${s3.host}`,
      kind: "address",
      asked: "managed object storage",
      got: "Versity S3 gateway in a container under the same name, TLS by the run's authority",
      why: "The managed storage is never touched",
      hides: [],
    });
  substitutions.push({
    subject: `party:dns ${candidate.domain}`,
    kind: "address",
    asked: "public DNS",
    got: "dnsmasq in a container, which knows the candidate's names and nothing else",
    why: "A replica asks nothing of a real resolver",
    hides: [],
  });
  return {
    candidate,
    hash: candidateHash(candidate),
    services,
    notReproduced,
    partyImages: [...(postgres ? ["postgres"] : []), ...(s3 ? ["s3"] : []), "dns", "agent", "node-image"],
    substitutions,
  };
}

/** The plan's services for reports and `plan`, in the order of tiers. */
export function plannedServices(plan: ReplicaPlan): PlannedService[] {
  const order = { layer1: 0, layer2: 1, platform: 2 };
  return [
    ...plan.services.map(({ candidate, image }) => ({
      name: candidate.name,
      tier: candidate.tier,
      image: candidate.image,
      source: image.source,
      needs: candidate.needs,
    })),
    ...plan.notReproduced.map((service) => ({
      name: service.name,
      tier: service.tier,
      image: service.image,
      source: "not-reproduced" as const,
      needs: service.needs,
    })),
  ].sort((a, b) => order[a.tier] - order[b.tier]);
}
