import { describe, expect, it } from "vitest";
import { acmeResolvers, answerable, hostToRenew } from "../../../src/candidate/contract/acme.ts";
import { agreed } from "../../../src/candidate/contract/agreed.ts";
import { brokerAccount } from "../../../src/candidate/contract/broker.ts";
import { clientRoute, securedHosts } from "../../../src/candidate/contract/client-routes.ts";
import { entryRoutes } from "../../../src/candidate/contract/entry-routes.ts";
import { outsideHosts } from "../../../src/candidate/contract/outside-hosts.ts";
import { eventExchange, queueOf, redisPrefix, replayBucket } from "../../../src/candidate/contract/queues.ts";
import { redisPassword } from "../../../src/candidate/contract/redis.ts";
import { referenceCandidate } from "../../../src/candidate/reference/reference.ts";
import { routesOf } from "../../../src/candidate/routes.ts";
import type { CandidateService } from "../../../src/candidate/types.ts";
import { aCandidate, aService } from "../a-service.ts";

const reference = referenceCandidate();
const mounting = (name: string, config: string, target = "/app/config.json"): CandidateService =>
  aService(name, { configs: [{ source: config, target }] });

describe("what services agree on", () => {
  const says = (name: string, queue: string) => ({ name, content: JSON.stringify({ transport: { matchmaking_queue: queue } }) });
  it("is what most say, whoever stands first, and the first's where as many say the other", () => {
    const services = ["a", "b", "c"].map((name) => mounting(name, name));
    const most = aCandidate(services, { configs: [says("a", "odd"), says("b", "common"), says("c", "common")] });
    expect(queueOf(most, "matchmaking")).toBe("common");
    const tied = aCandidate(services.slice(0, 2), { configs: [says("a", "first"), says("b", "second")] });
    expect(queueOf(tied, "matchmaking")).toBe("first");
  });
  it("is nothing when nobody says it, and what is no JSON says nothing", () => {
    const candidate = aCandidate([mounting("a", "a")], { configs: [{ name: "a", content: "transport: {}" }] });
    expect(agreed(candidate, "transport.matchmaking_queue")).toBeUndefined();
    expect(agreed(aCandidate([mounting("a", "a")], { configs: [{ name: "a", content: '"text"' }] }), "a.b")).toBeUndefined();
  });
  it("are the reference's own names", () => {
    expect([queueOf(reference, "submission"), eventExchange(reference), redisPrefix(reference), replayBucket(reference)]).toEqual(
      ["prod-submissions", "prod-events", "main", "sprocket-replays-main-1"],
    );
  });
});

describe("the password of a Redis", () => {
  const redis = (more: Partial<CandidateService>) => redisPassword(aCandidate([]), aService("redis", more));
  it.each([
    [{ args: ["--requirepass", "${secret:p}", "--loadmodule", "x"] }, "${secret:p}"],
    [{ command: ["redis-server --requirepass ${secret:p}"] }, "${secret:p}"],
    [{ args: ["--user", "default", "on", ">${secret:p}", ">second", "~*"] }, "${secret:p}"],
    [
      {
        command: ["sh", "-c", 'exec redis-server --requirepass "$(cat /run/secrets/pw)"'],
        secrets: [{ source: "redis-pw", target: "/run/secrets/pw" }],
      },
      "${secret:redis-pw}",
    ],
    [{}, undefined],
  ])("of %j is %s", (more, password) => {
    expect(redis(more)).toBe(password);
  });
  it("is that of its configuration when the server is given it, and not when the file only lies there", () => {
    const configs = [{ source: "conf", target: "/etc/redis.conf" }];
    const candidate = aCandidate([], { configs: [{ name: "conf", content: "save 60 1\nrequirepass ${secret:p}\n" }] });
    expect(redisPassword(candidate, aService("redis", { configs, command: ["redis-server", "/etc/redis.conf"] }))).toBe(
      "${secret:p}",
    );
    expect(redisPassword(candidate, aService("redis", { configs, command: ["redis-server"] }))).toBeUndefined();
  });
});

