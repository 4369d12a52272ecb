import { describe, expect, test } from "vitest";
import "../../../suites/layer1/routes.ts";
import { broken, http, judgeOf, notFound } from "./judge.ts";

const answers = {
  "route-forward-auth": {
    url: "https://fa.example.test/login?rule=SprocketAdmin",
    status: 302,
    own: { location: "https://discord.test/a?redirect_uri=https%3A%2F%2Ffa.example.test%2Flogin&state=one" },
    other: { location: "https://discord.test/a?redirect_uri=https%3A%2F%2Ffb.example.test%2Flogin&state=one" },
    body: "",
  },
  "route-vault": {
    url: "http://vault.example.test/v1/sys/health",
    status: 200,
    own: {},
    other: {},
    body: '{"cluster_id":"a"}',
    otherBody: '{"cluster_id":"b"}',
  },
  "route-rabbitmq-management": {
    url: "https://management.rabbitmq.example.test/",
    status: 200,
    own: {},
    other: {},
    body: "<title>RabbitMQ</title>",
    otherBody: "<title>Web</title>",
  },
  "route-api": {
    url: "https://api.example.test/graphql",
    status: 200,
    own: {},
    other: {},
    body: '{"data":{"__typename":"Query"}}',
    otherBody: '{"errors":[]}',
  },
  "route-web": {
    url: "https://example.test/",
    status: 302,
    own: { location: "/auth/login" },
    other: { location: "/login" },
    body: "",
  },
} as const;

describe.each(Object.entries(answers))("%s", (slug, answer) => {
  const id = `layer1/${slug}`;
  const body = answer.body;
  const own = http("own", "GET http://inside/", answer.status, answer.own, body);
  const client = http("client", `GET ${answer.url}`, answer.status, answer.own, body);

  test("passes when a client gets the service's own answer", () => {
    expect(judgeOf(id, [own, client])).toMatchObject({ verdict: "pass", reason: expect.stringContaining("answers as") });
  });
  test("judges the newest look, for a route may come 15 s after its service", () => {
    expect(judgeOf(id, [own, notFound("client", `GET ${answer.url}`), client]).verdict).toBe("pass");
    expect(judgeOf(id, [own, client, notFound("client", `GET ${answer.url}`)]).verdict).toBe("fail");
  });
  test("fails on Traefik's own 404 and says that there is no route", () => {
    expect(judgeOf(id, [own, notFound("client", `GET ${answer.url}`)])).toMatchObject({
      verdict: "fail",
      reason: `Traefik has no route for ${answer.url}: it answers its own 404 (1 looks)`,
    });
  });
  test("fails when another service answers", () => {
    const other = http("client", `GET ${answer.url}`, answer.status, answer.other, "otherBody" in answer ? answer.otherBody : "");
    expect(judgeOf(id, [own, other])).toMatchObject({ verdict: "fail", reason: expect.stringContaining("itself") });
  });
  test("fails on a bad gateway before a service that does not listen where Traefik looks", () => {
    const refused = broken("own", "GET http://inside/", { kind: "connect-refused", message: "connection refused" });
    expect(judgeOf(id, [refused, http("client", `GET ${answer.url}`, 502)])).toMatchObject({
      verdict: "fail",
      reason: expect.stringMatching(/itself does not answer .* connect-refused.*clients get status: 502/),
    });
  });
  test("fails when nobody answers", () => {
    const error = { kind: "connect-refused", message: "connection refused" } as const;
    expect(judgeOf(id, [own, broken("client", `GET ${answer.url}`, error)])).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("no answer"),
    });
  });
  test("is unknown when nothing was seen, or the harness could not look", () => {
    expect(judgeOf(id, []).verdict).toBe("unknown");
    expect(judgeOf(id, [client]).verdict).toBe("unknown");
    expect(judgeOf(id, [own, broken("client", `GET ${answer.url}`, { kind: "namespace", message: "gone" })]).verdict).toBe(
      "unknown",
    );
  });
});

describe("a host without a route", () => {
  const id = "layer1/no-route";
  const [tls, plain, other] = ["over TLS", "plain", "by another Host"];
  test("is nobody's", () => {
    expect(
      judgeOf(id, [notFound(tls, "GET https://n/"), notFound(plain, "GET http://n/"), notFound(other, "GET https://h/")]).verdict,
    ).toBe("pass");
  });
  test("must not be taken by a service, even by its 404", () => {
    const taken = http(tls, "GET https://n/", 404, { "content-type": "text/html" });
    expect(judgeOf(id, [taken, notFound(plain, "GET http://n/"), notFound(other, "GET https://h/")])).toMatchObject({
      verdict: "fail",
      reason: "over TLS: something answers a host that no route is for: status 404",
    });
  });
  test("is unknown when not all was asked", () => {
    expect(judgeOf(id, []).verdict).toBe("unknown");
    expect(judgeOf(id, [notFound(tls, "GET https://n/")]).verdict).toBe("unknown");
  });
});

describe("plain HTTP to what is served over TLS", () => {
  const id = "layer1/plain-http";
  test("is 404 today, which differs from the documents", () => {
    expect(judgeOf(id, [notFound("plain", "GET http://api.example.test/graphql")])).toMatchObject({
      verdict: "pass",
      findings: ["traefik/no-https-redirect"],
    });
  });
  test("may be the redirect that the documents promise", () => {
    const event = http("plain", "GET http://api.example.test/graphql", 308, { location: "https://api.example.test/graphql" });
    expect(judgeOf(id, [event])).toMatchObject({ verdict: "pass", findings: [] });
  });
  test.each([
    [http("plain", "GET http://api.example.test/graphql", 200)],
    [http("plain", "GET http://fa.example.test/login", 302, { location: "https://discord.test/" })],
    [http("plain", "GET http://api.example.test/graphql", 301, { location: "https://api.example.test.evil.test/" })],
  ])("must not be an answer in the clear", (event) => {
    expect(judgeOf(id, [event])).toMatchObject({ verdict: "fail", reason: expect.stringContaining("served in the clear") });
  });
  test("is unknown when nobody asked", () => {
    expect(judgeOf(id, []).verdict).toBe("unknown");
  });
});
