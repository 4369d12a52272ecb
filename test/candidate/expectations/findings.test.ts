import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { departures, documentedFindings, expectations, missingDocumented } from "../../../src/candidate/expectations/index.ts";
import { referenceCandidate } from "../../../src/candidate/reference/reference.ts";
import { aCandidate, aService } from "./a-candidate.ts";

const core = referenceCandidate("core");
const full = referenceCandidate("full");
const found = (candidate: typeof core) => documentedFindings(candidate).map(({ rule, place }) => `${rule} ${place}`);

/** What both profiles have, so both break: reviewed against the facts sheet, section 0.3 and the sections it points to. */
const ofBoth = [
  "documented/traefik-version service:traefik",
  "documented/http-redirect config:traefik-config",
  "documented/acme-challenge config:traefik-config",
  "documented/acme-storage config:traefik-config",
  "documented/traefik-api-open config:traefik-config",
  "documented/hsts service:traefik",
  "documented/compression service:traefik",
  "documented/lan-access service:prod-sprocket-web-service",
  "documented/tailscale-access service:prod-sprocket-web-service",
  "documented/vault-tls service:vault",
  "documented/vault-network-members network:vault-network",
  "documented/vault-init-flags service:vault",
  "documented/redis-image service:prod-datastores-redis-redis-primary",
  "documented/redis-config-file service:prod-datastores-redis-redis-primary",
  "documented/redis-aof service:prod-datastores-redis-redis-primary",
  "documented/redis-limit service:prod-datastores-redis-redis-primary",
  "documented/store-layer service:prod-datastores-redis-redis-primary",
  "documented/store-layer service:prod-datastores-rmq-service",
  "documented/store-internal service:prod-datastores-redis-redis-primary",
  "documented/store-internal service:prod-datastores-rmq-service",
  "documented/rabbitmq-credentials service:prod-datastores-rmq-service",
  "documented/rabbitmq-vhost service:prod-datastores-rmq-service",
  "documented/health-checks candidate",
  "documented/memory-limits candidate",
  "documented/two-replicas candidate",
  "documented/network-count candidate",
  "documented/platform-network-internal network:prod-net",
  "documented/web-framework service:prod-sprocket-web-service",
  "documented/introspection config:prod-sprocket-core-config",
  "documented/image-names service:prod-sprocket-core-service",
  "documented/image-names service:prod-sprocket-web-service",
];

describe("what the documents promise", () => {
  it("and profile core does not give, exactly", () => {
    const missing = [
      "InfluxDB",
      "Grafana",
      "N8n",
      "Neo4j",
      "Gatus",
      "Loki",
      "Telegraf",
      "Discord Bot",
      "Image Generation",
      "Analytics Service",
      "Replay Parse Service",
      "ELO Service",
    ];
    expect(found(core).sort()).toEqual(
      [...missing.map((name) => `documented/service-missing documented:${name}`), ...ofBoth].sort(),
    );
  });

  it("and profile full does not give, exactly", () => {
    expect(found(full).sort()).toEqual(
      [
        ...ofBoth,
        "documented/redis-count candidate",
        "documented/redis-image service:layer2redis-redis-primary",
        "documented/redis-config-file service:layer2redis-redis-primary",
        "documented/redis-aof service:layer2redis-redis-primary",
        "documented/redis-limit service:layer2redis-redis-primary",
        "documented/store-internal service:layer2redis-redis-primary",
        "documented/influx-version service:influx",
        "documented/influx-bucket service:influx",
        "documented/influx-retention service:influx",
        "documented/influx-limit service:influx",
        "documented/loki-retention service:loki",
        "documented/telegraf-inputs config:replicated-telegraf-config",
        "documented/gatus-host service:gatus-internal",
        "documented/gatus-interval config:gatus-internal-config",
        "documented/gatus-targets config:gatus-internal-config",
        "documented/gatus-database config:gatus-internal-config",
        "documented/published-ports service:fluent-service",
      ].sort(),
    );
  });

  it("is told with the numbers met and a cure", () => {
    const said = Object.fromEntries(documentedFindings(full).map(({ rule, place, what }) => [`${rule} ${place}`, what]));
    expect(said["documented/health-checks candidate"]).toMatch(/; 31 of 32 services have none: /);
    expect(said["documented/two-replicas candidate"]).toMatch(/; 11 of 11 applications run once: /);
    expect(said["documented/redis-count candidate"]).toMatch(/; 3 are defined: /);
    expect(said["documented/gatus-targets config:gatus-internal-config"]).toMatch(/; 13 of 13 public names are not watched: /);
    for (const { cure } of documentedFindings(full)) expect(cure).toMatch(/\.$/);
  });
});

describe("what the program gives", () => {
  it("is what the whole reference is", () => {
    expect(departures(full, "actual")).toEqual([]);
  });

  it("differs from profile core in what core leaves out alone", () => {
    expect(departures(core, "actual").map(({ expectation }) => expectation.id)).toEqual(["redis-count", "network-count"]);
  });
});

describe("missingDocumented", () => {
  it("wants each part of Image Generation, and one Redis of two", () => {
    const missing = missingDocumented(aCandidate([aService("image-generation"), aService("layer2-redis")]));
    const named = (name: string) => missing.find(({ service }) => service.name === name);
    expect(named("Image Generation")?.roles).toEqual(["image-generation-frontend"]);
    expect(named("Redis")).toBeUndefined();
    expect(missing).toHaveLength(21);
  });

  it("misses Vault, Neo4j and N8n where the program at HEAD is the definition", () => {
    const atHead = {
      ...full,
      services: full.services.filter((service) => !["vault", "neo4j", "n8n"].includes(service.role ?? "")),
    };
    expect(missingDocumented(atHead).map(({ service }) => service.name)).toEqual(["Vault", "N8n", "Neo4j"]);
  });
});

it("docs/candidates.md lists every expectation", async () => {
  const text = readFileSync(new URL("../../../docs/candidates.md", import.meta.url), "utf8");
  const [table = ""] = text.slice(text.indexOf("| about | ids")).split("\n\n");
  const rows = table.split("\n").slice(2);
  const listed = rows.flatMap((row) => [...row.matchAll(/`([\w-]+)`/g)].map((match) => match[1]));
  expect(listed).toEqual(expectations.map(({ id }) => id));
});
