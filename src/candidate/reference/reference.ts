import type {
  Candidate,
  CandidateConfig,
  CandidateSecret,
  CandidateService,
  CandidateVolume,
  HostResource,
  Role,
} from "../types.ts";
import { actualService, actualStack, tierOfStack } from "./actual.ts";
import { configsOf } from "./configs.ts";
import type { ReferenceEntry } from "./entry.ts";
import { layer1 } from "./layer1.ts";
import { layer2 } from "./layer2.ts";
import { legacy } from "./legacy.ts";
import { n8n } from "./n8n.ts";
import { influxToken, redisPassword, secretText } from "./names.ts";
import { neo4j, neo4jVolumes } from "./neo4j.ts";
import { type ReferenceParties, referenceParties } from "./parties.ts";
import { platform } from "./platform.ts";
import { vault, vaultHost } from "./vault.ts";

/** The domain of the reference: the facts sheet's own placeholder for production's. */
export const referenceDomain = "sprocket.example";

/**
 * Which part of Sprocket the reference is. `core`: layer 1 with Vault, the two data stores, and the platform's web, core API and the three services that exit
 * when the broker fails. `full`: every service that the program registers at HEAD or the documents list.
 */
export type ReferenceProfile = "core" | "full";

/**
 * The built-in candidate.
 *
 * Source: `actual-services.json` (the program at HEAD) field by field; Vault, N8n and Neo4j from the facts sheet; configs rendered from `fixtures/`.
 */
export function referenceCandidate(profile: ReferenceProfile = "core"): Candidate {
  const domain = referenceDomain;
  const parties = referenceParties(profile);
  const services = [
    ...Object.entries(referenceEntries(domain, parties))
      .filter(([, entry]) => profile === "full" || entry.core)
      .map(([name, entry]) => registered(name, entry, domain)),
    vault(domain),
    ...(profile === "full" ? [neo4j(domain), n8n(domain, parties)] : []),
  ];
  const configs = configsOf(services, domain, parties);
  const volumes = volumesOf(services);
  return {
    name: "reference",
    profile,
    origin: { kind: "reference" },
    domain,
    parties,
    services,
    networks: [...new Set(services.flatMap((service) => service.networks))]
      .sort()
      .map((name) => ({ name, driver: "overlay" as const })),
    volumes,
    configs,
    secrets: secretsOf(services, configs, parties),
    host: [...hostOf(services, volumes), ...vaultHost],
  };
}

/** What every service is that the program registers at HEAD, by Swarm's name. */
export function registeredRoles(): Record<string, Role> {
  const entries = referenceEntries(referenceDomain, referenceParties("full"));
  return Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, entry.role]));
}

function referenceEntries(domain: string, parties: ReferenceParties): Record<string, ReferenceEntry> {
  return { ...layer1, ...layer2(domain, parties), ...platform, ...legacy(parties) };
}

/** A registered service with what the reference adds to it. */
function registered(name: string, entry: ReferenceEntry, domain: string): CandidateService {
  const actual = actualService(name, domain);
  const { password } = entry;
  return {
    ...actual,
    ...(password && actual.args ? { args: actual.args.map((arg) => (arg === "<secret>" ? secretText(password) : arg)) } : {}),
    env: { ...actual.env, ...entry.env },
    tier: entry.tier ?? tierOfStack[actual.stack] ?? "platform",
    role: entry.role,
    needs: entry.needs,
  };
}

function volumesOf(services: readonly CandidateService[]): CandidateVolume[] {
  const mounted = new Set(
    services.flatMap((service) => service.mounts.filter((mount) => mount.type === "volume").map((mount) => mount.source)),
  );
  const known = [...["layer_1", "layer_2", "platform"].flatMap((stack) => actualStack(stack).volumes), ...neo4jVolumes];
  return known.filter((volume) => mounted.has(volume.name));
}

/** Characters of a generated value, where it is not 32: as long as the program's own generator makes them. */
const secretLength: Readonly<Record<string, number>> = {
  "prod-secrets-jwt-secret": 128,
  [redisPassword]: 64,
  "layer2redis-password": 64,
  "prod-legacy-redis-password": 64,
  [influxToken]: 64,
  "prod-elo-service-secret": 64,
  "prod-elo-service-neo4j-password": 64,
  "n8n-encryption-key": 128,
};

/** Every secret that a party, a secret file or a text of the candidate names. */
function secretsOf(
  services: readonly CandidateService[],
  configs: readonly CandidateConfig[],
  { postgres, s3 }: ReferenceParties,
): CandidateSecret[] {
  const used = new Set<string>([postgres.passwordSecret, s3.accessSecret, s3.keySecret]);
  for (const service of services) for (const { source } of service.secrets) used.add(source);
  for (const text of [JSON.stringify(services), ...configs.map((config) => config.content)]) {
    for (const match of text.matchAll(/\$\{secret:([\w-]+)\}/g)) used.add(match[1] as string);
  }
  return [...used].sort().map((name) => ({
    name,
    shape: { length: secretLength[name] ?? 32, alphabet: "alphanumeric" as const },
  }));
}

/** What the program asks of a node and does not make: the directories that volumes are bound to, and the labels that placement wants. */
function hostOf(services: readonly CandidateService[], volumes: readonly CandidateVolume[]): HostResource[] {
  const wanted = services.flatMap((service) => service.placement.constraints);
  const labels = [...new Set(wanted)].flatMap((constraint): HostResource[] => {
    const [, name, value] = /^node\.labels\.([^=!]+)==(.+)$/.exec(constraint) ?? [];
    if (name === undefined || value === undefined) return [];
    const asking = services.filter((service) => service.placement.constraints.includes(constraint)).map(({ name }) => name);
    return [{ type: "node-label", name, value, why: `placement of ${asking.join(", ")}` }];
  });
  const directories = volumes
    .filter((volume) => volume.driverOpts.o === "bind" && volume.driverOpts.device)
    .map((volume) => ({
      type: "directory" as const,
      path: volume.driverOpts.device as string,
      why: `device of volume ${volume.name}`,
    }));
  return [...labels, ...directories];
}
