/** A routing fault that the owners have met before: what a client sees of it, and why. */
export interface RecordedFault {
  /** The cause in a few words. */
  title: string;
  symptom: string;
  cause: string;
  cure: string;
}

/** of the facts sheet (section 4.5), in our words: each symptom is a client's, each cause is named once, in every report. */
export const recordedFaults: Readonly<Record<string, RecordedFault>> = {
  "R-1": {
    title: "host header mismatch",
    symptom: "404 by localhost or by an address",
    cause: "Traefik routes by the host name that the client sends, and no rule has this one",
    cure: "Name the host in a router's rule, or map the routes' own names to this address in the client's hosts file.",
  },
  "R-2": {
    title: "duplicate router",
    symptom: "404 although the service runs",
    cause: "two services define the same router, or tasks of an old service still do",
    cure: "Give each router a name of its own, and force-update or remove the service that has it by mistake.",
  },
  "R-3": {
    title: "host name differs between stacks",
    symptom: "404 after a deployment",
    cause: "the host name differs between the stacks",
    cure: "Set the same hostname in all three stacks.",
  },
  "R-4": {
    title: "discovery delay",
    symptom: "404 for the first half minute to a minute of a service",
    cause: "Traefik asks Swarm for its services only about every 15 s, and the task takes time to start",
    cure: "Wait for Traefik's next look at Swarm (every 15 s by default), or force-update Traefik.",
  },
  "R-5": {
    title: "service off the ingress network",
    symptom: "gateway time-out although the service runs",
    cause: "the service is not on the ingress network, or Traefik takes its address on another one",
    cure: "Attach the service to the entry point's network.",
  },
  "R-6": {
    title: "default certificate",
    symptom: "Traefik's own default certificate",
    cause:
      "there is no certificate for this name: none was issued yet, DNS points elsewhere, a rate limit, or a name that nobody can certify",
    cure: "See in Traefik's log why the order failed: the authority unreachable, a rate limit, or a name that does not lead to the node.",
  },
  "R-7": {
    title: "a private address in the rule spoils the certificate",
    symptom: "the default certificate for every name of one rule",
    cause: "the rule holds a private address too; Traefik orders one certificate for all its names, and the order is refused",
    cure: "Keep addresses out of the rule of a router that orders certificates: give them a router of their own without a resolver.",
  },
  "R-8": {
    title: "forward-auth on another domain",
    symptom: "a protected page sends the client round and round, or never lets anyone in",
    cause: "forward-auth's address or its cookie's domain is of the old domain",
    cure: "Derive forward-auth's host, callback and cookie domain from the hostname of the stack.",
  },
  "R-9": {
    title: "HTTP-only host behind a redirect",
    symptom: "a host over plain HTTP cannot be reached",
    cause: "everything is redirected to HTTPS, and this host has no TLS router",
    cure: "Give the host TLS, or take it out of the redirect of the entry point.",
  },
  "R-10": {
    title: "asked over the wrong scheme",
    symptom: "404 from Vault",
    cause: "it is asked over the wrong scheme, or by a path without (or with a second) data/ of its key-value store",
    cure: "Use one scheme in the router's labels and in the addresses that scripts and other stacks are told.",
  },
  "R-11": {
    title: "DNS leads to another server",
    symptom: "the old server answers",
    cause: "DNS still has the old server's address for this name",
    cure: "Point the name's record at the entry point, or override it in the client's hosts file until it is.",
  },
  "R-12": {
    title: "Docker API version refused",
    symptom: "404 for everything",
    cause: "Docker refuses the API version that Traefik speaks, so that Traefik discovers no service",
    cure: "Raise Traefik to 2.11.31 or newer, which speaks the engine's own version; until then DOCKER_MIN_API_VERSION of the engine.",
  },
};
