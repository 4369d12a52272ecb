/** The four access patterns that Sprocket has to answer on: each is a source network, a resolver, a trust store and a way to name the host. */
export const accessModes = ["localhost", "lan", "tailscale", "public"] as const;
export type AccessMode = (typeof accessModes)[number];

/** Which of two tables says what clients should meet: what Sprocket's documents promise (all four modes answer), or what today's rules give. */
export const expectationSets = ["documented", "actual"] as const;
export type ExpectationSet = (typeof expectationSets)[number];

/** One way into the candidate that clients of every access mode want: a service behind the entry point, by the name that its clients use. */
export interface AccessRoute {
  /** Its own host name in lower case, with the protocol before it where that is not HTTP: `api.sprocket.example`, `tcp:redis.sprocket.example`. */
  id: string;
  service: string;
  role?: string;
  tier: "layer1" | "layer2" | "platform";
  protocol: "http" | "tcp";
  /** In lower case. */
  host: string;
  /** What stands before the domain: `api`; empty for the domain itself and for names outside it. */
  label: string;
  tls: boolean;
  /** Path that the rule limits the router to, "/" where it does not. */
  path: string;
  /** Where the service itself listens. */
  port?: number;
  /** Address of the gatekeeper that is asked first. */
  forwardAuth?: string;
}

/** A router as the candidate deploys it, with what explains why it does or does not lead to its service. */
export interface DeployedRouter {
  router: string;
  protocol: "http" | "tcp";
  service: string;
  tier: "layer1" | "layer2" | "platform";
  rule: string;
  /** As written. */
  hosts: string[];
  tls: boolean;
  resolver?: string;
  entryPoints: string[];
  /** Networks of its service. */
  networks: string[];
  forwardAuth?: string;
}

/** What is known of a candidate's entry point before anybody asks: recorded, so that the history alone can be judged. */
export interface EntryPointFact {
  domain: string;
  routes: (AccessRoute & {
    /** Whether its service came up; absent when it is not reproduced here. */
    up?: boolean;
  })[];
  deployed: DeployedRouter[];
  /** The network in which the entry point is told to look for services; absent when it is told none. */
  network?: string;
  /** Addresses that rules name as hosts, as written; the replica's entry point has each mode's address in their place. */
  literals: Partial<Record<AccessMode, string[]>>;
}

/** A mode's place as it was looked from. */
export interface ModeFact {
  mode: AccessMode;
  /** The entry point's address there. */
  address: string;
  /** Who resolves a route's own names there. */
  resolver: string;
  /** Which certificates clients there trust. */
  trust: string;
}
