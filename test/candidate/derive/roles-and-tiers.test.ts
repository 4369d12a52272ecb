import { expect, it } from "vitest";
import { derive } from "../../../src/candidate/derive/derive.ts";
import { actualService } from "../../../src/candidate/reference/actual.ts";
import data from "../../../src/candidate/reference/actual-services.json" with { type: "json" };
import type { CandidateService, DefinedService } from "../../../src/candidate/types.ts";
import { aDefinition, aService } from "./a-definition.ts";

const of = (services: DefinedService[], pick: (service: CandidateService) => unknown) =>
  Object.fromEntries(derive(aDefinition(services)).services.map((service) => [service.name, pick(service)]));
const roles = (services: DefinedService[]) => of(services, ({ role }) => role);

it("all 29 services of the program have their role and the tier of the documents", () => {
  const services = Object.values(data.stacks).flatMap(({ services: all }) =>
    all.map((service) =>
      actualService("serviceName" in service ? (service.serviceName as string) : service.name, "sprocket.example"),
    ),
  );
  // The recorded program leaves values of variables out.
  const core = services.find(({ name }) => name === "prod-sprocket-core-service");
  if (core) core.env = { ...core.env, CACHE_HOST: "prod-datastores-redis-redis-primary" };
  expect(of(services, ({ role, tier }) => `${role} ${tier}`)).toEqual({
    traefik: "traefik layer1",
    "traefik-socket-sock-proxy": "socket-proxy layer1",
    "traefik-fa-service": "forward-auth layer1",
    influx: "influx layer2",
    loki: "loki layer2",
    "grafana-service": "grafana layer2",
    "fluent-service": "fluentd layer2",
    "replicated-telegraf-service": "telegraf layer2",
    "layer2redis-redis-primary": "layer2-redis layer2",
    "gatus-internal": "gatus layer2",
    "prod-datastores-rmq-service": "rabbitmq layer2",
    "prod-datastores-redis-redis-primary": "redis layer2",
    "prod-sprocket-core-service": "core platform",
    "prod-sprocket-web-service": "web platform",
    "prod-sprocket-image-generation-frontend-service": "image-generation-frontend platform",
    "prod-discord-bot-service": "discord-bot platform",
    "prod-notification-service-service": "notification platform",
    "prod-image-generation-service-service": "image-generation platform",
    "prod-server-analytics-service-service": "analytics platform",
    "prod-matchmaking-service-service": "matchmaking platform",
    "prod-replay-parse-service-service": "replay-parse platform",
    "prod-elo-service-sprocketservice-service": "elo platform",
    "prod-elo-service-dgraph-zero": "dgraph-zero platform",
    "prod-elo-service-dgraph-alpha": "dgraph-alpha platform",
    "prod-submission-service-service": "submission platform",
    "prod-legacy-redis-redis-primary": "legacy-redis platform",
    "prod-legacy-worker": "legacy-worker platform",
    "prod-legacy-bot-service-emilia": "legacy-bot-2 platform",
    "prod-legacy-bot-service-emilio": "legacy-bot-1 platform",
  });
});

it("an image's registry, tag and digest say nothing of what it is", () => {
  expect(
    roles([
      aService("a", "registry.example:5000/mirror/core:1@sha256:00"),
      aService("b", "Grafana/Loki:main"),
      aService("c", "hashicorp/vault"),
      aService("d", "n8nio/n8n"),
      aService("e", "neo4j:4.4.7-community"),
    ]),
  ).toEqual({ a: "core", b: "loki", c: "vault", d: "n8n", e: "neo4j" });
});

it("a private image goes by its service's name, a proxy of the socket by what it mounts, and a stranger has no role", () => {
  const socket = { type: "bind" as const, source: "/var/run/docker.sock", target: "/var/run/docker.sock", readOnly: true };
  expect(
    roles([
      aService("prod_matchmaking", "private/mm"),
      aService("docker-proxy", "haproxy:2.6", { mounts: [socket] }),
      aService("agent", "portainer/agent", { mounts: [socket] }),
      aService("blog", "nginx"),
    ]),
  ).toEqual({ prod_matchmaking: "matchmaking", "docker-proxy": "socket-proxy", agent: undefined, blog: undefined });
});

it("of several Redis the one that core addresses is the platform's, by name or by alias", () => {
  const other = aService("cache-a", "redis:7", { networks: ["n"] });
  const addressed = aService("cache-b", "redislabs/rejson:2.0.7", { networks: ["n"], aliases: { n: ["store"] } });
  const core = aService("api", "x/core", { networks: ["n"], env: { REDIS_HOST: "store" } });
  expect(roles([other, addressed, core])).toEqual({ "cache-a": undefined, "cache-b": "redis", api: "core" });
});

it("without an address the networks shared with core decide, and names that say so keep theirs", () => {
  const core = aService("api", "x/core", { networks: ["net", "ingress"] });
  expect(
    roles([
      core,
      aService("a-redis", "redis", { networks: ["ingress"] }),
      aService("b-redis", "redis", { networks: ["net", "ingress"] }),
      aService("legacy_redis", "redis", { networks: ["net", "ingress"] }),
      aService("layer2redis", "redis", { networks: ["ingress"] }),
    ]),
  ).toEqual({
    api: "core",
    "a-redis": undefined,
    "b-redis": "redis",
    legacy_redis: "legacy-redis",
    layer2redis: "layer2-redis",
  });
});

it("a role is given once, to the one whose own name says it", () => {
  expect(roles([aService("a", "x/web"), aService("the-web", "x/web")])).toEqual({ a: undefined, "the-web": "web" });
});

it("a tier that is written stays, but for the two stores that all of the platform shares; a store of no role comes before the platform", () => {
  expect(
    of(
      [
        aService("grafana", "grafana/grafana", { tier: "platform" }),
        aService("rmq", "rabbitmq:3", { tier: "platform" }),
        aService("db", "postgres:15"),
        aService("blog", "nginx"),
      ],
      ({ tier }) => tier,
    ),
  ).toEqual({ grafana: "platform", rmq: "layer2", db: "layer2", blog: "platform" });
});

it("one name twice is refused, with both places", () => {
  const twice = aDefinition([
    aService("a", "x", { place: "1.yaml: services.a" }),
    aService("a", "y", { place: "2.yaml: services.a" }),
  ]);
  expect(() => derive(twice)).toThrow(
    expect.objectContaining({ code: "E_CANDIDATE_TWICE", message: expect.stringMatching(/1\.yaml: services\.a and by 2\.yaml/) }),
  );
});
