import type { CandidateConfig, DefinedService, ExternalParties, Role } from "../types.ts";
import { hostsIn } from "./hosts-in.ts";
import { routedHosts } from "./rule-hosts.ts";
import { textsOf } from "./texts.ts";

/** What a service of a role cannot work without, whether or not its text names it (facts sheet, sections 1.2 to 1.4 and 8); one that the candidate does not have is left out. */
const contracts: Partial<Record<Role, (Role | "party:postgres" | "party:s3")[]>> = {
  traefik: ["socket-proxy"],
  core: ["party:postgres", "party:s3", "redis", "rabbitmq"],
  web: ["core", "traefik"],
  matchmaking: ["redis", "rabbitmq"],
  submission: ["party:s3", "redis", "rabbitmq"],
  notification: ["redis", "rabbitmq"],
  "discord-bot": ["party:s3", "rabbitmq", "core"],
  "image-generation": ["party:postgres", "party:s3", "rabbitmq"],
  "image-generation-frontend": ["party:postgres", "party:s3", "rabbitmq"],
  analytics: ["rabbitmq", "influx"],
  "replay-parse": ["party:s3", "redis", "rabbitmq"],
  elo: ["redis", "dgraph-alpha"],
  "dgraph-alpha": ["dgraph-zero"],
  "legacy-worker": ["party:postgres", "party:s3", "legacy-redis"],
  "legacy-bot-1": ["party:postgres", "party:s3", "legacy-redis"],
  "legacy-bot-2": ["party:postgres", "party:s3", "legacy-redis"],
  fluentd: ["loki"],
  telegraf: ["influx"],
};

/** Roles that look at others: what they watch may be away, and they go on (Telegraf's PostgreSQL input has never worked, facts sheet, section 1.3). */
const watchers: readonly Role[] = ["telegraf", "gatus"];

interface Scene {
  services: readonly DefinedService[];
  configs: readonly CandidateConfig[];
  roles: ReadonlyMap<string, Role>;
  parties: ExternalParties;
}

/**
 * Names of services and parties that a service needs, sorted: by its role's contract, and whatever its text addresses — a service's name, its alias on a network that both
 * share, `tasks.NAME`, a party's host, or a host name that Traefik routes (which needs Traefik too). Never itself.
 *
 * The host of the web front end is no need: where others name it (core's `web.url` and callbacks, a cookie's domain, a link in a notification), it is where people are sent.
 */
export function needsOf(service: DefinedService, { services, configs, roles, parties }: Scene): string[] {
  const needs = new Set<string>();
  const ofRole = (role: Role) => services.find((other) => roles.get(other.name) === role);
  const own = roles.get(service.name);
  for (const wanted of (own && contracts[own]) ?? []) {
    if (wanted === "party:postgres") parties.postgres && needs.add(wanted);
    else if (wanted === "party:s3") parties.s3 && needs.add(wanted);
    else {
      const other = ofRole(wanted);
      if (other) needs.add(other.name);
    }
  }

  const texts = own && watchers.includes(own) ? [] : textsOf(service, configs);
  const mentioned = new Set(texts.flatMap((text) => [...hostsIn(text)]));
  const traefik = ofRole("traefik");
  for (const other of services) {
    const name = other.name.toLowerCase();
    const aliases = Object.entries(other.aliases ?? {})
      .filter(([network]) => service.networks.includes(network))
      .flatMap(([, names]) => names.map((alias) => alias.toLowerCase()));
    if ([name, `tasks.${name}`, ...aliases].some((known) => mentioned.has(known))) needs.add(other.name);
    if (other.name === service.name || roles.get(other.name) === "web") continue;
    if (routedHosts(other.labels).some((host) => mentioned.has(host))) {
      needs.add(other.name);
      if (traefik) needs.add(traefik.name);
    }
  }
  const hosts = [...mentioned];
  const { postgres, s3 } = parties;
  if (postgres && hosts.includes(postgres.host.toLowerCase())) needs.add("party:postgres");
  if (s3 && hosts.some((host) => host === s3.host.toLowerCase() || host.endsWith(`.${s3.host.toLowerCase()}`)))
    needs.add("party:s3");

  needs.delete(service.name);
  return [...needs].sort();
}
