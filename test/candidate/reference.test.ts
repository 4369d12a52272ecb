import { describe, expect, it } from "vitest";
import { candidateHash } from "../../src/candidate/hash.ts";
import data from "../../src/candidate/reference/actual-services.json" with { type: "json" };
import { referenceCandidate } from "../../src/candidate/reference/reference.ts";
import { routesOf } from "../../src/candidate/routes.ts";

interface Recorded {
  name: string;
  serviceName?: string;
  image: string;
  labels?: Record<string, string>;
  networks?: string[];
  configs?: { config: string; file: string }[];
  secrets?: { secret: string; file: string }[];
  mounts?: { source: string; target: string }[];
  healthcheck?: { tests: string[] };
  endpointSpec?: { mode?: string; ports?: unknown[] };
}

const recorded = Object.values(data.stacks).flatMap((stack) => stack.services as unknown as Recorded[]);
const candidate = referenceCandidate();
const ofRole = (role: string) => {
  const found = candidate.services.find((service) => service.role === role);
  if (!found) throw new Error(`no ${role}`);
  return found;
};

describe("the reference candidate", () => {
  it("is recorded with all 29 services of the program", () => {
    expect(recorded).toHaveLength(29);
  });

  it.each(candidate.services.filter((service) => service.role !== "vault").map((service) => [service.name, service] as const))(
    "%s is the program's, field by field",
    (name, service) => {
      const program = recorded.find((one) => (one.serviceName ?? one.name) === name);
      expect(program).toBeDefined();
      const { image, labels = {}, configs = [], secrets = [], mounts = [], healthcheck, endpointSpec } = program as Recorded;
      expect(service.image).toBe(image);
      expect(service.labels).toEqual(
        Object.fromEntries(
          Object.entries(labels).map(([key, value]) => [key, value.replaceAll("example.test", candidate.domain)]),
        ),
      );
      expect(service.configs.map(({ source, target }) => ({ config: source, file: target }))).toEqual(configs);
      expect(service.secrets.map(({ source, target }) => ({ secret: source, file: target }))).toEqual(secrets);
      expect(service.mounts.map(({ source, target }) => [source, target])).toEqual(
        mounts.map(({ source, target }) => [source, target]),
      );
      expect(service.healthcheck?.test).toEqual(healthcheck?.tests);
      expect(service.endpointMode).toBe(endpointSpec?.mode ?? "vip");
      expect(service.ports).toHaveLength(endpointSpec?.ports?.length ?? 0);
    },
  );

  it("has the routers of the facts sheet, each on the port behind it", () => {
    const routes = candidate.services
      .flatMap(routesOf)
      .map((route) => `${route.protocol} ${route.router} ${route.host}:${route.port}`);
    expect(routes.sort()).toEqual(
      [
        "http http fa.sprocket.example:3000",
        "http prod-datastores-rmq-management management.rabbitMq.sprocket.example:15672",
        "http sprocket-core-main api.sprocket.example:3001",
        "http sprocket-web-main sprocket.example:3000",
        "http traefik-dashboard traefik.sprocket.example:9999",
        "http vault vault.sprocket.example:8200",
        "tcp prod-datastores-redis redis.sprocket.example:6379",
        "tcp prod-datastores-rmq-management rabbitMq.sprocket.example:5672",
      ].sort(),
    );
  });

  it("gates the dashboard with forward-auth and leaves Vault's router without TLS, as the code had them", () => {
    expect(routesOf(ofRole("traefik"))[0]).toMatchObject({
      forwardAuth: "https://fa.sprocket.example/login?rule=SprocketAdmin",
      tls: true,
    });
    expect(routesOf(ofRole("vault"))[0]).toMatchObject({ tls: false });
  });

  it("names in every service only networks, volumes, configs and secrets that it defines", () => {
    const names = (list: { name: string }[]) => list.map(({ name }) => name);
    for (const service of candidate.services) {
      expect(names(candidate.networks)).toEqual(expect.arrayContaining(service.networks));
      expect(names(candidate.configs)).toEqual(expect.arrayContaining(service.configs.map((file) => file.source)));
      expect(names(candidate.secrets)).toEqual(expect.arrayContaining(service.secrets.map((file) => file.source)));
      expect(names(candidate.volumes)).toEqual(
        expect.arrayContaining(service.mounts.filter((mount) => mount.type === "volume").map((mount) => mount.source)),
      );
    }
  });

  it("leaves no hole in a rendered config, and no secret's value anywhere", () => {
    for (const config of candidate.configs) expect(config.content).not.toMatch(/\{\{[\w.]+\}\}/);
    expect(ofRole("redis").args).toContain("${secret:prod-secrets-redis-password}");
  });

  it("has one hash for one definition, and another for any change", () => {
    expect(candidateHash(referenceCandidate())).toBe(candidateHash(candidate));
    const changed = structuredClone(candidate);
    (changed.services[0] as { image: string }).image += "x";
    expect(candidateHash(changed)).not.toBe(candidateHash(candidate));
  });
});
