import { candidateHash } from "../candidate/hash.ts";
import type {
  Candidate,
  CandidateSecret,
  CandidateService,
  CandidateVolume,
  LogDriver,
  PublishedPort,
} from "../candidate/types.ts";
import type { PlannedService, Substitution } from "../history/events.ts";
import { addressSubstitutions } from "./addresses.ts";
import { hostOf } from "./host.ts";
import { type IssuancePlan, issuanceOf } from "./issuance.ts";
import { type MadeConfig, madeFor } from "./made.ts";
import { type NodeShape, placementOf } from "./placement.ts";
import { endpointOf, endpointSubstitutions, type HostAbilities } from "./ports.ts";
import { trustOf } from "./trust.ts";

/** How an image of the candidate is had. */
export interface ImageOffer {
  /** Name in the catalogue, or one of ours for the candidate's own image. */
  name: string;
  source: "registry" | "recipe" | "stand-in";
  /** The candidate's reference, where its own image is used and no recipe or stand-in of ours. */
  own?: { reference: string; present?: boolean };
  substitution?: { asked: string; got: string; why: string; hides: string[] };
}

/** One service as it will run: the candidate's own, and what the replica gives it beside. */
export interface ReplicaService {
  candidate: CandidateService;
  image: ImageOffer;
  endpointMode: "vip" | "dnsrr";
  ports: PublishedPort[];
  /** Placement constraints that the replica's node satisfies. */
  constraints: string[];
  logDriver: LogDriver;
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
  node: NodeShape & {
    directories: string[];
    /** A disk of its own for data, where somebody asked for one: `volumes`, or a folder of the node. */
    dataDisk?: { at: string; bytes: number };
  };
  volumes: CandidateVolume[];
  /** What services name and nothing of the candidate creates. */
  made: { configs: MadeConfig[]; secrets: CandidateSecret[]; networks: string[] };
  /** The ACME server that stands in the place of the candidate's; undefined where Traefik's store has all certificates from the beginning. */
  issuance?: IssuancePlan;
  /** Catalogue names of the parties' and the harness's own images. */
  partyImages: string[];
  substitutions: Substitution[];
}

/** Of a container whose log goes to a file on its node, and which says no more of it. */
const boundedLog = { "max-size": "20m", "max-file": "2" };
/** Drivers whose lines stay on the node, where they can be read. */
const localLogs = ["json-file", "local", "none"];

/**
 * Turns a candidate into what will run here. Pure: same candidate, same offers, same abilities, same plan.
 *
 * @param offer answers for a candidate's image reference, undefined when it can be neither had nor stood in for
 * @param differences what the importer had to change already, listed with the rest
 */
export function substitute(
  candidate: Candidate,
  offer: (reference: string) => ImageOffer | undefined,
  host: HostAbilities,
  differences: readonly Substitution[] = [],
): ReplicaPlan {
  const offered = candidate.services.map((service) => ({ service, image: offer(service.image) }));
  const notReproduced = offered.filter(({ image }) => !image).map(({ service }) => service);
  const running = candidate.services.filter((service) => !notReproduced.includes(service));
  const placement = placementOf(candidate, running);
  const made = madeFor(candidate, running);
  const shape = hostOf(candidate, running);
  const certificates = issuanceOf(candidate, running);
  const substitutions: Substitution[] = [...differences];
  const services: ReplicaService[] = [];

  for (const { service, image } of offered) {
    if (!image) continue;
    if (image.substitution) {
      const kind = image.source === "stand-in" ? "stand-in" : image.source === "recipe" ? "version" : "image";
      substitutions.push({ subject: `service:${service.name}`, kind, ...image.substitution });
    }
    const endpoint = endpointOf(service, host);
    const trust = trustOf(service);
    const keptLog = service.logDriver && localLogs.includes(service.logDriver.name) ? service.logDriver : undefined;
    services.push({
      candidate: service,
      image,
      endpointMode: endpoint.mode,
      ports: endpoint.ports,
      constraints: placement.kept(service),
      logDriver: keptLog ?? { name: "json-file", options: boundedLog },
      extraEnv: trust?.env ?? {},
      extraConfigs: trust?.configs ?? [],
    });
    if (trust)
      substitutions.push({
        subject: `service:${service.name}`,
        kind: "certificate",
        asked: "the system's certificate authorities",
        got: `those and ${certificates.issuance ? "what issues the replica's certificates: the run's own authority and its ACME server" : "the run's own authority"}`,
        why: "Every certificate of a replica is issued by an authority that lives as long as the run",
        hides: [],
      });
  }

  substitutions.push(
    ...logSubstitutions(running),
    ...certificates.substitutions,
    ...endpointSubstitutions(running, host),
    ...shape.substitutions,
    ...placement.substitutions,
    ...made.substitutions,
    ...(candidate.secrets.length > 0 ? [generatedSecrets(candidate)] : []),
    ...addressSubstitutions(
      candidate,
      certificates.issuance?.servers.map(({ host }) => host),
    ),
  );
  const { postgres, s3 } = candidate.parties;
  return {
    candidate,
    hash: candidateHash(candidate),
    services,
    notReproduced,
    node: { ...placement.node, directories: shape.directories },
    volumes: shape.volumes,
    made: { configs: made.configs, secrets: made.secrets, networks: made.networks },
    ...(certificates.issuance ? { issuance: certificates.issuance } : {}),
    partyImages: [
      ...(postgres ? ["postgres"] : []),
      ...(s3 ? ["s3"] : []),
      ...(certificates.issuance ? ["acme"] : []),
      "dns",
      "agent",
      "node-image",
    ],
    substitutions,
  };
}

function generatedSecrets(candidate: Candidate): Substitution {
  return {
    subject: `secrets:${candidate.secrets.map((secret) => secret.name).join(",")}`,
    kind: "secret",
    asked: "the deployers' values",
    got: "values generated for this run",
    why: "Real secrets are never read",
    hides: ["secret-values"],
  };
}

/** Lines that would leave the node stay on it, since the gate reads the last ones of a service that does not come up. */
function logSubstitutions(services: readonly CandidateService[]): Substitution[] {
  const shipped = new Map<string, string[]>();
  for (const { name, logDriver } of services) {
    if (!logDriver || localLogs.includes(logDriver.name)) continue;
    const to = logDriver.options[`${logDriver.name}-address`];
    const asked = `${logDriver.name}${to ? ` at ${to}` : ""}${logDriver.options["fluentd-async"] === "true" ? ", asynchronous" : ""}`;
    shipped.set(asked, [...(shipped.get(asked) ?? []), name]);
  }
  return [...shipped].map(([asked, names]) => ({
    subject: `services:${names.join(",")}`,
    kind: "log-driver",
    asked,
    got: "json-file",
    why: "The gate reads the last log lines of a service that does not come up, and nothing of a replica leaves its node",
    hides: ["log-shipping"],
  }));
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
