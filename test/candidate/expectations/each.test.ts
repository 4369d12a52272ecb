import { describe, expect, it } from "vitest";
import { beyondExpectations, expectations } from "../../../src/candidate/expectations/index.ts";
import { referenceCandidate } from "../../../src/candidate/reference/reference.ts";
import type { Candidate, CandidateService, Role } from "../../../src/candidate/types.ts";
import { aCandidate, aService } from "./a-candidate.ts";

const one = (role: Role, given: Partial<CandidateService> = {}) => aCandidate([aService(role, given)]);

/** A service with one mounted config. */
function configured(
  role: Role,
  content: string,
  given: Partial<CandidateService> = {},
  rest: Partial<Candidate> = {},
): Candidate {
  const target = `/etc/${role}.conf`;
  return aCandidate([aService(role, { configs: [{ source: `${role}-config`, target }], ...given })], {
    configs: [{ name: `${role}-config`, content }],
    ...rest,
  });
}

const traefik = (content: string) => configured("traefik", content, { args: ["--configFile=/etc/traefik.conf"] });
const redis = (content: string, args: string[] = []) => configured("redis", content, { args });

const router = (name: string, host: string, more: Record<string, string> = {}) => ({
  [`traefik.http.routers.${name}.rule`]: `Host(\`${host}\`)`,
  ...more,
});

/** Traefik and a routed web on the network `ingress`, and others. */
const behindTraefik = (...others: CandidateService[]) =>
  aCandidate([
    aService("traefik", { networks: ["ingress", "socket"] }),
    aService("web", { networks: ["ingress"], labels: router("web", "sprocket.example") }),
    ...others,
  ]);

const vaultScript = (line: string) =>
  aCandidate([aService("vault", { mounts: [{ type: "bind", source: "/opt/init.sh", target: "/init.sh", readOnly: true }] })], {
    host: [{ type: "file", path: "/opt/init.sh", content: `#!/bin/sh\n${line}\n`, mode: 0o755, why: "start" }],
  });

const healthcheck = { test: ["CMD", "true"], intervalNs: 1e9, timeoutNs: 1e9, retries: 1, startPeriodNs: 0 };
const volume = (driverOpts: Record<string, string>) => [{ name: "data", driver: "local", driverOpts }];
const mounted = { mounts: [{ type: "volume" as const, source: "data", target: "/data", readOnly: false }] };
const postgres = {
  host: "db.managed.example",
  port: 25060,
  user: "doadmin",
  passwordSecret: "p",
  databases: [],
  maxConnections: 100,
};
const published = (port: number) => ({ published: port, target: port, protocol: "tcp" as const, mode: "host" as const });

/** Gatus with these endpoints, beside a routed API. */
function watched(endpoints: string, database = false): Candidate {
  const gatus = configured("gatus", `endpoints:\n${endpoints}`);
  return {
    ...gatus,
    services: [...gatus.services, aService("core", { labels: router("api", "api.sprocket.example") })],
    parties: database ? { postgres } : {},
  };
}

