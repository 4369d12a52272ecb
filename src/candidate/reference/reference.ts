import { renderFixture } from "../assets.ts";
import type { Candidate, CandidateConfig, CandidateSecret, CandidateService, PostgresParty, Role, S3Party } from "../types.ts";
import { actualLogDriver, actualService, actualStack, tierOfStack } from "./actual.ts";

/** The domain of the reference: the facts sheet's own placeholder for production's. */
export const referenceDomain = "sprocket.example";

/** What the reference adds to a registered service: its role, what it needs to work (facts sheet, sections 1.2 to 1.4 and 8), and a tier where it is not its stack's. */
const core: Record<string, { role: Role; needs: string[]; tier?: "layer2" }> = {
  traefik: { role: "traefik", needs: ["traefik-socket-sock-proxy"] },
  "traefik-socket-sock-proxy": { role: "socket-proxy", needs: [] },
  "traefik-fa-service": { role: "forward-auth", needs: [] },
  // Both data stores are registered by the platform stack; by what they are they stand in layer 2, where the documents have them.
  "prod-datastores-redis-redis-primary": { role: "redis", needs: [], tier: "layer2" },
  "prod-datastores-rmq-service": { role: "rabbitmq", needs: [], tier: "layer2" },
  "prod-sprocket-core-service": {
    role: "core",
    needs: ["party:postgres", "party:s3", "prod-datastores-redis-redis-primary", "prod-datastores-rmq-service"],
  },
  "prod-sprocket-web-service": { role: "web", needs: ["prod-sprocket-core-service", "traefik"] },
  "prod-matchmaking-service-service": {
    role: "matchmaking",
    needs: ["prod-datastores-redis-redis-primary", "prod-datastores-rmq-service"],
  },
  "prod-submission-service-service": {
    role: "submission",
    needs: ["party:s3", "prod-datastores-redis-redis-primary", "prod-datastores-rmq-service"],
  },
  "prod-notification-service-service": {
    role: "notification",
    needs: ["prod-datastores-redis-redis-primary", "prod-datastores-rmq-service"],
  },
};

/** Directory on the node where the Vault of the last revision that had one finds its script and keeps its keys. */
const vaultFolder = "/opt/sprocket-infra/global/services/vault";

/** Vault as the last revision that had it (facts sheet, sections 1.2 and 5.1). */
function vault(domain: string): CandidateService {
  return {
    name: "vault",
    role: "vault",
    tier: "layer1",
    stack: "layer_1",
    image: "vault:1.10.0",
    command: ["/auto-initialize.sh"],
    env: {},
    networks: ["vault-network", "traefik-ingress"],
    mounts: [
      { type: "bind", source: `${vaultFolder}/scripts/auto-initialize.sh`, target: "/auto-initialize.sh", readOnly: true },
      { type: "bind", source: `${vaultFolder}/unseal-tokens`, target: "/vault/unseal-tokens", readOnly: false },
    ],
    configs: [{ source: "vault-config", target: "/vault.hcl" }],
    secrets: [],
    labels: {
      "traefik.enable": "true",
      "traefik.http.routers.vault.rule": `Host(\`vault.${domain}\`)`,
      "traefik.http.services.vault.loadbalancer.server.port": "8200",
    },
    endpointMode: "vip",
    ports: [],
    placement: { constraints: [] },
    logDriver: actualLogDriver("fluentd"),
    global: false,
    needs: ["party:s3"],
  };
}

/** Secrets that Sprocket's secret files want; the 128 characters of the JWT secret are the program's own. */
const secretLength: Record<string, number> = { "prod-secrets-jwt-secret": 128, "prod-secrets-redis-password": 64 };

/**
 * The built-in candidate, profile `core`: layer 1 with Vault, the two data stores, and the platform's web, core API and the three services that exit when the broker fails.
 *
 * Source: `actual-services.json` (the program at HEAD) field by field; Vault from the facts sheet; configs rendered from `fixtures/`.
 */
