import { describe, expect, test } from "vitest";
import "../../../suites/candidate/routes.ts";
import type { EventBody } from "../../../src/history/events.ts";
import type { RouteFact } from "../../../suites/candidate/routes.ts";
import { broken, http, judgeOf, notFound, told } from "../layer1/judge.ts";

const id = "candidate/routes-platform";
const host = "api.example.test";
const route = (more: Partial<RouteFact> = {}): EventBody =>
  told("route", { service: "core", router: "api", host, url: `https://${host}/`, guarded: false, up: true, ...more });
const asked = (status: number, body = "", headers = {}) => http(`route ${host}`, `GET https://${host}/`, status, headers, body);
const own = http(`own ${host}`, "GET http://core:3001/", 200, {}, "hello");
const routers = (...names: string[]) =>
  http("routers", "GET :8080", 200, {}, JSON.stringify(names.map((name) => ({ name, status: "enabled" }))));

describe("a promised host name", () => {
  test.each([
    ["any answer of the service", asked(200, "hello")],
    ["an error of the service's own", asked(502, "<h1>upstream is down</h1>", { "content-type": "text/html" })],
    ["a gatekeeper's redirect", asked(302, "", { location: "https://discord.test/" })],
    ["a refusal", asked(401)],
  ])("leads past Traefik when it brings %s", (_, answer) => {
    expect(judgeOf(id, [route(), own, answer, routers("api@docker")])).toMatchObject({ verdict: "pass" });
  });

  test.each([
    ["without a route", notFound(`route ${host}`, "GET"), "Traefik has no route for it"],
    ["when the service cannot be reached", asked(502, "Bad Gateway"), "it answers 502 Bad Gateway"],
    ["when the service does not answer", asked(504, "Gateway Timeout"), "it answers 504 Gateway Timeout"],
    [
      "when there is no task",
      asked(503, "no available server\n", { "content-type": "text/plain; charset=utf-8" }),
      "503 no available server",
    ],
    [
      "when the certificate is not trusted",
      broken(`route ${host}`, "GET", { kind: "tls", message: "certificate signed by unknown authority" }),
      "unknown authority",
    ],
  ])("does not %s", (_, answer, reason) => {
    expect(judgeOf(id, [route(), own, answer, routers("api@docker")])).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining(reason),
    });
  });

  test("does not when its gatekeeper cannot be asked, whose own 500 has words", () => {
    expect(judgeOf(id, [route({ guarded: true }), own, asked(500), routers()]).reason).toContain("cannot ask the gatekeeper");
    expect(judgeOf(id, [route({ guarded: true }), own, asked(500, "oops"), routers()]).verdict).toBe("pass");
    expect(judgeOf(id, [route(), own, asked(500), routers()]).verdict).toBe("pass");
  });

  test("whose service answers in Traefik's words is judged by Traefik's routers", () => {
    const both = [route(), notFound(`own ${host}`, "GET"), notFound(`route ${host}`, "GET")];
    expect(judgeOf(id, [...both, routers("api@docker")]).verdict).toBe("pass");
    expect(judgeOf(id, [...both, routers("web@docker")])).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("no such router"),
    });
    expect(judgeOf(id, [...both, http("routers", "GET", 401)]).verdict).toBe("unknown");
  });

  test("the newest look counts, and one that was not taken says nothing", () => {
    expect(judgeOf(id, [route(), own, notFound(`route ${host}`, "GET"), asked(200), routers()]).verdict).toBe("pass");
    expect(
      judgeOf(id, [route(), own, broken(`route ${host}`, "GET", { kind: "not-sent", message: "no agent" }), routers()]).verdict,
    ).toBe("unknown");
  });

  test("is unknown when its service did not come up, when nobody asked, and of nothing", () => {
    expect(judgeOf(id, [route({ up: false }), routers()])).toMatchObject({
      verdict: "unknown",
      reason: expect.stringContaining("did not come up"),
    });
    expect(judgeOf(id, [route(), routers()]).verdict).toBe("unknown");
    expect(judgeOf(id, []).verdict).toBe("unknown");
  });
});