/** For each expectation: candidates that keep what the documents promise, and candidates that break it. */
const cases: Record<string, { keeps: Candidate[]; breaks: Candidate[] }> = {
  "traefik-version": {
    keeps: [one("traefik", { image: "traefik:v2.6.1" }), one("traefik", { image: "traefik@sha256:0" })],
    breaks: [one("traefik", { image: "registry.example:5000/traefik:v2.11@sha256:0" })],
  },
  "http-redirect": {
    keeps: [
      traefik('entryPoints: {web: {address: ":80", http: {redirections: {entryPoint: {to: websecure}}}}}'),
      one("traefik", {
        args: ["--entrypoints.web.address=:80", "--entrypoints.web.http.redirections.entryPoint.to=websecure"],
      }),
    ],
    breaks: [
      traefik('entryPoints: {web: {address: ":80"}, websecure: {address: ":443"}}'),
      one("traefik", { args: ["--entrypoints.web.address=:80"] }),
    ],
  },
  "acme-challenge": {
    keeps: [traefik("certificatesResolvers: {le: {acme: {httpChallenge: {entryPoint: web}}}}")],
    breaks: [
      traefik("certificatesResolvers: {le: {acme: {tlsChallenge: {}}}}"),
      one("traefik", { args: ["--certificatesresolvers.le.acme.tlschallenge=true"] }),
    ],
  },
  "acme-storage": {
    keeps: [traefik("certificatesResolvers: {le: {acme: {storage: /data/acme.json}}}")],
    breaks: [traefik("certificatesResolvers: {le: {acme: {storage: /data/le-tls.json}}}")],
  },
  "traefik-api-open": { keeps: [traefik("api: {dashboard: true}")], breaks: [traefik("api: {insecure: true}")] },
  hsts: {
    keeps: [one("traefik", { labels: { "traefik.http.middlewares.safe.headers.stsSeconds": "31536000" } })],
    breaks: [one("traefik")],
  },
  compression: {
    keeps: [one("traefik", { labels: { "traefik.http.middlewares.small.compress": "true" } })],
    breaks: [one("traefik")],
  },
  "lan-access": {
    keeps: [one("web", { labels: { "traefik.http.routers.web.rule": "Host(`sprocket.example`) || Host(`192.0.2.10`)" } })],
    breaks: [
      one("web", { labels: router("web", "sprocket.example") }),
      one("web", { labels: { "traefik.http.routers.web.rule": "Host(`sprocket.example`, `100.64.0.1`)" } }),
    ],
  },
  "tailscale-access": {
    keeps: [one("web", { labels: { "traefik.http.routers.web.rule": "Host(`sprocket.example`, `100.127.0.1`)" } })],
    breaks: [one("web", { labels: { "traefik.http.routers.web.rule": "Host(`sprocket.example`) || Host(`100.128.0.1`)" } })],
  },
  "vault-version": { keeps: [one("vault", { image: "vault:1.10.0" })], breaks: [one("vault", { image: "vault:1.15.0" })] },
  "vault-tls": {
    keeps: [one("vault", { labels: router("vault", "vault.sprocket.example", { "traefik.http.routers.vault.tls": "true" }) })],
    breaks: [one("vault", { labels: router("vault", "vault.sprocket.example") })],
  },
  "vault-network-members": {
    keeps: [behindTraefik(aService("vault", { networks: ["secrets", "ingress"] }), aService("core", { networks: ["secrets"] }))],
    breaks: [behindTraefik(aService("vault", { networks: ["secrets", "ingress"] }), aService("core", { networks: ["other"] }))],
  },
  "vault-init-flags": {
    keeps: [vaultScript("vault operator init -key-shares=5 -key-threshold=3 -format=json > keys")],
    breaks: [
      vaultScript("vault operator init -format=json > keys"),
      vaultScript("vault operator init -key-shares=1 -key-threshold=1"),
    ],
  },
  "vault-matchmaking": {
    keeps: [aCandidate([aService("vault", { networks: ["a"] }), aService("matchmaking", { networks: ["b"] })])],
    breaks: [aCandidate([aService("vault", { networks: ["a"] }), aService("matchmaking", { networks: ["a", "b"] })])],
  },
  "redis-count": { keeps: [one("redis")], breaks: [aCandidate([aService("redis"), aService("legacy-redis")])] },
  "redis-image": {
    keeps: [one("redis", { image: "redis:6-alpine" })],
    breaks: [one("redis", { image: "redislabs/rejson:2.0.7" }), one("layer2-redis", { image: "redis:7-alpine" })],
  },
  "redis-config-file": {
    keeps: [redis("", ["redis-server", "/etc/redis.conf"])],
    breaks: [redis("", ["--requirepass", "x"]), one("redis")],
  },
  "redis-aof": {
    keeps: [redis("appendonly yes", ["/etc/redis.conf"]), redis("", ["--appendonly", "yes"])],
    breaks: [
      redis("appendonly yes"),
      redis("appendonly no", ["/etc/redis.conf"]),
      redis("appendonly yes", ["/etc/redis.conf", "--appendonly", "no"]),
    ],
  },
  "redis-rdb": {
    keeps: [one("redis"), redis("save 900 1", ["/etc/redis.conf"])],
    breaks: [one("redis", { args: ["--save", ""] }), redis('save ""', ["/etc/redis.conf"])],
  },
  "redis-limit": {
    keeps: [
      one("redis", { args: ["--maxmemory", "2gb"] }),
      one("redis", { limits: { memoryBytes: 2e9 } }),
      aCandidate([aService("redis", mounted)], { volumes: volume({ size: "2G" }) }),
    ],
    breaks: [aCandidate([aService("redis", mounted)], { volumes: volume({}) }), one("redis", { args: ["--maxmemory", "0"] })],
  },
  "store-layer": {
    keeps: [
      aCandidate([aService("redis", { stack: "layer_2" }), aService("core")]),
      aCandidate([aService("redis"), aService("core")]),
    ],
    breaks: [aCandidate([aService("traefik", { stack: "layer_1" }), aService("redis"), aService("core")])],
  },
  "store-internal": {
    keeps: [behindTraefik(aService("redis", { networks: ["platform"] }), aService("rabbitmq", { networks: ["platform"] }))],
    breaks: [
      behindTraefik(aService("redis", { networks: ["platform", "ingress"] })),
      behindTraefik(aService("rabbitmq", { labels: { "traefik.tcp.routers.mq.rule": "HostSNI(`mq.sprocket.example`)" } })),
    ],
  },
  "rabbitmq-credentials": {
    keeps: [one("rabbitmq", { env: { RABBITMQ_DEFAULT_USER: "sprocket" } }), configured("rabbitmq", "default_user = sprocket")],
    breaks: [one("rabbitmq"), one("rabbitmq", { env: { RABBITMQ_DEFAULT_USER: "guest" } })],
  },
  "rabbitmq-vhost": {
    keeps: [configured("rabbitmq", "heartbeat = 60\ndefault_vhost = prod\n")],
    breaks: [configured("rabbitmq", "# default_vhost = prod\n"), one("rabbitmq", { env: { RABBITMQ_DEFAULT_VHOST: "/" } })],
  },
  "influx-version": {
    keeps: [one("influx", { image: "influxdb:2.7" })],
    breaks: [one("influx", { image: "influxdb:2.1-alpine" })],
  },
  "influx-bucket": {
    keeps: [one("influx", { env: { DOCKER_INFLUXDB_INIT_BUCKET: "sprocket_main" } })],
    breaks: [one("influx", { env: { DOCKER_INFLUXDB_INIT_BUCKET: "metrics" } }), one("influx")],
  },
  "influx-retention": {
    keeps: [
      one("influx", { env: { DOCKER_INFLUXDB_INIT_RETENTION: "30d" } }),
      one("influx", { env: { DOCKER_INFLUXDB_INIT_RETENTION: "720h" } }),
    ],
    breaks: [one("influx", { env: { DOCKER_INFLUXDB_INIT_RETENTION: "7d" } }), one("influx")],
  },
  "influx-limit": {
    keeps: [aCandidate([aService("influx", mounted)], { volumes: volume({ type: "tmpfs", o: "size=5g" }) })],
    breaks: [aCandidate([aService("influx", mounted)], { volumes: volume({ o: "bind", device: "/mnt/metrics" }) })],
  },
  "loki-retention": {
    keeps: [configured("loki", "limits_config:\n  retention_period: 168h\n"), configured("loki", "retention_period: 7d")],
    breaks: [one("loki"), configured("loki", "limits_config:\n  retention_period: 24h\n")],
  },
  "loki-private": {
    keeps: [behindTraefik(aService("loki", { networks: ["monitoring"] }))],
    breaks: [behindTraefik(aService("loki", { networks: ["monitoring", "ingress"] }))],
  },
  "telegraf-inputs": {
    keeps: [configured("telegraf", "[[inputs.cpu]]\n[[inputs.mem]]\n  [[inputs.disk]]\n[[inputs.net]]\n[[inputs.docker]]\n")],
    breaks: [configured("telegraf", "[[inputs.internal]]\n# [[inputs.cpu]]\n")],
  },
  "gatus-host": {
    keeps: [one("gatus", { labels: router("gatus", "gatus.sprocket.example") }), one("gatus")],
    breaks: [one("gatus", { labels: router("gatus", "status.sprocket.example") })],
  },
  "gatus-interval": {
    keeps: [watched("  - {url: https://api.sprocket.example, interval: 30s}")],
    breaks: [
      watched("  - {url: https://api.sprocket.example, interval: 10m}"),
      watched("  - {url: https://api.sprocket.example}"),
    ],
  },
  "gatus-targets": {
    keeps: [watched("  - {url: https://api.sprocket.example/graphql}")],
    breaks: [watched("  - {url: https://api.old.sprocket.example}")],
  },
  "gatus-database": {
    keeps: [watched("  - {url: tcp://db.managed.example:25060}", true), watched("  - {url: https://api.sprocket.example}")],
    breaks: [watched("  - {url: https://api.sprocket.example}", true)],
  },
  "health-checks": {
    keeps: [one("core", { healthcheck })],
    breaks: [
      aCandidate([aService("core", { healthcheck }), aService("web")]),
      one("core", { healthcheck: { ...healthcheck, test: ["NONE"] } }),
    ],
  },
  "memory-limits": {
    keeps: [one("core", { limits: { memoryBytes: 1e9 } })],
    breaks: [one("core"), one("core", { limits: { nanoCpus: 1e9 } })],
  },
  "two-replicas": {
    keeps: [one("core", { replicas: 2 }), one("redis")],
    breaks: [one("core"), one("core", { placement: { constraints: [], maxReplicas: 2 } })],
  },
  "network-count": {
    keeps: [one("core", { networks: ["a", "b", "c", "d", "e"] })],
    breaks: [one("core", { networks: ["a", "b", "c", "d", "e", "f"] })],
  },
  "platform-network-internal": {
    keeps: [
      aCandidate([aService("core", { networks: ["platform"] }), aService("rabbitmq", { networks: ["platform"] })], {
        networks: [{ name: "platform", driver: "overlay", internal: true }],
      }),
    ],
    breaks: [
      aCandidate([aService("core", { networks: ["platform", "other"] }), aService("rabbitmq", { networks: ["platform"] })]),
    ],
  },
  "published-ports": {
    keeps: [one("traefik", { ports: [published(80), published(443)] })],
    breaks: [one("fluentd", { ports: [published(24224)] })],
  },
  "socket-proxy-members": {
    keeps: [behindTraefik(aService("socket-proxy", { networks: ["socket"] }))],
    breaks: [behindTraefik(aService("socket-proxy", { networks: ["socket"] }), aService("core", { networks: ["socket"] }))],
  },
  "socket-read-only": {
    keeps: [one("socket-proxy", { mounts: [{ type: "bind", source: "/var/run/docker.sock", target: "/s", readOnly: true }] })],
    breaks: [one("socket-proxy", { mounts: [{ type: "bind", source: "/var/run/docker.sock", target: "/s", readOnly: false }] })],
  },
  "web-framework": {
    keeps: [one("web", { env: { NEXT_PUBLIC_API: "x" } }), one("web", { image: "example/unknown:1" })],
    breaks: [one("web", { image: "docker.io/asaxplayinghorse/web:main" })],
  },
  introspection: {
    keeps: [configured("core", '{"gql": {"playground": true}}'), configured("core", "not json: [")],
    breaks: [configured("core", '{"gql": {"playground": false}}')],
  },
  "image-names": {
    keeps: [one("core", { image: "asaxplayinghorse/sprocket-core:main" })],
    breaks: [one("web", { image: "asaxplayinghorse/web@sha256:0" })],
  },
};

