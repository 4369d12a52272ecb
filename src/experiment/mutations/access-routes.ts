import { referenceDomain } from "../../candidate/reference/reference.ts";
import type { Candidate } from "../../candidate/types.ts";
import { changed, configured, type Mutation } from "./mutation.ts";

const api = `api.${referenceDomain}`;

/** Traefik that knows what was there at its first look, and nothing of the next ten minutes. */
export function slowDiscovery(candidate: Candidate): Candidate {
  return configured(candidate, "traefik-config", "swarmMode: true", "swarmMode: true\n    swarmModeRefreshSeconds: 600");
}

/** What an engine of version 29 says to every request under /v1.24, said by the socket proxy in its place: Debian's engine is older and refuses nothing. */
const refusesOldApi = String.raw`sed -i '/bind @BIND@/a http-request return status 400 content-type application/json string "{\\"message\\":\\"client version 1.24 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version\\"}" if { path_beg /v1.24/ }' /usr/local/etc/haproxy/haproxy.cfg && exec docker-entrypoint.sh haproxy -f /tmp/haproxy.cfg`;

/** The routing faults that Sprocket's documents and commits record, each done again (facts sheet, section 4.5). */
export const accessRouteMutations: readonly Mutation[] = [
  {
    name: "r-1-host-header-mismatch",
    what: "the rules for the node's own names and the LAN's and tailnet's address are gone, as they went before go-live",
    of: "documented-rules",
    reddens: "access/localhost",
    cause: "R-1",
    spares: ["access/public"],
    candidate: (candidate) => {
      const copy = structuredClone(candidate);
      for (const { labels } of copy.services)
        for (const label of Object.keys(labels)) if (/-local\.\w+$/.test(label)) delete labels[label];
      return copy;
    },
  },
  {
    name: "r-2-duplicate-router",
    what: "the web client defines a router by the name of the API's, for another host",
    reddens: "access/public",
    cause: "R-2",
    spares: ["layer1/route-web"],
    candidate: (candidate) =>
      changed(candidate, "web", ({ labels }) => {
        labels["traefik.http.routers.sprocket-core-main.rule"] = `Host(\`old-api.${candidate.domain}\`)`;
        labels["traefik.http.routers.sprocket-core-main.service"] = "sprocket-web-main";
        labels["traefik.http.routers.sprocket-web-main.service"] = "sprocket-web-main";
      }),
  },
  {
    name: "r-3-other-hostname",
    what: "the platform's stack was given another hostname than the others, as far as its API goes",
    reddens: "access/public",
    cause: "R-3",
    spares: ["layer1/route-web"],
    candidate: (candidate) =>
      changed(candidate, "core", ({ labels }) => {
        labels["traefik.http.routers.sprocket-core-main.rule"] = "Host(`api.main.sprocket.invalid`)";
      }),
  },
  {
    name: "r-4-slow-discovery",
    what: "Traefik looks for services every ten minutes, so it knows none that came after its first look",
    reddens: "access/public",
    cause: "R-4",
    candidate: slowDiscovery,
  },
  {
    name: "r-5-off-the-ingress-network",
    what: "the API is no member of the entry point's network",
    reddens: "access/public",
    cause: "R-5",
    spares: ["layer1/route-web"],
    candidate: (candidate) =>
      changed(candidate, "core", (service) => {
        service.networks = service.networks.filter((network) => network !== "traefik-ingress");
      }),
  },
  {
    name: "r-6-default-certificate",
    what: "the authority refuses the order of the API's certificate",
    reddens: "access/certificates",
    cause: "R-6",
    spares: ["access/public", "access/lan"],
    replica: { withoutCertificates: [api] },
  },
  {
    name: "r-7-address-in-the-rule",
    what: "the web client's rule names the LAN's address beside the domain, as it did until the day before go-live",
    reddens: "access/certificates",
    cause: "R-7",
    spares: ["access/public", "access/lan"],
    candidate: (candidate) =>
      changed(candidate, "web", ({ labels }) => {
        labels["traefik.http.routers.sprocket-web-main.rule"] += " || Host(`192.168.4.39`)";
      }),
  },
  {
    name: "r-8-forward-auth-on-the-old-domain",
    what: "the dashboard asks forward-auth on the old domain, where the hard-wired label had it until 2026-02-02",
    reddens: "access/public",
    cause: "R-8",
    spares: ["layer1/route-web"],
    candidate: (candidate) =>
      changed(candidate, "traefik", ({ labels }) => {
        labels["traefik.http.middlewares.traefik-dashboard.forwardauth.address"] =
          "https://fa.old.sprocket.invalid/login?rule=SprocketAdmin";
      }),
  },
  {
    name: "r-9-redirect-to-nowhere",
    what: "the entry point sends all plain HTTP to HTTPS, where Vault's host has no route",
    reddens: "access/public",
    cause: "R-9",
    spares: ["layer1/route-web"],
    candidate: (candidate) =>
      configured(
        candidate,
        "traefik-config",
        'address: ":80"',
        'address: ":80"\n    http:\n      redirections:\n        entryPoint:\n          to: websecure\n          scheme: https',
      ),
  },
  {
    name: "r-10-wrong-scheme",
    what: "Vault's router has TLS again, while its clients ask it over plain HTTP",
    reddens: "access/public",
    cause: "R-10",
    spares: ["layer1/route-web"],
    candidate: (candidate) =>
      changed(candidate, "vault", ({ labels }) => {
        labels["traefik.http.routers.vault.tls"] = "true";
      }),
  },
  {
    name: "r-11-dns-to-the-old-server",
    what: "public DNS still leads the API's name to another machine",
    reddens: "access/public",
    cause: "R-11",
    spares: ["access/lan", "access/localhost"],
    replica: { namesElsewhere: { [api]: "dns" } },
  },
  {
    name: "r-12-api-version-refused",
    what: "the engine refuses the version of its API that Traefik speaks, as Docker 29 does (the socket proxy says so in its place)",
    reddens: "access/public",
    cause: "R-12",
    candidate: (candidate) =>
      changed(candidate, "socket-proxy", (service) => {
        service.command = ["sh", "-c", refusesOldApi];
      }),
  },
];
