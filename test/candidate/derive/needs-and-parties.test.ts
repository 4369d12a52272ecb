import { describe, expect, it } from "vitest";
import { derive } from "../../../src/candidate/derive/derive.ts";
import type { DefinedService, Definition } from "../../../src/candidate/types.ts";
import { aDefinition, aService } from "./a-definition.ts";

const needs = (services: DefinedService[], rest: Partial<Definition> = {}) =>
  Object.fromEntries(derive(aDefinition(services, rest)).services.map((service) => [service.name, service.needs]));

describe("needs", () => {
  const others = ["redis", "core", "web"].map((name) => aService(name, "nginx"));
  const asking = (rest: Partial<DefinedService>, definition: Partial<Definition> = {}) =>
    needs([...others, aService("it", "nginx", rest)], definition).it;

  it.each([
    ["a URL", { env: { X: "redis://:p@redis:6379/0" } }, ["redis"]],
    ["a port", { command: ["serve", "--to=core:3000"] }, ["core"]],
    ["a host's key", { env: { REDIS_HOST: "redis" } }, ["redis"]],
    ["a flag and the word behind it", { args: ["--host", "redis"] }, ["redis"]],
    ["tasks of a service", { env: { SERVER: "tasks.redis" } }, ["redis"]],
    ["itself", { env: { HOST: "it" } }, []],
    ["a longer name", { env: { URL: "http://redis.example/", HOST: "core-2" } }, []],
    ["a word that is no host", { env: { STACK: "core", QUEUE: "web" }, args: ["redis"] }, []],
  ])("in %s", (_, rest, expected) => {
    expect(asking(rest)).toEqual(expected);
  });

  it("in a config's text, but neither in its keys nor in its comments", () => {
    const content = '# url = "http://core:1"\n[redis]\nweb = 1\nendpoint = "http://redis:6379"\n';
    expect(asking({ configs: [{ source: "c", target: "/c" }] }, { configs: [{ name: "c", content }] })).toEqual(["redis"]);
  });

  it("an alias counts on a network that both share", () => {
    const aliased = aService("x", "nginx", { networks: ["a", "b"], aliases: { a: ["store"] } });
    const on = (network: string) => needs([aliased, aService("it", "nginx", { networks: [network], env: { HOST: "store" } })]).it;
    expect([on("a"), on("b")]).toEqual([["x"], []]);
  });

  it("a routed host needs the service behind it and Traefik; the host of the web front end is a link", () => {
    const routed = (name: string, image: string, host: string) =>
      aService(name, image, { labels: { "traefik.http.routers.r.rule": `Host(\`${host}\`)` } });
    const found = needs([
      aService("proxy", "traefik:v2.11"),
      routed("files", "nginx", "files.h.example"),
      routed("front", "x/web", "h.example"),
      aService("it", "nginx", { env: { FILES_URL: "https://files.h.example/a", HOME_URL: "https://h.example" } }),
    ]);
    expect(found.it).toEqual(["files", "proxy"]);
  });

  it("what only watches others does not need them", () => {
    const env = { POSTGRES_HOST: "redis", INFLUX_HOSTNAME: "tsdb" };
    expect(needs([...others, aService("tsdb", "influxdb:2"), aService("t", "telegraf", { env })]).t).toEqual(["tsdb"]);
  });

  it("by contract, where the candidate has it", () => {
    expect(
      needs([aService("e", "x/elo-service"), aService("r", "redis:7"), aService("f", "fluentd"), aService("l", "grafana/loki")]),
    ).toEqual({ e: ["r"], r: [], f: ["l"], l: [] });
  });
});

