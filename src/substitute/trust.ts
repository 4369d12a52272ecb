import type { CandidateService, Role } from "../candidate/types.ts";

/** Config that carries the run's certificate authority into containers which must trust it. */
export const authorityConfig = "sprocket-resilience-authority";

const systemFile = "/etc/ssl/certs/sprocket-resilience-authority.pem";
const namedFile = "/run/sprocket-resilience-authority.pem";

/** How a container comes to trust one more authority: a file in the system's folder, which Go reads whole, or a file named in its environment. */
type Way = "system" | "named";

const ways: Partial<Record<Role, Way>> = {
  traefik: "system",
  vault: "system",
  gatus: "system",
  loki: "system",
  telegraf: "system",
  grafana: "system",
};

/** Roles of Sprocket's own applications: they ask the database, the object storage or one another by public names. */
const applications: readonly Role[] = [
  "core",
  "web",
  "submission",
  "notification",
  "discord-bot",
  "image-generation",
  "image-generation-frontend",
  "analytics",
  "replay-parse",
  "elo",
  "legacy-worker",
  "legacy-bot-1",
  "legacy-bot-2",
  "n8n",
];

export interface Trust {
  env: Record<string, string>;
  configs: { source: string; target: string }[];
}

/** What a service is given so that it trusts the run's authority; undefined when it asks nobody over TLS. */
export function trustOf(service: CandidateService): Trust | undefined {
  const way = wayOf(service);
  if (!way) return undefined;
  if (way === "system") return { env: {}, configs: [{ source: authorityConfig, target: systemFile }] };
  // Node's own variable adds to what it trusts; OpenSSL's and Python's replace it, which is all the same where every certificate is the run's.
  const env = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"].filter((name) => !(name in service.env));
  return {
    env: Object.fromEntries(env.map((name) => [name, namedFile])),
    configs: [{ source: authorityConfig, target: namedFile }],
  };
}

function wayOf({ role, needs }: CandidateService): Way | undefined {
  if (role && ways[role]) return ways[role];
  return (role && applications.includes(role)) || needs.some((need) => need.startsWith("party:")) ? "named" : undefined;
}
