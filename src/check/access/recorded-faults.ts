/** A routing fault that the owners have met before: what a client sees of it, and why. */
export interface RecordedFault {
  symptom: string;
  cause: string;
}

/** of the facts sheet (section 4.5), in our words: each symptom is a client's, each cause is named once, in every report. */
export const recordedFaults: Readonly<Record<string, RecordedFault>> = {
  "R-1": {
    symptom: "404 by localhost or by an address",
    cause: "Traefik routes by the host name that the client sends, and no rule has this one",
  },
  "R-2": {
    symptom: "404 although the service runs",
    cause: "two services define the same router, or tasks of an old service still do",
  },
  "R-3": {
    symptom: "404 after a deployment",
    cause: "the host name differs between the stacks",
  },
  "R-4": {
    symptom: "404 for the first half minute to a minute of a service",
    cause: "Traefik asks Swarm for its services only about every 15 s, and the task takes time to start",
  },
  "R-5": {
    symptom: "gateway time-out although the service runs",
    cause: "the service is not on the ingress network, or Traefik takes its address on another one",
  },
  "R-6": {
    symptom: "Traefik's own default certificate",
    cause:
      "there is no certificate for this name: none was issued yet, DNS points elsewhere, a rate limit, or a name that nobody can certify",
  },
  "R-7": {
    symptom: "the default certificate for every name of one rule",
    cause: "the rule holds a private address too; Traefik orders one certificate for all its names, and the order is refused",
  },
  "R-8": {
    symptom: "a protected page sends the client round and round, or never lets anyone in",
    cause: "forward-auth's address or its cookie's domain is of the old domain",
  },
  "R-9": {
    symptom: "a host over plain HTTP cannot be reached",
    cause: "everything is redirected to HTTPS, and this host has no TLS router",
  },
  "R-10": {
    symptom: "404 from Vault",
    cause: "it is asked over the wrong scheme, or by a path without (or with a second) data/ of its key-value store",
  },
  "R-11": {
    symptom: "the old server answers",
    cause: "DNS still has the old server's address for this name",
  },
  "R-12": {
    symptom: "404 for everything",
    cause: "Docker refuses the API version that Traefik speaks, so that Traefik discovers no service",
  },
};