export function referenceCandidate(): Candidate {
  const domain = referenceDomain;
  const parties: { postgres: PostgresParty; s3: S3Party } = {
    postgres: {
      host: "db-postgresql-nyc3.managed.example",
      port: 25060,
      user: "doadmin",
      passwordSecret: "prod-secrets-db-password",
      databases: ["sprocket_main", "grafana"],
      maxConnections: 100,
    },
    s3: {
      host: "nyc3.objects.example",
      accessSecret: "prod-secrets-s3-access",
      keySecret: "prod-secrets-s3-secret",
      buckets: ["vault-secrets", "sprocket-main-1", "sprocket-image-gen-main-1", "sprocket-replays-main-1"],
    },
  };
  const services: CandidateService[] = Object.entries(core).map(([name, extra]) => {
    const actual = actualService(name, domain);
    return { ...actual, tier: extra.tier ?? tierOfStack[actual.stack] ?? "platform", role: extra.role, needs: extra.needs };
  });
  services.push(vault(domain));

  const redis = services.find((service) => service.role === "redis") as CandidateService;
  redis.args = (redis.args ?? []).map((arg) => (arg === "<secret>" ? "${secret:prod-secrets-redis-password}" : arg));
  const forwardAuth = services.find((service) => service.role === "forward-auth") as CandidateService;
  forwardAuth.env = { ...forwardAuth.env, CLIENT_SECRET: "${secret:discord-fa-client-secret}" };
  const api = services.find((service) => service.role === "core") as CandidateService;
  api.env = { ...api.env, CACHE_HOST: redis.name };

  const values = configValues(domain, parties);
  const configs: CandidateConfig[] = [];
  for (const service of services) {
    for (const { source } of service.configs) {
      if (configs.some((config) => config.name === source)) continue;
      configs.push({ name: source, content: renderFixture(configFixture[source] ?? missingFixture(source), values) });
    }
  }

  const usedSecrets = new Set<string>([parties.postgres.passwordSecret, parties.s3.accessSecret, parties.s3.keySecret]);
  for (const service of services) for (const { source } of service.secrets) usedSecrets.add(source);
  for (const text of [JSON.stringify(services), ...configs.map((config) => config.content)]) {
    for (const match of text.matchAll(/\$\{secret:([\w-]+)\}/g)) usedSecrets.add(match[1] as string);
  }
  const secrets: CandidateSecret[] = [...usedSecrets].sort().map((name) => ({
    name,
    shape: { length: secretLength[name] ?? 32, alphabet: "alphanumeric" as const },
  }));

  const usedNetworks = new Set(services.flatMap((service) => service.networks));
  const usedVolumes = new Set(
    services.flatMap((service) => service.mounts.filter((mount) => mount.type === "volume").map((mount) => mount.source)),
  );
  const known = ["layer_1", "layer_2", "platform"].map(actualStack);
  const volumes = known.flatMap((stack) => stack.volumes).filter((volume) => usedVolumes.has(volume.name));

  return {
    name: "reference",
    profile: "core",
    origin: { kind: "reference" },
    domain,
    parties,
    services,
    networks: [...usedNetworks].sort().map((name) => ({ name, driver: "overlay" as const })),
    volumes,
    configs,
    secrets,
    host: [
      ...volumes
        .filter((volume) => volume.driverOpts.o === "bind" && volume.driverOpts.device)
        .map((volume) => ({
          type: "directory" as const,
          path: volume.driverOpts.device as string,
          why: `device of volume ${volume.name}`,
        })),
      { type: "directory", path: `${vaultFolder}/unseal-tokens`, why: "Vault's keys" },
      {
        type: "file",
        path: `${vaultFolder}/scripts/auto-initialize.sh`,
        content: renderFixture("config/vault/auto-initialize.sh", {}),
        mode: 0o755,
        why: "Vault's start script, bound from the checkout on the node",
      },
    ],
  };
}

/** Which fixture is the content of which config of the program. */
const configFixture: Record<string, string> = {
  "traefik-config": "config/traefik/static.yaml",
  "traefik-fa-config": "apps/config/forward-auth.yaml",
  "vault-config": "config/vault/vault.hcl",
  "prod-datastores-rmq-config": "config/rabbitmq/rabbitmq.conf",
  "prod-datastores-redis-config": "config/redis/redis.conf",
  "prod-sprocket-core-config": "apps/config/core.json",
  "prod-sprocket-web-config": "apps/config/web.json",
  "prod-matchmaking-service-config": "apps/config/matchmaking.json",
  "prod-submission-service-config": "apps/config/submission.json",
  "prod-notification-service-config": "apps/config/notification.json",
};

function missingFixture(config: string): never {
  throw new Error(`the reference has no content for config ${config}`);
}

/** Values that the config templates ask for; queue names are `<STACK>-<suffix>` (facts sheet, section 8). */
function configValues(domain: string, parties: { postgres: PostgresParty; s3: S3Party }): Record<string, string> {
  return {
    domain,
    hostname: domain,
    stack: "prod",
    prefix: "main",
    // The application makes its queue of events its own by this; any constant will do for one replica.
    uuid: "0b5c6f3e-7d0c-4a55-9d38-5a3c5f0f7a11",
    "s3.host": parties.s3.host,
    "s3.endpoint": parties.s3.host,
    "s3.port": "443",
    "s3.ssl": "true",
    "bucket.main": "sprocket-main-1",
    "bucket.replays": "sprocket-replays-main-1",
    "bucket.imageGeneration": "sprocket-image-gen-main-1",
    "postgres.host": parties.postgres.host,
    "postgres.port": String(parties.postgres.port),
    "postgres.username": parties.postgres.user,
    "postgres.database": "sprocket_main",
    "redis.host": "prod-datastores-redis-redis-primary",
    "redis.port": "6379",
    "rabbitmq.url": "amqp://prod-datastores-rmq-service:5672?heartbeat=60",
    "queue.core": "prod-core",
    "queue.bot": "prod-bot",
    "queue.matchmaking": "prod-matchmaking",
    "queue.submissions": "prod-submissions",
    "queue.notifications": "prod-notifications",
    "queue.ig": "prod-ig",
    "queue.analytics": "prod-analytics",
    "queue.celery": "prod-celery",
    "queue.events": "prod-events",
    "discord.authorizeUrl": "https://discord.oauth.example/oauth2/authorize",
    "discord.clientId": "100000000000000000",
  };
}