const named = (id: string) => {
  const found = expectations.find((expectation) => expectation.id === id);
  if (!found) throw new Error(`no expectation ${id}`);
  return found;
};

/** Where the documents and the program disagree; of ports the program only opens one more. */
const disputed = expectations
  .filter(({ departures }) => departures(referenceCandidate("full"), "documented").length > 0)
  .map(({ id }) => id)
  .filter((id) => id !== "published-ports");

describe("each expectation", () => {
  it("has a case that keeps it and one that breaks it, and an id of its own", () => {
    expect(Object.keys(cases).sort()).toEqual(expectations.map((expectation) => expectation.id).sort());
  });

  it.each(Object.keys(cases))("%s is kept", (id) => {
    for (const candidate of cases[id]?.keeps ?? []) expect(named(id).departures(candidate, "documented")).toEqual([]);
  });

  it.each(Object.keys(cases))("%s is broken, at a place and by something met", (id) => {
    for (const candidate of cases[id]?.breaks ?? []) {
      const departures = named(id).departures(candidate, "documented");
      expect(departures.length).toBeGreaterThan(0);
      for (const { place, met } of departures) {
        expect(place).toMatch(/^(candidate|(service|network|config):\S+)$/);
        expect(met).toMatch(/^\S.*[^.;]$/);
      }
    }
  });

  it.each(disputed)("%s: what keeps the documents' promise is not what the program gives", (id) => {
    expect(named(id).departures(cases[id]?.keeps[0] as Candidate, "actual")).not.toEqual([]);
  });

  it("says nothing of a subject that the candidate lacks", () => {
    const silent = expectations.filter((expectation) => !["network-count"].includes(expectation.id));
    for (const { departures } of silent)
      expect([departures(aCandidate([]), "documented"), departures(aCandidate([]), "actual")]).toEqual([[], []]);
  });

  it("or the mapping, or a stated reason, answers for each row of the facts sheet's table of disagreements", () => {
    const rows = new Set([...expectations, ...beyondExpectations].flatMap(({ row }) => (row === undefined ? [] : [row])));
    expect([...rows].sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
  });
});