it("the broker's account is that of its environment, of its configuration, or the default one", () => {
  const account = (service: CandidateService, content = "") =>
    brokerAccount(aCandidate([], { configs: [{ name: "c", content }] }), service);
  expect(account(aService("rmq"))).toEqual({ user: "guest", password: "guest", vhost: "/" });
  expect(account(mounting("rmq", "c"), "default_user = sprocket\ndefault_pass = ${secret:p}")).toEqual({
    user: "sprocket",
    password: "${secret:p}",
    vhost: "/",
  });
  expect(account(aService("rmq", { env: { RABBITMQ_DEFAULT_USER: "u", RABBITMQ_DEFAULT_VHOST: "v" } }))).toMatchObject({
    user: "u",
    vhost: "v",
  });
});

const routed = (name: string, role: CandidateService["role"], host: string, more: Record<string, string> = {}) =>
  aService(name, {
    ...(role ? { role } : {}),
    labels: {
      "traefik.enable": "true",
      [`traefik.http.routers.${name}.rule`]: `Host(\`${host}\`)`,
      [`traefik.http.services.${name}.loadbalancer.server.port`]: "3000",
      ...more,
    },
  });

describe("where clients reach a service", () => {
  it("is documented of the reference, whatever its labels say", () => {
    const mutated = structuredClone(reference);
    const core = mutated.services.find((service) => service.role === "core");
    if (!core) throw new Error("no core");
    core.labels = {};
    expect(clientRoute(mutated, "core")).toEqual({ host: "api.sprocket.example", tls: true, port: 3001 });
    expect(clientRoute(mutated, "vault")).toEqual({ host: "vault.sprocket.example", tls: false, port: 8200 });
  });
  it("is of another candidate the name by which its own parts call it, though its router has another", () => {
    const configs = [
      { name: "c", content: JSON.stringify({ web: { api_root: "https://api.example.test", url: "https://example.test" } }) },
    ];
    const core = { ...routed("core", "core", "apl.example.test"), configs: [{ source: "c", target: "/c.json" }] };
    expect(clientRoute(aCandidate([core], { configs }), "core")).toEqual({ host: "api.example.test", tls: true, port: 3000 });
  });
  it("is of another candidate its router's where nobody calls it, in lower case, and nothing where there is none", () => {
    const candidate = aCandidate([
      routed("rmq", "rabbitmq", "management.rabbitMq.example.test", { "traefik.http.routers.rmq.tls": "true" }),
    ]);
    expect(clientRoute(candidate, "rabbitmq")).toEqual({ host: "management.rabbitmq.example.test", tls: true, port: 3000 });
    expect(clientRoute(aCandidate([aService("core", { role: "core" })]), "core")).toBeUndefined();
    expect(clientRoute(candidate, "web")).toBeUndefined();
  });
  it("is forward-auth's where middlewares ask it", () => {
    const guarded = routed("dash", undefined, "d.example.test", {
      "traefik.http.routers.dash.middlewares": "guard@docker",
      "traefik.http.middlewares.guard.forwardauth.address": "https://door.example.test/login?rule=x",
    });
    const candidate = aCandidate([routed("fa", "forward-auth", "fa.example.test"), guarded]);
    expect(clientRoute(candidate, "forward-auth")).toMatchObject({ host: "door.example.test", tls: true });
  });
  it("needs a certificate for each name over TLS, TCP's too, each once", () => {
    expect(securedHosts(reference).sort()).toEqual(
      ["", "api.", "fa.", "management.rabbitmq.", "rabbitmq.", "redis.", "traefik."]
        .map((label) => `${label}sprocket.example`)
        .sort(),
    );
    const plain = routed("plain", undefined, "plain.example.test");
    const secure = routed("secure", undefined, "Secure.example.test", { "traefik.http.routers.secure.tls.certresolver": "le" });
    expect(securedHosts(aCandidate([plain, secure]))).toEqual(["secure.example.test"]);
  });
});

