import type { Tier } from "../history/events.ts";

/**
 * A candidate: a definition of Sprocket that somebody wants to deploy, immutable, shaped like Swarm's own specs. Importers make one, substitution turns it into a replica.
 *
 * Any string inside a service or a config may hold `${secret:NAME}` (the value of a secret of the candidate; never known to the candidate itself).
 */
export interface Candidate {
  name: string;
  profile: string;
  /** The domain that Sprocket's host names hang on, "H" in the facts. */
  domain: string;
  /** Host names outside the domain that the services address: the external parties. */
  parties: ExternalParties;
  services: CandidateService[];
  networks: CandidateNetwork[];
  volumes: CandidateVolume[];
  configs: CandidateConfig[];
  secrets: CandidateSecret[];
  /** Files and directories that a node must offer before the first deployment; no program creates them. */
  host: HostResource[];
}

/** What stands outside Sprocket's Swarm and is reached by name. */
export interface ExternalParties {
  /** Managed PostgreSQL: TLS required, `maxConnections` in all. */
  postgres: { host: string; port: number; user: string; passwordSecret: string; databases: string[]; maxConnections: number };
  /** S3-compatible storage; buckets are addressed as `bucket.host`. */
  s3: { host: string; accessSecret: string; keySecret: string; buckets: string[] };
}

/** A service by what it is in Sprocket, whatever a stack calls it. Checks speak of roles. */
export type Role =
  | "traefik"
  | "socket-proxy"
  | "forward-auth"
  | "vault"
  | "redis"
  | "rabbitmq"
  | "core"
  | "web"
  | "matchmaking"
  | "submission"
  | "notification";

export interface CandidateService {
  /** Swarm's name of the service. */
  name: string;
  role?: Role;
  tier: Tier;
  /** The Pulumi stack that registers it; RabbitMQ and the platform's Redis belong to tier layer2 and stack platform. */
  stack: string;
  image: string;
  command?: string[];
  args?: string[];
  env: Record<string, string>;
  user?: string;
  hostname?: string;
  networks: string[];
  mounts: Mount[];
  configs: FileReference[];
  secrets: FileReference[];
  labels: Record<string, string>;
  healthcheck?: Healthcheck;
  endpointMode: "vip" | "dnsrr";
  ports: PublishedPort[];
  placement: { constraints: string[]; maxReplicas?: number; platforms?: { architecture: string; os: string }[] };
  logDriver?: "fluentd" | "json-file";
  global: boolean;
  limits?: { memoryBytes?: number; nanoCpus?: number };
  /** Swarm's restart condition and delay in nanoseconds; undefined = Swarm's own default (any, 5 s). */
  restart?: { condition: "none" | "on-failure" | "any"; delayNs?: number };
  /** Names of services and parties whose absence stops this one from working; order of start is not expressed by Sprocket. */
  needs: string[];
}

export interface Mount {
  type: "volume" | "bind";
  source: string;
  target: string;
  readOnly: boolean;
}

export interface FileReference {
  /** Name of the config or secret. */
  source: string;
  /** Absolute path in the container. */
  target: string;
  /** File mode, octal as a number; Swarm's default is 0o444. */
  mode?: number;
}

/** Durations in nanoseconds, as Swarm's API has them. */
export interface Healthcheck {
  test: string[];
  intervalNs: number;
  timeoutNs: number;
  retries: number;
  startPeriodNs: number;
}

export interface PublishedPort {
  published: number;
  target: number;
  protocol: "tcp" | "udp";
  mode: "host" | "ingress";
}

export interface CandidateNetwork {
  name: string;
  driver: "overlay";
}

export interface CandidateVolume {
  name: string;
  driver: string;
  driverOpts: Record<string, string>;
}

export interface CandidateConfig {
  name: string;
  content: string;
}

export interface CandidateSecret {
  name: string;
  /** How a value of the right shape is generated for a replica; the real one is never read. */
  shape: { length: number; alphabet: "alphanumeric" | "hex" };
}

export type HostResource =
  | { type: "directory"; path: string; why: string }
  | { type: "file"; path: string; content: string; mode: number; why: string };
