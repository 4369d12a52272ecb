import { describe, expect, test } from "vitest";
import "../../../suites/layer1/socket-proxy.ts";
import type { EventBody } from "../../../src/history/events.ts";
import { broken, http, judgeOf, seen } from "./judge.ts";

const bodies: Record<string, string> = {
  "/_ping": "OK",
  "/version": '{"Version":"20.10"}',
  "/containers/json": '[{"Id":"a"},{"Id":"b"}]',
  "/services": '[{"ID":"s"}]',
  "/tasks": '[{"ID":"t"}]',
  "/nodes": '[{"ID":"n"}]',
  "/networks": '[{"Id":"w"}]',
  "/swarm": '{"ID":"c"}',
  "/events?since=1&until=2": "",
};

/** All granted paths answered as the engine does, some of the events changed. */
const grants = (change: Record<string, (label: string) => EventBody | []> = {}): EventBody[] =>
  Object.entries(bodies)
    .flatMap(([path, body]) => [
      http(`engine ${path}`, `GET http://engine${path}`, 200, {}, body),
      change[path]?.(`proxy ${path}`) ?? http(`proxy ${path}`, `GET http://proxy:2375${path}`, 200, {}, body),
      http(`engine ${path}`, `GET http://engine${path}`, 200, {}, body),
    ])
    .flat();

describe("what the socket proxy grants", () => {
  const id = "layer1/socket-proxy-grants";
  test("is the engine's own answer", () => {
    expect(judgeOf(id, grants()).verdict).toBe("pass");
  });
  test("may hold what came while we asked", () => {
    const events = [
      http("engine /tasks", "GET", 200, {}, '[{"ID":"t"}]'),
      http("proxy /tasks", "GET", 200, {}, '[{"ID":"t"},{"ID":"u"}]'),
      http("engine /tasks", "GET", 200, {}, '[{"ID":"u"}]'),
    ];
    expect(
      judgeOf(id, [
        ...grants({ "/tasks": () => [] }).filter((event) => !("label" in event && event.label === "engine /tasks")),
        ...events,
      ]).verdict,
    ).toBe("pass");
  });
  test.each([
    ["/tasks", (label: string) => http(label, "GET", 403), "GET /tasks: the proxy refuses what Traefik needs: status 403"],
    ["/swarm", (label: string) => http(label, "GET", 503), "status 503, the engine itself answers 200"],
    [
      "/containers/json",
      (label: string) => http(label, "GET", 200, {}, '[{"Id":"a"},{"Id":"x"}]'),
      "1 entries of the engine are missing and 1 are not its own",
    ],
    ["/_ping", (label: string) => http(label, "GET", 200, {}, "hello"), "another answer than the engine's own: hello"],
    [
      "/nodes",
      (label: string) => broken(label, "GET", { kind: "connect-refused", message: "refused" }),
      "no answer through the proxy",
    ],
  ])("is nothing else: %s", (path, change, reason) => {
    expect(judgeOf(id, grants({ [path]: change }))).toMatchObject({ verdict: "fail", reason: expect.stringContaining(reason) });
  });
  test("is unknown when it was not asked, or the engine itself not", () => {
    expect(judgeOf(id, []).verdict).toBe("unknown");
    expect(
      judgeOf(
        id,
        grants().filter((event) => !("label" in event && event.label.startsWith("engine"))),
      ).verdict,
    ).toBe("unknown");
  });
});

describe.each([
  ["layer1/socket-proxy-hides", "hidden", "GET http://proxy:2375/secrets", "GET /secrets: status is 403 (met 200)"],
  [
    "layer1/socket-proxy-refuses-writes",
    "write",
    "POST http://proxy:2375/services/create",
    "POST /services/create: status is 403 (met 200)",
  ],
])("%s", (id, label, target, reason) => {
  test("passes on 403 only", () => {
    expect(judgeOf(id, [http(label, target, 403)]).verdict).toBe("pass");
    expect(judgeOf(id, [http(label, target, 403), http(label, target, 200)])).toMatchObject({ verdict: "fail", reason });
    expect(judgeOf(id, [http(label, target, 400)]).verdict).toBe("fail");
  });
  test("is unknown when nobody asked", () => {
    expect(judgeOf(id, []).verdict).toBe("unknown");
  });
});

describe("the socket proxy's network", () => {
  const id = "layer1/socket-proxy-alone";
  const dns = (addresses: string[]) =>
    seen("name", "A proxy", "dns", {
      vantage: "inside:forward-auth",
      response: {
        server: "127.0.0.11:53",
        transport: "udp",
        rcode: "NXDOMAIN",
        authoritative: false,
        truncated: false,
        answers: addresses.map((data) => ({ name: "proxy.", type: "A", ttl: 0, data })),
      },
    });
  const shut = broken("address", "10.0.1.2:2375", { kind: "connect-timeout", message: "timeout" }, "tcp");
  const open = seen("address", "10.0.1.2:2375", "tcp", { vantage: "inside:forward-auth", source: "10.0.1.9:5" });
  const traefik = seen("traefik", "proxy:2375", "tcp", { source: "10.0.1.3:5", peer: "10.0.1.2:2375" });
  test("is Traefik's and its own", () => {
    expect(judgeOf(id, [dns([]), shut, traefik]).verdict).toBe("pass");
  });
  test.each([
    [[dns(["10.0.1.2"]), shut, traefik], "from forward-auth: the socket proxy's name resolves there"],
    [[dns([]), open, traefik], "from forward-auth: a connection to the socket proxy is accepted from 10.0.1.9:5"],
    [
      [dns([]), shut, broken("traefik", "proxy:2375", { kind: "dns", message: "no such host" }, "tcp")],
      "Traefik itself cannot reach it",
    ],
  ])("is nobody else's", (events, reason) => {
    expect(judgeOf(id, events)).toMatchObject({ verdict: "fail", reason: expect.stringContaining(reason) });
  });
  test("is unknown when nobody tried", () => {
    expect(judgeOf(id, []).verdict).toBe("unknown");
    expect(judgeOf(id, [dns([]), shut]).verdict).toBe("unknown");
  });
});
