import { describe, expect, it } from "vitest";
import data from "../../src/candidate/reference/actual-services.json" with { type: "json" };
import { documentedNameOf, documentedServices, undocumentedRoles } from "../../src/candidate/reference/documented.ts";
import { referenceCandidate, registeredRoles } from "../../src/candidate/reference/reference.ts";

const program = Object.values(data.stacks).flatMap((stack) =>
  (stack.services as { name: string; serviceName?: string }[]).map((service) => service.serviceName ?? service.name),
);
const roles = registeredRoles();

describe("the mapping between the documents' 22 services and the program's 29", () => {
  it("has 22 documented ones, 3 and 9 and 10, no name twice", () => {
    const names = documentedServices.map((service) => service.name);
    expect(new Set(names).size).toBe(22);
    const inTier = (tier: string) => documentedServices.filter((service) => service.tier === tier).length;
    expect([inTier("layer1"), inTier("layer2"), inTier("platform")]).toEqual([3, 9, 10]);
  });

  it("says of each of the 29 which documented service it is, or that it is none", () => {
    expect(Object.keys(roles).sort()).toEqual([...program].sort());
    const documented = Object.fromEntries(
      Object.entries(roles).map(([service, role]) => [service, documentedNameOf(role) ?? "not documented"]),
    );
    expect(documented).toEqual({
      traefik: "Traefik",
      "traefik-socket-sock-proxy": "Socket Proxy",
      "traefik-fa-service": "not documented",
      "layer2redis-redis-primary": "Redis",
      influx: "InfluxDB",
      loki: "Loki",
      "fluent-service": "not documented",
      "grafana-service": "Grafana",
      "replicated-telegraf-service": "Telegraf",
      "gatus-internal": "Gatus",
      "prod-datastores-redis-redis-primary": "Redis",
      "prod-datastores-rmq-service": "RabbitMQ",
      "prod-sprocket-core-service": "Sprocket API",
      "prod-sprocket-web-service": "Sprocket Web",
      "prod-discord-bot-service": "Discord Bot",
      "prod-sprocket-image-generation-frontend-service": "Image Generation",
      "prod-image-generation-service-service": "Image Generation",
      "prod-notification-service-service": "Notification Service",
      "prod-server-analytics-service-service": "Analytics Service",
      "prod-matchmaking-service-service": "Matchmaking Service",
      "prod-replay-parse-service-service": "Replay Parse Service",
      "prod-elo-service-sprocketservice-service": "ELO Service",
      "prod-elo-service-dgraph-zero": "not documented",
      "prod-elo-service-dgraph-alpha": "not documented",
      "prod-submission-service-service": "Submission Service",
      "prod-legacy-redis-redis-primary": "not documented",
      "prod-legacy-worker": "not documented",
      "prod-legacy-bot-service-emilio": "not documented",
      "prod-legacy-bot-service-emilia": "not documented",
    });
  });

  it("has no service of the program behind Vault, N8n and Neo4j, two behind Redis and Image Generation, one behind each other", () => {
    const behind = (name: string) => Object.values(roles).filter((role) => documentedNameOf(role) === name).length;
    const counts = Object.fromEntries(documentedServices.map(({ name }) => [name, behind(name)]));
    const special = { Vault: 0, N8n: 0, Neo4j: 0, Redis: 2, "Image Generation": 2 };
    expect(counts).toEqual({ ...Object.fromEntries(documentedServices.map(({ name }) => [name, 1])), ...special });
  });

  it("speaks of every role that the program has once: documented or, with the reason, not", () => {
    for (const role of Object.values(roles))
      expect([role, documentedNameOf(role) === undefined]).toEqual([role, role in undocumentedRoles]);
    expect(Object.values(roles)).toEqual(expect.arrayContaining(Object.keys(undocumentedRoles)));
  });

  it("finds both lists in profile full, and nothing that neither has", () => {
    const { services } = referenceCandidate("full");
    const mine = services.map((service) => service.role);
    expect(mine).toEqual(expect.arrayContaining(documentedServices.flatMap((service) => service.roles)));
    expect(services.map((service) => service.name)).toEqual(expect.arrayContaining(program));
    for (const role of mine) expect(role && (documentedNameOf(role) ?? undocumentedRoles[role])).toBeTruthy();
  });
});