describe("a router", () => {
  it("is read without case, with every host of its rule, the port of its own service, and TLS by its resolver alone", () => {
    const [route] = routesOf(
      aService("web", {
        labels: {
          "traefik.http.routers.Web.rule": "Host(`a.test`, `b.test`) || Host(`c.test`) && PathPrefix(`/x`)",
          "traefik.http.routers.web.tls.certresolver": "le",
          "traefik.http.routers.web.entrypoints": "websecure, web",
          "traefik.http.routers.web.service": "back",
          "traefik.http.services.back.loadbalancer.server.port": "8080",
          "traefik.http.services.other.loadbalancer.server.port": "9090",
        },
      }),
    );
    expect(route).toMatchObject({
      hosts: ["a.test", "b.test", "c.test"],
      tls: true,
      resolver: "le",
      port: 8080,
      entryPoints: ["websecure", "web"],
    });
  });
  it("takes the only port that the labels declare", () => {
    const [route] = routesOf(
      aService("web", {
        labels: { "traefik.http.routers.r.rule": "Host(`a.test`)", "traefik.http.services.s.loadbalancer.server.port": "80" },
      }),
    );
    expect(route?.port).toBe(80);
  });
  it("promises a URL for each host, only where Traefik is to look at the service", () => {
    const on = routed("web", undefined, "a.test");
    on.labels["traefik.http.routers.web.rule"] = "Host(`a.test`) && PathPrefix(`/hook`)";
    const off = { ...routed("off", undefined, "b.test"), labels: { "traefik.http.routers.off.rule": "Host(`b.test`)" } };
    expect(entryRoutes(aCandidate([on, off])).map(({ url }) => url)).toEqual(["http://a.test/hook"]);
  });
});

describe("Traefik's certificate resolvers", () => {
  const letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory";
  const resolvers = (content: string, args: string[] = []) =>
    acmeResolvers(
      aCandidate([], { configs: [{ name: "static", content }] }),
      aService("traefik", { configs: [{ source: "static", target: "/static.yaml" }], args }),
    );

  it("are those of its file and its arguments, with Traefik's own default of whom to ask", () => {
    const content = `certificatesResolvers:
  le:
    acme: { storage: /data/le.json, tlsChallenge: {} }
  dns:
    acme: { storage: /data/le.json, caserver: "https://acme.example.test:14000/dir", DNSChallenge: { provider: x } }
  none: null
`;
    const args = [
      "--certificatesresolvers.other.acme.storage=/data/other.json",
      "--certificatesResolvers.other.acme.httpChallenge.entryPoint=web",
      "--certificatesresolvers.other.acme.tlschallenge=false",
    ];
    expect([...resolvers(content, args)]).toEqual([
      ["le", { storage: "/data/le.json", caServer: letsEncrypt, challenge: "tls-alpn-01" }],
      ["dns", { storage: "/data/le.json", caServer: "https://acme.example.test:14000/dir", challenge: "dns-01" }],
      ["other", { storage: "/data/other.json", caServer: letsEncrypt, challenge: "http-01" }],
    ]);
    expect(answerable(resolvers(content, args))).toEqual(["le", "other"]);
  });
  it("are none in a file that is none", () => {
    expect(resolvers("a: [").size).toBe(0);
  });
  it.each(["http://acme.example.test/dir", "https://step-ca/dir", "https://10.0.0.1/dir", "nonsense"])(
    "at %s are nobody's to stand in for",
    (caServer) => {
      expect(answerable(new Map([["le", { caServer, challenge: "tls-alpn-01" as const }]]))).toEqual([]);
    },
  );
  it("renew the API's certificate, else that of the first router with a single host", () => {
    const secured = (name: string, rule: string, role?: "core") =>
      aService(name, {
        ...(role ? { role } : {}),
        labels: {
          [`traefik.http.routers.${name}.rule`]: rule,
          [`traefik.http.routers.${name}.tls.certresolver`]: "le",
        },
      });
    const two = secured("two", "Host(`a.test`) || Host(`b.test`)");
    const one = secured("one", "Host(`C.test`)");
    expect(hostToRenew([two, one], ["le"])).toBe("c.test");
    expect(hostToRenew([two, one, secured("api", "Host(`api.test`)", "core")], ["le"])).toBe("api.test");
    expect(hostToRenew([two, one], ["other"])).toBeUndefined();
  });
});

it("names outside are those in URLs that nobody here has, comments aside", () => {
  const candidate = aCandidate(
    [
      aService("a", {
        env: { URL: "https://api.example.test/x", HOOK: "https://Discord.com/api", DB: "postgres://u:p@db.out.net/x" },
      }),
    ],
    {
      configs: [{ name: "c", content: "# see https://docs.example.org\nurl: amqp://broker:5672\n" }],
    },
  );
  expect(outsideHosts(candidate)).toEqual(["db.out.net", "discord.com"]);
});
