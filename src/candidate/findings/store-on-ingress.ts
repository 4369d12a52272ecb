import type { CandidateService, Role } from "../types.ts";
import { imageName } from "./image.ts";
import { found, list, placeOf, type StaticRule, traefikOf } from "./rule.ts";

const roles = new Set<Role>([
  "redis",
  "layer2-redis",
  "legacy-redis",
  "rabbitmq",
  "influx",
  "dgraph-zero",
  "dgraph-alpha",
  "neo4j",
]);

/** Images that are a data store by themselves; exporters and consoles of a store have other names. */
const images = new Set(
  "redis rejson redis-stack redis-stack-server valkey keydb dragonfly rabbitmq influxdb dgraph postgres postgresql postgis timescaledb mysql mariadb mongo mongodb neo4j memcached elasticsearch opensearch clickhouse clickhouse-server minio etcd cassandra couchdb".split(
    " ",
  ),
);

function isStore(service: CandidateService): boolean {
  return (service.role !== undefined && roles.has(service.role)) || images.has(imageName(service.image).base);
}

/** Everything that is routed is on that network, so whoever takes one routed service over can speak to the store. */
export const storeOnIngress: StaticRule = {
  id: "static/store-on-ingress",
  title: "Data store on the ingress network",
  cure: "Keep the store on a network of those that use it; let only what answers people join Traefik's.",
  find(candidate) {
    const traefik = traefikOf(candidate);
    if (!traefik) return [];
    return candidate.services.filter(isStore).flatMap((service) => {
      const shared = service.networks.filter((network) => traefik.networks.includes(network));
      if (shared.length === 0) return [];
      const beside = candidate.services.filter(
        (one) => one !== service && one !== traefik && one.networks.some((network) => shared.includes(network)),
      ).length;
      return [
        found(
          storeOnIngress,
          placeOf("service", service),
          `${service.name} is on ${list(shared)} with Traefik and ${beside} other services.`,
        ),
      ];
    });
  },
};
