import type { Tier } from "../../history/events.ts";
import type { DefinedService, Role } from "../types.ts";
import { imageKind } from "./image-repository.ts";

/** Tiers as Sprocket's documents cut them (facts sheet, sections 1.0, 1.2 and 1.3); every other role is the platform's, its own stores included. */
const tierOfRole: Partial<Record<Role, Tier>> = {
  traefik: "layer1",
  "socket-proxy": "layer1",
  "forward-auth": "layer1",
  vault: "layer1",
  redis: "layer2",
  rabbitmq: "layer2",
  "layer2-redis": "layer2",
  influx: "layer2",
  grafana: "layer2",
  loki: "layer2",
  telegraf: "layer2",
  fluentd: "layer2",
  gatus: "layer2",
  neo4j: "layer2",
  n8n: "layer2",
};

/** Stores that Sprocket has no role for; where one stands in a definition, the platform comes after it. */
const stores = ["postgres", "postgresql", "minio", "mysql", "mariadb", "mongo", "redis", "rejson", "valkey", "prometheus"];

/**
 * A service's tier: its definition's own word, else by role. Only the two data stores that every service of the platform shares are layer 2 whatever stack
 * registers them, as the documents have it.
 */
export function tierOf(service: DefinedService, role: Role | undefined): Tier {
  if (role === "redis" || role === "rabbitmq") return "layer2";
  if (service.tier) return service.tier;
  if (role) return tierOfRole[role] ?? "platform";
  return stores.includes(imageKind(service.image)) ? "layer2" : "platform";
}
