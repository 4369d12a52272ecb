import type { Substitution, Tier } from "../history/events.ts";

/**
 * A candidate: a definition of Sprocket that somebody wants to deploy, immutable, shaped like Swarm's own specs. Importers make one, substitution turns it into a replica.
 *
 * Any string inside a service or a config may hold `${secret:NAME}` (the value of a secret of the candidate; never known to the candidate itself).
 */
export interface Candidate {
  name: string;
  profile: string;
  /** Where it was read from; decides nothing, and is not part of the hash. */
  origin: Origin;
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

/** Where a candidate was read from. Paths are relative to the folder or file that was named. */
export type Origin = { kind: "reference" } | { kind: "pulumi"; stacks: PulumiStack[] } | { kind: "compose"; files: string[] };

export interface PulumiStack {
  project: string;
  stack: string;
  folder: string;
  /** Names of secrets that the program printed while it was evaluated. */
  printed?: string[];
}

/**
 * What an importer reads: all that is written in a definition, and nothing else. `derive` (src/candidate/derive) turns it into a candidate by adding what no
 * definition says in so many words: roles, tiers, needs, external parties, host resources and, where it is not written, the domain.
 */
export interface Definition extends Omit<Candidate, "services" | "parties" | "host" | "domain"> {
  services: DefinedService[];
  /** What services bind of the folder that the definition was read from. */
  files?: BoundFile[];
  /** The domain, where the definition names it. */
  domain?: string;
  /** What the definition itself says of external parties (a provider's settings, buckets or databases that it makes). */
  parties?: ExternalParties;
}

/** What an importer gives: the definition as it is written, and each thing that had to differ for it to be read. */
export interface Imported {
  definition: Definition;
  differences: Substitution[];
}

/** A service as it is written. `tier` is given where the definition's own parts are tiers. */
export type DefinedService = Omit<CandidateService, "role" | "tier" | "needs"> & { tier?: Tier };

/** What stands outside Sprocket's Swarm and is reached by name; one that nothing addresses is absent. */
export interface ExternalParties {
  /** Managed PostgreSQL: TLS required, `maxConnections` in all. */
  postgres?: PostgresParty;
  /** S3-compatible storage; buckets are addressed as `bucket.host`. */
  s3?: S3Party;
}

export interface PostgresParty {
  host: string;
  port: number;
  user: string;
  passwordSecret: string;
  databases: string[];
  maxConnections: number;
  /** As the provider that makes roles and databases is told; absent where nothing says it. */
  sslmode?: string;
}

export interface S3Party {
  host: string;
  accessSecret: string;
  keySecret: string;
  buckets: string[];
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
  | "notification"
  | "discord-bot"
  | "image-generation"
  | "image-generation-frontend"
  | "analytics"
  | "replay-parse"
  | "elo"
  | "dgraph-zero"
  | "dgraph-alpha"
  | "legacy-redis"
  | "legacy-worker"
  | "legacy-bot-1"
  | "legacy-bot-2"
  | "layer2-redis"
  | "influx"
  | "grafana"
  | "loki"
  | "telegraf"
  | "fluentd"
  | "gatus"
  | "neo4j"
  | "n8n";

export interface CandidateService {
  /** Swarm's name of the service. */
  name: string;
  role?: Role;
  tier: Tier;
  /** The Pulumi stack that registers it, or the stack file; RabbitMQ and the platform's Redis belong to tier layer2 and stack platform. */
  stack: string;
  /** Where in the definition it stands, for findings and errors: a resource's URN or `file: services.name`. */
  place?: string;
  image: string;
  /** The program looks the tag's digest up when it is deployed and pins it: what runs is what the tag names at that moment, and no definition can say which. */
  digestAtDeploy?: true;
  /** Replaces the image's entry point, as Swarm's `Command` does. */
  command?: string[];
  /** Replaces the image's command, as Swarm's `Args` does. */
  args?: string[];
  env: Record<string, string>;
  user?: string;
  hostname?: string;
  workdir?: string;
  /** Additional lines of /etc/hosts, "address name". */
  hosts?: string[];
  networks: string[];
  /** Network → further names that the service has there beside its own. */
  aliases?: Record<string, string[]>;
  mounts: Mount[];
  configs: FileReference[];
  secrets: FileReference[];
  labels: Record<string, string>;
  healthcheck?: Healthcheck;
  endpointMode: "vip" | "dnsrr";
  ports: PublishedPort[];
  placement: { constraints: string[]; maxReplicas?: number; platforms?: { architecture: string; os: string }[] };
  logDriver?: LogDriver;
  global: boolean;
  /** Tasks of a replicated service; Swarm's default is 1. */
  replicas?: number;
  limits?: Resources;
  reservations?: Resources;
  stopGraceNs?: number;
  /** Swarm's restart condition and delay in nanoseconds; undefined = Swarm's own default (any, 5 s). */
  restart?: { condition: "none" | "on-failure" | "any"; delayNs?: number };
  /** Names of services and parties whose absence stops this one from working; order of start is not expressed by Sprocket. */
  needs: string[];
}

export interface LogDriver {
  name: string;
  options: Record<string, string>;
}

export interface Resources {
  memoryBytes?: number;
  nanoCpus?: number;
}

/** `source` is a volume's name or a path of the host; "" for tmpfs. */
export interface Mount {
  type: "volume" | "bind" | "tmpfs";
  source: string;
  target: string;
  readOnly: boolean;
}

export interface FileReference {
  /** Name of the config or secret; one that the candidate does not define (an id from elsewhere) is what `config-unknown` finds. */
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
  internal?: boolean;
  attachable?: boolean;
  encrypted?: boolean;
  subnet?: string;
  place?: string;
}

export interface CandidateVolume {
  name: string;
  driver: string;
  driverOpts: Record<string, string>;
  place?: string;
}

export interface CandidateConfig {
  name: string;
  content: string;
  place?: string;
}

export interface CandidateSecret {
  name: string;
  place?: string;
  /** How a value of the right shape is generated for a replica; the real one is never read. */
  shape: { length: number; alphabet: "alphanumeric" | "hex" };
  /** What it holds where that is more than one generated value: a text with `${secret:NAME}` of other secrets in it. */
  content?: string;
}

/** A file of the deployers' folder as it has to lie on a node. */
export interface BoundFile {
  /** Absolute, on the node. */
  path: string;
  content: string;
  mode: number;
}

export type HostResource =
  /** A label that placement constraints ask of a node. */
  | { type: "node-label"; name: string; value: string; why: string }
  | { type: "directory"; path: string; why: string }
  /** `given`: the folder that the candidate was read from has it. */
  | { type: "file"; path: string; content: string; mode: number; why: string; given?: true };