describe("parties", () => {
  const parties = (services: DefinedService[], rest: Partial<Definition> = {}) => {
    const { parties: found, secrets } = derive(aDefinition(services, rest));
    return { ...found, secrets: secrets.map(({ name }) => name) };
  };

  it("PostgreSQL from a connection string, with the secret in it", () => {
    expect(
      parties([aService("a", "x", { env: { connstring: "postgresql://me:${secret:pw}@db.example.com:25060/main?ssl=true" } })], {
        secrets: [{ name: "pw", shape: { length: 8, alphabet: "hex" } }],
      }),
    ).toEqual({
      postgres: {
        host: "db.example.com",
        port: 25060,
        user: "me",
        passwordSecret: "pw",
        databases: ["main"],
        maxConnections: 100,
      },
      secrets: ["pw"],
    });
  });

  it("PostgreSQL from variables of one prefix, its databases from all that use it, its secret made where none is named", () => {
    expect(
      parties([
        aService("a", "x", {
          env: {
            GF_DATABASE_TYPE: "postgres",
            GF_DATABASE_HOST: "db.example.com:25060",
            GF_DATABASE_NAME: "grafana",
            GF_DATABASE_USER: "g",
          },
        }),
        aService("b", "x", { env: { PGHOST: "db.example.com", PGDATABASE: "other" } }),
        aService("c", "x", { env: { DB_TYPE: "mysql", DB_HOST: "my.example.com", DB_NAME: "no" } }),
      ]),
    ).toEqual({
      postgres: {
        host: "db.example.com",
        port: 25060,
        user: "g",
        passwordSecret: "party-postgres-password",
        databases: ["grafana", "other"],
        maxConnections: 100,
      },
      secrets: ["party-postgres-password"],
    });
  });

  it("S3 from variables and a config; the secrets by the files that carry them", () => {
    const config = JSON.stringify({ minio: { endPoint: "s3.example.com", bucketNames: { replays: "r-1" } } });
    const names = ["s3-access", "s3-secret"];
    expect(
      parties(
        [
          aService("a", "x", {
            configs: [{ source: "c", target: "/c" }],
            secrets: names.map((source) => ({ source, target: `/${source}` })),
          }),
          aService("b", "x", { env: { S3_ENDPOINT: "https://s3.example.com", S3_BUCKET: "b-1", INFLUX_BUCKET: "no" } }),
        ],
        {
          configs: [{ name: "c", content: config }],
          secrets: names.map((name) => ({ name, shape: { length: 8, alphabet: "hex" as const } })),
        },
      ),
    ).toEqual({
      s3: { host: "s3.example.com", accessSecret: "s3-access", keySecret: "s3-secret", buckets: ["b-1", "r-1"] },
      secrets: names,
    });
  });

  it("a server that is one of the services is no party, and what the definition names itself stays", () => {
    const env = { DB_HOST: "db", DB_NAME: "x", S3_ENDPOINT: "http://minio:9000" };
    expect(parties([aService("a", "x", { env }), aService("db", "postgres"), aService("minio", "minio/minio")])).toEqual({
      secrets: [],
    });
    const s3 = { host: "own.example", accessSecret: "k", keySecret: "k", buckets: [] };
    expect(parties([aService("a", "x", { env: { S3_ENDPOINT: "https://other.example" } })], { parties: { s3 } })).toEqual({
      s3,
      secrets: ["k"],
    });
  });
});

describe("domain and host", () => {
  const domain = (...hosts: string[]) =>
    derive(
      aDefinition(
        hosts.map((host, at) =>
          aService(`${at}`, "x", { labels: { [`traefik.http.routers.r${at}.rule`]: `Host(\`${host}\`)` } }),
        ),
      ),
    ).domain;

  it("the domain is what routed hosts share, or most of them", () => {
    expect(domain("api.h.example", "H.example", "a.b.h.example")).toBe("h.example");
    expect(domain("api.h.example", "web.h.example", "other.org")).toBe("h.example");
    expect(domain("api.localhost", "localhost")).toBe("localhost");
    expect(domain("api.h.example")).toBe("h.example");
    expect(domain("10.0.0.1")).toBe("localhost");
    expect(domain()).toBe("localhost");
  });

  it("every rule's hosts count, TCP's too", () => {
    const labels = {
      "traefik.tcp.routers.r.rule": "HostSNI(`*`)",
      "traefik.http.routers.s.rule": "Host(`a.h.example`, `b.h.example`) || Host(`h.example`)",
    };
    expect(derive(aDefinition([aService("a", "x", { labels })])).domain).toBe("h.example");
  });

  it("a node must offer devices, bound paths and labels, and nothing that it has anyway", () => {
    const bind = (source: string) => ({ type: "bind" as const, source, target: `/in${source}`, readOnly: true });
    const { host } = derive(
      aDefinition(
        [
          aService("a", "x", {
            mounts: ["/var/run/docker.sock", "/proc", "/etc/localtime", "/srv/data", "/srv/a.conf", "/srv/conf.d"].map(bind),
            placement: { constraints: ["node.labels.role==storage", "node.labels.role!=ingress", "node.role == manager"] },
          }),
          aService("b", "x", { placement: { constraints: ["node.labels.role == storage"] } }),
        ],
        { volumes: [{ name: "v", driver: "local", driverOpts: { type: "none", o: "bind", device: "/mnt/v" } }] },
      ),
    );
    expect(host).toEqual([
      { type: "node-label", name: "role", value: "storage", why: "placement of a, b" },
      { type: "directory", path: "/mnt/v", why: "device of volume v" },
      { type: "directory", path: "/srv/data", why: "bound into a at /in/srv/data" },
      { type: "directory", path: "/srv/conf.d", why: "bound into a at /in/srv/conf.d" },
      { type: "file", path: "/srv/a.conf", content: "", mode: 0o644, why: "bound into a at /in/srv/a.conf" },
    ]);
  });
});
