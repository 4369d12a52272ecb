import { referenceDomain } from "../../candidate/reference/reference.ts";
import type { Candidate } from "../../candidate/types.ts";
import { slowDiscovery } from "./access-routes.ts";
import { changed, configured, type Mutation } from "./mutation.ts";

const forwardAuthConfig = "traefik-fa-config";
const volume = "forward-auth-memory";

/** The variant whose rules name all four modes' names, without what matches. */
function withoutRule(part: RegExp) {
  return (candidate: Candidate): Candidate => {
    const copy = structuredClone(candidate);
    for (const { labels } of copy.services)
      for (const [label, rule] of Object.entries(labels)) if (label.endsWith(".rule")) labels[label] = rule.replace(part, "");
    return copy;
  };
}

/** A gatekeeper that lets everybody in from its second start on: its first leaves a mark on a volume. */
const opensAfterACrash = `const { existsSync, writeFileSync } = require("node:fs"); if (existsSync("/memory/started")) require("node:http").createServer((q, a) => a.end("OK")).listen(3000); else { writeFileSync("/memory/started", ""); import("/app/forward-auth/dist/main.js"); }`;

/** What each other check of the four ways in is about, changed so that it must show. */
export const accessAspectMutations: readonly Mutation[] = [
  {
    name: "lan-address-not-in-a-rule",
    what: "no rule names the LAN's address",
    of: "documented-rules",
    reddens: "access/lan",
    cause: "R-1",
    spares: ["access/localhost", "access/public"],
    candidate: withoutRule(/ \|\| Host\(`192\.168\.4\.39`\)/),
  },
  {
    name: "tailnet-address-not-in-a-rule",
    what: "no rule names the tailnet's address",
    of: "documented-rules",
    reddens: "access/tailscale",
    cause: "R-1",
    spares: ["access/localhost", "access/lan", "access/public"],
    candidate: withoutRule(/ \|\| Host\(`100\.101\.102\.103`\)/),
  },
  {
    name: "name-of-another-machine",
    what: "the candidate's DNS answers the API's name with the address of another machine",
    reddens: "access/names",
    replica: { namesElsewhere: { [`api.${referenceDomain}`]: "dns" } },
  },
  ...(["expired", "early", "foreign"] as const).map(
    (bad): Mutation => ({
      name: `certificate-${bad}`,
      what: `the API's certificate is ${{ expired: "past its end, and its renewal is refused", early: "one whose time begins tomorrow", foreign: "by an authority that no client trusts" }[bad]}`,
      reddens: "access/certificates",
      spares: ["access/public"],
      replica: { badCertificates: { [`api.${referenceDomain}`]: bad } },
    }),
  ),
  {
    name: "certificate-of-another-name",
    what: "the API's name leads to a server that has a certificate for its own name only",
    reddens: "access/certificates",
    spares: ["access/lan"],
    replica: { namesElsewhere: { [`api.${referenceDomain}`]: "acme" } },
  },
  {
    name: "old-tls-spoken",
    what: "Traefik is told to speak TLS from 1.0 on",
    reddens: "access/tls-versions",
    candidate: (candidate) => {
      const copy = changed(candidate, "traefik", (service) => {
        service.configs.push({ source: "traefik-dynamic", target: "/etc/traefik/dynamic.yaml" });
      });
      copy.configs.push({ name: "traefik-dynamic", content: "tls:\n  options:\n    default:\n      minVersion: VersionTLS10\n" });
      return configured(copy, "traefik-config", "providers:\n", "providers:\n  file:\n    filename: /etc/traefik/dynamic.yaml\n");
    },
  },
  {
    name: "any-host-answered",
    what: "forward-auth's router takes every host, so the literal address too",
    reddens: "access/sni",
    candidate: (candidate) =>
      changed(candidate, "forward-auth", ({ labels }) => {
        labels["traefik.http.routers.http.rule"] += " || PathPrefix(`/`)";
      }),
  },
  {
    name: "redirected-to-the-old-domain",
    what: "the web client's router sends everybody to the old domain",
    reddens: "access/redirects",
    candidate: (candidate) =>
      changed(candidate, "web", ({ labels }) => {
        labels["traefik.http.middlewares.moved.redirectregex.regex"] = "^https://[^/]+/(.*)";
        labels["traefik.http.middlewares.moved.redirectregex.replacement"] = `https://old.sprocket.invalid/\${1}`;
        labels["traefik.http.routers.sprocket-web-main.middlewares"] = "moved";
      }),
  },
  {
    name: "header-added-on-the-way",
    what: "the API's router adds a header that tells what it runs on",
    reddens: "access/headers",
    candidate: (candidate) =>
      changed(candidate, "core", ({ labels }) => {
        labels["traefik.http.middlewares.boast.headers.customresponseheaders.X-Powered-By"] = "Sprocket";
        labels["traefik.http.routers.sprocket-core-main.middlewares"] = "boast";
      }),
  },
  {
    name: "rule-admits-another-team",
    what: "a role of the ELO team stands among the administrators'",
    reddens: "access/rules-admit",
    candidate: (candidate) =>
      configured(candidate, forwardAuthConfig, '- "100000000000000002"', '- "100000000000000002"\n    - "100000000000000021"'),
  },
  {
    name: "door-of-another-rule",
    what: "the dashboard asks for the rule of alpha testers, so administrators stand outside",
    reddens: "access/sessions",
    candidate: (candidate) =>
      changed(candidate, "traefik", ({ labels }) => {
        const label = "traefik.http.middlewares.traefik-dashboard.forwardauth.address";
        labels[label] = labels[label]?.replace("SprocketAdmin", "AlphaTesters") ?? "";
      }),
  },
  {
    name: "cookie-of-the-old-domain",
    what: "forward-auth's cookie is for the old domain, where it was hard-wired until 2026-02-02",
    reddens: "access/cookie",
    candidate: (candidate) =>
      configured(candidate, forwardAuthConfig, `domain: "${candidate.domain}"`, 'domain: "old.sprocket.invalid"'),
  },
  {
    name: "open-after-a-crash",
    what: "forward-auth comes back from a crash as one that lets everybody in",
    reddens: "access/fails-closed",
    candidate: (candidate) => {
      const copy = changed(candidate, "forward-auth", (service) => {
        service.user = "0";
        service.command = ["node", "-e", opensAfterACrash];
        service.mounts.push({ type: "volume", source: volume, target: "/memory", readOnly: false });
      });
      copy.volumes.push({ name: volume, driver: "local", driverOpts: {} });
      return copy;
    },
  },
  {
    name: "callback-on-the-old-domain",
    what: "the API tells login providers to send people back to the old domain",
    reddens: "access/callbacks",
    candidate: (candidate) =>
      configured(
        candidate,
        "prod-sprocket-core-config",
        `https://api.${candidate.domain}/login`,
        "https://api.old.sprocket.invalid/login",
      ),
  },
  {
    name: "upgrade-lost-on-the-way",
    what: "a middleware of the API's router takes away the key by which a WebSocket is opened",
    reddens: "access/websocket",
    candidate: (candidate) =>
      changed(candidate, "core", ({ labels }) => {
        labels["traefik.http.middlewares.plain.headers.customrequestheaders.Sec-WebSocket-Key"] = "";
        labels["traefik.http.routers.sprocket-core-main.middlewares"] = "plain";
      }),
  },
  {
    name: "routes-known-too-late",
    what: "Traefik looks for services every ten minutes",
    reddens: "access/discovery",
    cause: "R-4",
    candidate: slowDiscovery,
  },
];
