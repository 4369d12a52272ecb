import { describe, expect, it } from "vitest";
import { aCandidate, aService, aTraefik, routed, said } from "./a-candidate.ts";

const ingress = ["ingress-net"];
const web = (host: string, stack = "platform") => aService("web", { stack, networks: ingress, labels: routed("web", host) });
const api = (host: string, stack = "platform") => aService("api", { stack, networks: ingress, labels: routed("api", host) });
const auth = (host: string) => aService("auth", { stack: "layer_1", networks: ingress, labels: routed("fa", host) });

describe("host-differs", () => {
  it("names a rule that stands under another domain than those of other stacks", () => {
    expect(said("host-differs", aCandidate([web("sprocket.test"), api("api.sprocket.test"), auth("fa.old.example")]))).toEqual([
      "service:auth: Router fa of stack layer_1 waits for fa.old.example, while the routers of platform stand under sprocket.test.",
    ]);
  });
  it("names a stack whose routers all stand under a deeper name", () => {
    const dashboard = aTraefik({ labels: routed("dash", "traefik.old.sprocket.test") });
    const candidate = aCandidate([web("sprocket.test"), api("api.sprocket.test"), auth("fa.old.sprocket.test"), dashboard]);
    expect(said("host-differs", candidate)).toEqual([
      "service:auth: Every router of stack layer_1 stands under old.sprocket.test, while those of platform stand under sprocket.test.",
    ]);
  });
  it("names an address whose service is routed under another name", () => {
    const protectedWeb = aService("web", {
      networks: ingress,
      labels: routed("web", "sprocket.test", {
        "traefik.http.middlewares.web.forwardauth.address": "https://fa.old.sprocket.test/login",
      }),
    });
    const configs = [{ name: "core", content: '{"callback":"https://api.localhost/login","root":"https://api.sprocket.test"}' }];
    expect(
      said("host-differs", aCandidate([protectedWeb, api("api.sprocket.test"), auth("fa.sprocket.test")], { configs })),
    ).toEqual([
      "service:web: Label traefik.http.middlewares.web.forwardauth.address names fa.old.sprocket.test, which no router serves; fa.sprocket.test is routed.",
      "config:core: Config core names api.localhost, which no router serves; api.sprocket.test is routed.",
    ]);
  });
  it("says nothing of one domain, nor of a party that happens to begin alike", () => {
    const configs = [{ name: "core", content: "https://api.github.com https://api.sprocket.test https://fa.discord.com" }];
    expect(
      said("host-differs", aCandidate([web("sprocket.test"), api("api.sprocket.test"), auth("fa.sprocket.test")], { configs })),
    ).toEqual([]);
  });
  it("says nothing of an alias, of an address of the LAN, nor of a single deeper name", () => {
    const alias = aService("web", {
      networks: ingress,
      labels: {
        "traefik.enable": "true",
        "traefik.http.routers.web.rule": "Host(`sprocket.test`) || Host(`old.example`) || Host(`192.168.1.2`)",
      },
    });
    const graph = aService("graph", {
      stack: "layer_2",
      networks: ingress,
      labels: routed("graph", "dgraph.prod.sprocket.test"),
    });
    const lan = aService("lan", {
      stack: "layer_2",
      networks: ingress,
      labels: { "traefik.enable": "true", "traefik.http.routers.lan.rule": "Host(`10.0.0.1`)" },
    });
    expect(said("host-differs", aCandidate([alias, api("api.sprocket.test"), graph, lan]))).toEqual([]);
  });
  it("says nothing when no rule at all stands under the domain: it may be the domain that was guessed wrong", () => {
    expect(said("host-differs", aCandidate([web("a.example"), auth("fa.a.example")]))).toEqual([]);
  });
});

describe("router-twice", () => {
  it("names both services", () => {
    const again = aService("web-old", { networks: ingress, labels: routed("web", "sprocket.test") });
    expect(said("router-twice", aCandidate([web("sprocket.test"), again]))).toEqual([
      "service:web: The http router web is defined by 2 services: web, web-old.",
    ]);
  });
  it("says nothing of one name in two protocols, nor of a service that is not exposed", () => {
    const broker = aService("broker", {
      networks: ingress,
      labels: { ...routed("rmq", "management.sprocket.test"), "traefik.tcp.routers.rmq.rule": "HostSNI(`rmq.sprocket.test`)" },
    });
    const other = aService("other", {
      labels: { "traefik.tcp.routers.web.rule": "HostSNI(`x.sprocket.test`)", "traefik.enable": "true" },
    });
    const hidden = aService("hidden", { labels: { "traefik.http.routers.web.rule": "Host(`sprocket.test`)" } });
    expect(said("router-twice", aCandidate([web("sprocket.test"), broker, other, hidden]))).toEqual([]);
  });
});

