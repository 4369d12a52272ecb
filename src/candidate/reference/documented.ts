import type { Tier } from "../../history/events.ts";
import type { Role } from "../types.ts";

/** One of the 22 services that Sprocket's documents list (facts sheet, section 1.0), and what it is in a definition. */
export interface DocumentedService {
  name: string;
  /** Layer that the documents put it in. */
  tier: Tier;
  /** Sprocket's document that lists it. */
  source: string;
  /** Roles that make it up. */
  roles: readonly Role[];
  /** Each of the roles must be there; else one is enough. */
  each?: true;
}

const architecture = "docs-output/ARCHITECTURE.md";
const postmortem = "docs-output/POSTMORTEM.md";

/** In the documents' order: 3, 9 and 10. */
export const documentedServices: readonly DocumentedService[] = [
  { name: "Traefik", tier: "layer1", source: architecture, roles: ["traefik"] },
  // Not in the program since 2026-02-02.
  { name: "Vault", tier: "layer1", source: architecture, roles: ["vault"] },
  { name: "Socket Proxy", tier: "layer1", source: architecture, roles: ["socket-proxy"] },
  // The documents have one for all; the program has a shared one that nothing uses, and the platform's own.
  { name: "Redis", tier: "layer2", source: architecture, roles: ["redis", "layer2-redis"] },
  { name: "RabbitMQ", tier: "layer2", source: architecture, roles: ["rabbitmq"] },
  { name: "InfluxDB", tier: "layer2", source: architecture, roles: ["influx"] },
  { name: "Grafana", tier: "layer2", source: architecture, roles: ["grafana"] },
  // Called by no stack since 2025-11-04.
  { name: "N8n", tier: "layer2", source: architecture, roles: ["n8n"] },
  // Called by nothing; Dgraph took its place.
  { name: "Neo4j", tier: "layer2", source: architecture, roles: ["neo4j"] },
  { name: "Gatus", tier: "layer2", source: architecture, roles: ["gatus"] },
  { name: "Loki", tier: "layer2", source: architecture, roles: ["loki"] },
  { name: "Telegraf", tier: "layer2", source: architecture, roles: ["telegraf"] },
  { name: "Sprocket Web", tier: "platform", source: architecture, roles: ["web"] },
  { name: "Sprocket API", tier: "platform", source: architecture, roles: ["core"] },
  { name: "Discord Bot", tier: "platform", source: architecture, roles: ["discord-bot"] },
  // One line for both, which is how ten make the platform.
  {
    name: "Image Generation",
    tier: "platform",
    source: postmortem,
    roles: ["image-generation-frontend", "image-generation"],
    each: true,
  },
  { name: "Notification Service", tier: "platform", source: architecture, roles: ["notification"] },
  { name: "Analytics Service", tier: "platform", source: architecture, roles: ["analytics"] },
  { name: "Matchmaking Service", tier: "platform", source: architecture, roles: ["matchmaking"] },
  { name: "Replay Parse Service", tier: "platform", source: architecture, roles: ["replay-parse"] },
  { name: "ELO Service", tier: "platform", source: architecture, roles: ["elo"] },
  { name: "Submission Service", tier: "platform", source: architecture, roles: ["submission"] },
];

/** Roles of the program's 29 that none of the 22 is. */
export const undocumentedRoles: Readonly<Partial<Record<Role, string>>> = {
  "forward-auth": "stands in layer 1 where the documents have Vault",
  fluentd: "the documents speak of a log driver, not of the service behind it",
  "dgraph-zero": "took Neo4j's place",
  "dgraph-alpha": "took Neo4j's place",
  "legacy-redis": `part of the "Legacy Bot" that only ${architecture}'s longer list of 24 has`,
  "legacy-worker": `part of the "Legacy Bot" that only ${architecture}'s longer list of 24 has`,
  "legacy-bot-1": `part of the "Legacy Bot" that only ${architecture}'s longer list of 24 has`,
  "legacy-bot-2": `part of the "Legacy Bot" that only ${architecture}'s longer list of 24 has`,
};

/** The documents' name of what a role is, undefined where they have none. */
export function documentedNameOf(role: Role): string | undefined {
  return documentedServices.find((service) => service.roles.includes(role))?.name;
}
