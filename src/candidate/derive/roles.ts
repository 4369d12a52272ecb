import type { CandidateConfig, DefinedService, Role } from "../types.ts";
import { hostsIn } from "./hosts-in.ts";
import { imageKind } from "./image-repository.ts";
import { textsOf } from "./texts.ts";

/** Last part of an image's repository → what the service is (facts sheet, sections 1.2 to 1.5). */
const roleOfImage: Record<string, Role> = {
  traefik: "traefik",
  "docker-socket-proxy": "socket-proxy",
  "discord-forward-auth": "forward-auth",
  vault: "vault",
  rabbitmq: "rabbitmq",
  core: "core",
  "sprocket-core": "core",
  web: "web",
  "sprocket-web": "web",
  "matchmaking-service": "matchmaking",
  "submission-service": "submission",
  "notification-service": "notification",
  "discord-bot": "discord-bot",
  "image-generation-service": "image-generation",
  "image-generation-frontend": "image-generation-frontend",
  "server-analytics-service": "analytics",
  "replay-parse-service": "replay-parse",
  "elo-service": "elo",
  worker: "legacy-worker",
  influxdb: "influx",
  grafana: "grafana",
  loki: "loki",
  telegraf: "telegraf",
  fluentd: "fluentd",
  gatus: "gatus",
  neo4j: "neo4j",
  n8n: "n8n",
};

/** What the name of a service says where its image is of no known name (a mirror, a private build); only names that nothing else would have. */
const roleOfName: [RegExp, Role][] = [
  [/sock(et)?-proxy/, "socket-proxy"],
  [/forward-auth/, "forward-auth"],
  [/sprocket-core/, "core"],
  [/sprocket-web/, "web"],
  [/matchmaking/, "matchmaking"],
  [/submission/, "submission"],
  [/notification/, "notification"],
  [/discord-bot/, "discord-bot"],
  [/image-generation-frontend/, "image-generation-frontend"],
  [/image-generation/, "image-generation"],
  [/analytics/, "analytics"],
  [/replay-parse/, "replay-parse"],
  [/elo-service/, "elo"],
  [/fluentd/, "fluentd"],
];

const redisImages = ["redis", "rejson", "redisearch", "redis-stack", "redis-stack-server", "valkey"];
const dockerSocket = /\/docker\.sock$/;

/**
 * Which service is what in Sprocket; a role is given once, a service of no known kind has none. Where several services claim a role, the one whose own name
 * says it comes first, then the first by name, so that the order in a file decides nothing.
 */
export function rolesOf(services: readonly DefinedService[], configs: readonly CandidateConfig[]): Map<string, Role> {
  const roles = new Map<string, Role>();
  const taken = new Set<Role>();
  const give = (service: DefinedService | undefined, role: Role) => {
    if (service === undefined || taken.has(role) || roles.has(service.name)) return;
    roles.set(service.name, role);
    taken.add(role);
  };
  const byName = [...services].sort((a, b) => (a.name < b.name ? -1 : 1));

  const claims = new Map<Role, DefinedService[]>();
  for (const service of byName) {
    const role = claimOf(service);
    if (role) claims.set(role, [...(claims.get(role) ?? []), service]);
  }
  for (const [role, claimants] of claims) {
    const own = claimants.filter((service) => service.name.toLowerCase().includes(role));
    give(own[0] ?? claimants[0], role);
  }
  const bots = byName.filter((service) => imageKind(service.image) === "bot").sort((a, b) => botOrder(a) - botOrder(b));
  give(bots[0], "legacy-bot-1");
  give(bots[1], "legacy-bot-2");
  giveRedis(byName, configs, roles, give);
  return roles;
}

/** The legacy platform's own order of its two bots; others come after, by name. */
const botNames = ["emilio", "emilia"];
function botOrder({ name }: DefinedService): number {
  const at = botNames.findIndex((bot) => name.toLowerCase().includes(bot));
  return at < 0 ? botNames.length : at;
}

function claimOf(service: DefinedService): Role | undefined {
  const kind = imageKind(service.image);
  if (kind === "dgraph") return dgraphRole(service);
  if (Object.hasOwn(roleOfImage, kind)) return roleOfImage[kind];
  if (kind === "bot" || redisImages.includes(kind)) return undefined;
  const name = service.name.toLowerCase().replaceAll("_", "-");
  const named = roleOfName.find(([pattern]) => pattern.test(name))?.[1];
  // Whatever else is given the Docker socket and no port of the host stands between it and those who only may look.
  const socket = service.mounts.some((mount) => mount.type === "bind" && dockerSocket.test(mount.source));
  return named ?? (socket && service.ports.length === 0 && /prox/.test(`${kind} ${name}`) ? "socket-proxy" : undefined);
}

/** Dgraph's two servers are one image; the word after "dgraph" says which, else the service's name. */
function dgraphRole(service: DefinedService): Role | undefined {
  const words = [...(service.command ?? []), ...(service.args ?? [])];
  for (const kind of ["zero", "alpha"] as const) {
    if (words.includes(kind)) return `dgraph-${kind}`;
  }
  if (service.name.includes("zero")) return "dgraph-zero";
  return service.name.includes("alpha") ? "dgraph-alpha" : undefined;
}

/** Of several Redis the one that core addresses is `redis`; names say which are the legacy platform's and layer 2's; without an address the networks shared with core decide. */
function giveRedis(
  byName: readonly DefinedService[],
  configs: readonly CandidateConfig[],
  roles: ReadonlyMap<string, Role>,
  give: (service: DefinedService | undefined, role: Role) => void,
): void {
  const all = byName.filter((service) => redisImages.includes(imageKind(service.image)));
  const core = byName.find((service) => roles.get(service.name) === "core");
  const addressed = new Set(core ? textsOf(core, configs).flatMap((text) => [...hostsIn(text)]) : []);
  give(
    all.find((service) => namesOf(service).some((name) => addressed.has(name))),
    "redis",
  );
  give(
    all.find((service) => !roles.has(service.name) && /legacy/i.test(service.name)),
    "legacy-redis",
  );
  give(
    all.find((service) => !roles.has(service.name) && (/layer[-_]?2/i.test(service.name) || service.stack === "layer_2")),
    "layer2-redis",
  );
  const shared = (service: DefinedService) => service.networks.filter((network) => core?.networks.includes(network)).length;
  const rest = all.filter((service) => !roles.has(service.name));
  const most = Math.max(0, ...rest.map(shared));
  give(core ? rest.find((service) => shared(service) === most) : rest[0], "redis");
}

/** Names that Swarm's resolver knows a service by, in lower case. */
function namesOf(service: DefinedService): string[] {
  return [service.name, ...Object.values(service.aliases ?? {}).flat()].map((name) => name.toLowerCase());
}