describe("rule-off-ingress", () => {
  it("names the networks of both", () => {
    const lost = aService("lost", { networks: ["prod"], labels: routed("lost", "lost.sprocket.test") });
    expect(said("rule-off-ingress", aCandidate([aTraefik(), lost]))).toEqual([
      "service:lost: Traefik is on ingress-net; lost has router lost and is on prod.",
    ]);
  });
  it("says nothing of a routed service on it, nor of an inner service without a rule, nor without Traefik", () => {
    const inner = aService("inner", { networks: ["prod"] });
    const lost = aService("lost", { networks: ["prod"], labels: routed("lost", "lost.sprocket.test") });
    expect(said("rule-off-ingress", aCandidate([aTraefik(), web("sprocket.test"), inner]))).toEqual([]);
    expect(said("rule-off-ingress", aCandidate([lost]))).toEqual([]);
  });
});

describe("router-without-tls", () => {
  const plain = (more: Record<string, string> = {}) =>
    aService("vault", {
      networks: ingress,
      labels: { "traefik.enable": "true", "traefik.http.routers.vault.rule": "Host(`vault.sprocket.test`)", ...more },
    });
  it("names a router that stands alone without", () => {
    expect(said("router-without-tls", aCandidate([web("sprocket.test"), plain()]))).toEqual([
      "service:vault: Router vault (vault.sprocket.test) has no TLS, while 1 of 2 routers have a certificate resolver.",
    ]);
  });
  it("says nothing where nobody has it, of the plain entry point, of TCP for any name, nor of TLS by its keys alone", () => {
    expect(said("router-without-tls", aCandidate([plain()]))).toEqual([]);
    const redirect = plain({ "traefik.http.routers.vault.entryPoints": "web" });
    expect(said("router-without-tls", aCandidate([web("sprocket.test"), redirect]))).toEqual([]);
    const byKey = plain({ "traefik.http.routers.vault.tls.certresolver": "le" });
    expect(said("router-without-tls", aCandidate([web("sprocket.test"), byKey]))).toEqual([]);
    const tcp = aService("tcp", { labels: { "traefik.enable": "true", "traefik.tcp.routers.any.rule": "HostSNI(`*`)" } });
    expect(said("router-without-tls", aCandidate([web("sprocket.test"), tcp]))).toEqual([]);
  });
});

describe("label-unknown", () => {
  const labelled = (label: string) =>
    aCandidate([aService("web", { labels: { ...routed("web", "sprocket.test"), [label]: "x" } })]);
  it.each([
    ["traefik.http.routers.web.entrypont", "entrypoints"],
    ["traefik.http.router.web.rule", "routers"],
    ["traefik.http.middlewares.web.forwardauht.address", "forwardauth"],
    ["traefik.http.services.web.loadbalncer.server.port", "loadbalancer"],
  ])("names %s and what is nearest", (label, nearest) => {
    expect(said("label-unknown", labelled(label))).toEqual([
      `service:web: Traefik does not know \`${label}\` (nearest is \`${nearest}\`) of web, and then reads none of its labels.`,
    ]);
  });
  it.each([
    "traefik.http.routers.web.entryPoints",
    "traefik.http.routers.a-b_c.tls.domains[0].main",
    "traefik.http.middlewares.x.headers.customrequestheaders.X-Anything",
    "traefik.http.middlewares.x.plugin.geo.zone",
    "traefik.docker.network",
    "traefik.tcp.services.x.loadbalancer.terminationdelay",
    "com.example.traefik.http.typo",
  ])("says nothing of %s", (label) => {
    expect(said("label-unknown", labelled(label))).toEqual([]);
  });
  it("says nothing of a service that Traefik does not look at", () => {
    expect(said("label-unknown", aCandidate([aService("web", { labels: { "traefik.http.router.web.rule": "x" } })]))).toEqual([]);
  });
});
