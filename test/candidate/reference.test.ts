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
const full = referenceCandidate("full");
const ofRole = (role: string) => {
  const found = candidate.services.find((service) => service.role === role);
  if (!found) throw new Error(`no ${role}`);
  return found;
};

describe("the reference candidate", () => {
  it("is recorded with all 29 services of the program", () => {
    expect(recorded).toHaveLength(29);
  });

  it("has every one of them in profile full, and beside them Vault, Neo4j and N8n", () => {
    const program = recorded.map((one) => one.serviceName ?? one.name);
    expect(full.services.map((service) => service.name).sort()).toEqual(
      [...program, "vault", "prod-elo-service-neo4j-service", "n8n-service"].sort(),
    );
  });

  const ofProgram = full.services.filter((service) => !["vault", "neo4j", "n8n"].includes(service.role ?? ""));

  it.each(ofProgram.map((service) => [service.name, service] as const))(
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

  it.each([candidate, full])(
    "names in every service of profile $profile only networks, volumes, configs and secrets that it defines, but for the id of another Swarm",
    (candidate) => {
      const names = (list: { name: string }[]) => list.map(({ name }) => name);
      const foreign = "lrssxjdhzv953xw6cwb2zn9wf";
      for (const service of candidate.services) {
        const configs = service.configs.map((file) => file.source).filter((source) => source !== foreign);
        expect(names(candidate.networks)).toEqual(expect.arrayContaining(service.networks));
        expect(names(candidate.configs)).toEqual(expect.arrayContaining(configs));
        expect(names(candidate.secrets)).toEqual(expect.arrayContaining(service.secrets.map((file) => file.source)));
        expect(names(candidate.volumes)).toEqual(
          expect.arrayContaining(service.mounts.filter((mount) => mount.type === "volume").map((mount) => mount.source)),
        );
      }
      expect(names(candidate.configs)).not.toContain(foreign);
    },
  );

  it.each([candidate, full])(
    "leaves no hole in a value of profile $profile, and every secret that a text names is one of its own",
    (candidate) => {
      for (const config of candidate.configs) expect(config.content).not.toMatch(/\{\{[\w.]+\}\}/);
      for (const { args = [], env } of candidate.services)
        for (const text of [...args, ...Object.values(env)]) expect(text).not.toMatch(/^<\w+>$/);
      const named = [...JSON.stringify(candidate).matchAll(/\$\{secret:([\w-]+)\}/g)].map((match) => match[1]);
      expect(candidate.secrets.map((secret) => secret.name)).toEqual(expect.arrayContaining([...new Set(named)]));
    },
  );

  it("gives each Redis the password that its clients have, and Influx the token that its clients have", () => {
    const of = (role: string) => full.services.find((service) => service.role === role);
    expect(of("redis")?.args).toContain("${secret:prod-secrets-redis-password}");
    expect(of("core")?.secrets.map((file) => file.source)).toContain("prod-secrets-redis-password");
    for (const role of ["legacy-worker", "legacy-bot-1", "legacy-bot-2"])
      expect(of("legacy-redis")?.args).toContain(of(role)?.env.REDIS_PASSWORD);
    const token = of("influx")?.env.DOCKER_INFLUXDB_INIT_ADMIN_TOKEN;
    expect([token, of("grafana")?.env.INFLUX_TOKEN, of("telegraf")?.env.INFLUX_TOKEN]).toEqual(
      Array(3).fill("${secret:prod-secrets-influx-token}"),
    );
    expect(of("analytics")?.secrets.map((file) => file.source)).toEqual(["prod-secrets-influx-token"]);
  });

  it("has needs that are parties or services of the same candidate, in every profile", () => {
    for (const { services } of [candidate, full])
      for (const { needs } of services)
        expect([...services.map((service) => service.name), "party:postgres", "party:s3"]).toEqual(expect.arrayContaining(needs));
  });

  it("renders one broker URL mangled, as the program's template engine leaves it, and no other", () => {
    const mangled = full.configs.filter((config) => config.content.includes("?heartbeat&#x3D;60"));
    expect(mangled.map((config) => config.name)).toEqual(["prod-replay-parse-service-config"]);
    expect(JSON.parse(mangled[0]?.content ?? "").celery.broker).toBe("amqp://prod-datastores-rmq-service?heartbeat&#x3D;60");
    expect(JSON.parse(mangled[0]?.content ?? "").transport.url).toBe("amqp://prod-datastores-rmq-service:5672?heartbeat=60");
  });

  it("asks of the node a storage label, and directories four of which lie in the fifth", () => {
    expect(full.host.filter((resource) => resource.type === "node-label")).toEqual([
      {
        type: "node-label",
        name: "role",
        value: "storage",
        why: "placement of influx, loki, prod-elo-service-neo4j-service",
      },
    ]);
    const devices = full.volumes.map((volume) => volume.driverOpts.device).filter((device) => device !== undefined);
    expect(devices.sort()).toEqual(
      ["", "/dgraph", "/dgraph_zero", "/loki", "/rabbitmq"].map((folder) => `/mnt/sprocketbot_influx_data${folder}`),
    );
    expect(full.host.filter((resource) => resource.type === "directory").map((resource) => resource.path)).toEqual(
      expect.arrayContaining(devices),
    );
  });

  it("has in profile full the routers of the services that core leaves out", () => {
    const core = new Set(candidate.services.map((service) => service.name));
    const routes = full.services
      .filter((service) => !core.has(service.name))
      .flatMap(routesOf)
      .map((route) => `${route.protocol} ${route.router} ${route.host}:${route.port}`);
    expect(routes.sort()).toEqual(
      [
        "http gatus-internal status.sprocket.example:8080",
        "http grafana grafana.sprocket.example:3000",
        "http influx influx.sprocket.example:8086",
        "http n8n n8n.sprocket.example:5678",
        "http n8n-webhooks n8n.sprocket.example:5678",
        "http prod-elo-service-dgraph dgraph.prod.sprocket.example:8080",
        "http prod-elo-service-neo4j neo4j.prod.sprocket.example:7474",
        "http prod-elo-service-neo4j-bolt-http bolt.neo4j.prod.sprocket.example:7687",
        "http sprocket-image-gen-main image-generation.sprocket.example:3000",
        "tcp prod-elo-service-neo4j-bolt bolt.neo4j.prod.sprocket.example:7687",
      ].sort(),
    );
  });

  it("says no host name that is not an example's", () => {
    const hosts = JSON.stringify(full).match(/\b[a-z0-9-]+(\.[a-z0-9-]+)*\.(com|net|org|gg|cloud|io|dev)(?![\w.-])/g) ?? [];
    expect(hosts).toEqual([]);
  });

  it("leaves profile core as it was before there was another", () => {
    expect(candidateHash(candidate)).toBe("9cd6b675c12959ab6b3d7f1678149f068c44617889a1cb3603644b9f523b6790");
  });

  it("has one hash for one definition, and another for any change", () => {
    expect(candidateHash(referenceCandidate())).toBe(candidateHash(candidate));
    const changed = structuredClone(candidate);
    (changed.services[0] as { image: string }).image += "x";
    expect(candidateHash(changed)).not.toBe(candidateHash(candidate));
  });
});
