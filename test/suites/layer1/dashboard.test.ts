import { describe, expect, test } from "vitest";
import "../../../suites/layer1/dashboard.ts";
import { broken, http, judgeOf, seen, told } from "./judge.ts";

const state = (rule: string) => `${Buffer.from(JSON.stringify({ rule, nonce: "n" })).toString("base64url")}.signature`;
const discord = (rule = "SprocketAdmin", back = "https://fa.example.test/login") =>
  `https://discord.test/authorize?redirect_uri=${encodeURIComponent(back)}&state=${state(rule)}`;
const gatekeeperHost = told("gatekeeper's host", "fa.example.test");
const gatekeeper = http("gatekeeper", "GET https://fa.example.test/login", 302, { location: discord() });
const door = (status: number, location?: string) =>
  http("door", "GET https://traefik.example.test/api/rawdata", status, location ? { location } : {});

describe("the dashboard's door", () => {
  const id = "layer1/dashboard-closed";
  test("is closed when a stranger is sent where forward-auth sends strangers", () => {
    expect(judgeOf(id, [gatekeeperHost, gatekeeper, door(307, discord())]).verdict).toBe("pass");
  });
  test.each([
    [door(200), "the door is open to strangers: status 200"],
    [door(500), "the gatekeeper is broken, which is not a closed door: status 500"],
    [door(302, "/dashboard/"), "redirects to traefik.example.test instead of discord.test"],
    [
      door(302, discord("SprocketAdmin", "https://evil.test/login")),
      "host that takes the stranger back is fa.example.test (met evil.test)",
    ],
    [broken("door", "GET https://traefik.example.test/", { kind: "connect-refused", message: "refused" }), "no answer"],
  ])("is not closed otherwise", (event, reason) => {
    expect(judgeOf(id, [gatekeeperHost, gatekeeper, door(302, discord()), event])).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining(reason),
    });
  });
  test("is unknown when nobody knocked", () => {
    expect(judgeOf(id, []).verdict).toBe("unknown");
    expect(judgeOf(id, [gatekeeperHost, gatekeeper]).verdict).toBe("unknown");
  });
});

describe("the dashboard's rule", () => {
  const id = "layer1/dashboard-rule";
  const routers = (middlewares: string[]) =>
    http(
      "routers",
      "GET :8080",
      200,
      {},
      JSON.stringify([
        { name: "api@internal", service: "api@internal", provider: "internal" },
        { name: "dash@docker", service: "api@internal", provider: "docker", middlewares },
      ]),
    );
  const middlewares = (rule: string) =>
    http(
      "middlewares",
      "GET :8080",
      200,
      {},
      JSON.stringify([{ name: "guard@docker", forwardAuth: { address: `https://fa.example.test/login?rule=${rule}` } }]),
    );
  test("is SprocketAdmin, asked of forward-auth", () => {
    expect(
      judgeOf(id, [gatekeeperHost, routers(["guard@docker"]), middlewares("SprocketAdmin"), door(302, discord())]).verdict,
    ).toBe("pass");
  });
  test("is of the configuration alone where forward-auth tells no state", () => {
    expect(
      judgeOf(id, [
        gatekeeperHost,
        routers(["guard@docker"]),
        middlewares("SprocketAdmin"),
        door(302, "https://discord.test/?state=opaque"),
      ]).verdict,
    ).toBe("pass");
  });
  test.each([
    [routers(["guard@docker"]), middlewares("EloTeam"), door(302, discord("EloTeam")), "rule=EloTeam instead of"],
    [routers([]), middlewares("SprocketAdmin"), door(200), "asks nobody instead of"],
    [
      routers(["guard@docker"]),
      middlewares("SprocketAdmin"),
      door(302, discord("EloTeam")),
      "rule is SprocketAdmin (met EloTeam)",
    ],
  ])("is no other", (one, two, three, reason) => {
    expect(judgeOf(id, [gatekeeperHost, one, two, three])).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining(reason),
    });
  });
  test("is unknown when Traefik did not tell", () => {
    expect(judgeOf(id, []).verdict).toBe("unknown");
    expect(judgeOf(id, [gatekeeperHost, http("routers", "GET", 200, {}, "nonsense"), middlewares("SprocketAdmin")]).verdict).toBe(
      "unknown",
    );
    expect(
      judgeOf(id, [gatekeeperHost, http("routers", "GET", 200, {}, "[]"), middlewares("SprocketAdmin"), door(302, discord())])
        .verdict,
    ).toBe("unknown");
  });
});

describe("forward-auth as Traefik sees it", () => {
  const id = "layer1/forward-auth-trusted";
  const dns = (addresses: string[]) =>
    seen("name", "A fa.example.test", "dns", {
      response: {
        server: "127.0.0.11:53",
        transport: "udp",
        rcode: addresses.length > 0 ? "NOERROR" : "NXDOMAIN",
        authoritative: false,
        truncated: false,
        answers: addresses.map((data) => ({ name: "fa.example.test.", type: "A", ttl: 0, data })),
      },
    });
  const tls = (verifyError?: string) =>
    seen("certificate", "fa.example.test:443", "tls", {
      tls: { serverName: "fa.example.test", ...(verifyError ? { verifyError } : {}) },
    });
  test("resolves, is trusted, and is asked", () => {
    expect(judgeOf(id, [dns(["10.0.0.1"]), tls(), door302()]).verdict).toBe("pass");
  });
  test.each([
    [dns([]), tls(), door302(), "the name does not resolve inside Traefik: NXDOMAIN"],
    [dns(["10.0.0.1"]), tls("unknown authority"), door302(), "the certificate is not trusted: unknown authority"],
    [
      dns(["10.0.0.1"]),
      broken("certificate", "fa:443", { kind: "connect-refused", message: "refused" }, "tls"),
      door302(),
      "no trusted handshake from inside Traefik: connect-refused",
    ],
    [
      dns(["10.0.0.1"]),
      tls(),
      http("door", "GET https://traefik.example.test/", 500),
      "Traefik could not ask forward-auth: it answers 500",
    ],
  ])("fails where one of them does not", (one, two, three, reason) => {
    expect(judgeOf(id, [one, two, three])).toMatchObject({ verdict: "fail", reason: expect.stringContaining(reason) });
  });
  test("is unknown when nobody looked", () => {
    expect(judgeOf(id, []).verdict).toBe("unknown");
  });
  function door302() {
    return http("door", "GET https://traefik.example.test/", 302, { location: discord() });
  }
});
