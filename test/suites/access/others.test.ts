import { describe, expect, test } from "vitest";
import "../../../suites/access/callbacks.ts";
import "../../../suites/access/discovery.ts";
import "../../../suites/access/gatekeeper.ts";
import "../../../suites/access/headers.ts";
import "../../../suites/access/redirects.ts";
import "../../../suites/access/tls.ts";
import "../../../suites/access/websocket.ts";
import { documentedRules } from "../../../src/candidate/contract/gatekeeper.ts";
import { labels } from "../../../src/check/access/evidence.ts";
import type { AccessRoute } from "../../../src/history/access.ts";
import type { EventBody } from "../../../src/history/events.ts";
import { broken, http, judgeOf, notFound, seen, told } from "../layer1/judge.ts";
import * as paper from "./a-look.ts";
import { asked, certified, defaultCertificate, domain, type Look, look, recorded } from "./a-look.ts";

describe("TLS", () => {
  const spoken = (version: "1.0" | "1.1" | "1.2" | "1.3") =>
    seen(`TLS ${version}`, "fa:443", "tls", { tls: { ...certified("fa"), version, cipher: "X" } });
  const refused = (version: string) =>
    broken(`TLS ${version}`, "fa:443", { kind: "tls", message: "protocol version not supported" }, "tls");
  const versions = (...events: EventBody[]) => judgeOf("access/tls-versions", events);

  test("of today passes, of yesterday fails, and another error than a refusal says nothing", () => {
    const today = [spoken("1.2"), spoken("1.3")];
    expect(versions(...today, refused("1.0"), refused("1.1")).verdict).toBe("pass");
    expect(versions(...today, spoken("1.0"), refused("1.1"))).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("TLS 1.0: spoken"),
    });
    expect(versions(spoken("1.2"), refused("1.3"), refused("1.0"), refused("1.1")).verdict).toBe("fail");
    const late = broken("TLS 1.1", "fa:443", { kind: "timeout", message: "late" }, "tls");
    expect(versions(...today, refused("1.0"), late).verdict).toBe("unknown");
    expect(versions().verdict).toBe("unknown");
  });

  const sni = (stranger = defaultCertificate("nobody"), literal = defaultCertificate("10.0.0.1")) =>
    judgeOf("access/sni", [
      ...[
        ["unmatched name", stranger],
        ["literal address", literal],
        ["name in the request only", stranger],
      ].map(
        ([label, tls]) =>
          ({
            ...notFound(label as string, "GET https://x/"),
            ...{ sample: { ...(notFound(label as string, "GET https://x/") as { sample: object }).sample, tls } },
          }) as EventBody,
      ),
    ]);

  test("without a known name shows the default certificate", () => {
    expect(sni().verdict).toBe("pass");
    expect(sni(certified(domain))).toMatchObject({ verdict: "fail", reason: expect.stringContaining("who did not ask for it") });
    expect(judgeOf("access/sni", []).verdict).toBe("unknown");
  });
});

describe("redirects", () => {
  const start = (location: string, mode = "lan") => http(`${mode}: start`, `GET https://${domain}/`, 302, { location });
  const landing = (status: number, mode = "lan") => http(`${mode}: landing`, `GET https://${domain}/auth/login`, status);

  test("stay on their host and land", () => {
    expect(judgeOf("access/redirects", [start("/auth/login"), landing(200)]).verdict).toBe("pass");
    expect(judgeOf("access/redirects", [start("/auth/login"), landing(404)])).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("404"),
    });
    expect(judgeOf("access/redirects", [start("https://old.test/auth/login"), landing(200)])).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("leads away"),
    });
    expect(judgeOf("access/redirects", [start(`http://${domain}/auth/login`), landing(200)]).verdict).toBe("fail");
    expect(judgeOf("access/redirects", [start("/auth/login")]).verdict).toBe("unknown");
    expect(judgeOf("access/redirects", []).verdict).toBe("unknown");
  });
});

describe("WebSocket", () => {
  const talk = (messages: string[], more: { status?: number; protocol?: string } = {}): EventBody => {
    const { status = 101, protocol = "graphql-transport-ws" } = more;
    return seen("lan: talk", "GET https://api/graphql", "http", {
      response: { status, bytes: 0, ...(status === 101 ? { webSocket: { key: "k", accept: "a", protocol, messages } } : {}) },
    });
  };
  const answered = ['{"type":"connection_ack"}', '{"id":"1","type":"next","payload":{"data":{"__typename":"Query"}}}'];
  const met = (...events: EventBody[]) => judgeOf("access/websocket", events);

  test("is upgraded and answered by the API", () => {
    expect(met(talk(answered)).verdict).toBe("pass");
    expect(met(talk([], { status: 400 }))).toMatchObject({ verdict: "fail", reason: expect.stringContaining("status 400") });
    expect(met(talk(answered, { protocol: "chat" })).verdict).toBe("fail");
    expect(met(talk(answered.slice(0, 1))).verdict).toBe("fail");
    expect(met(talk(["hello", "world"])).verdict).toBe("fail");
    expect(met().verdict).toBe("unknown");
  });
});

describe("headers", () => {
  const api = (one: Look) => one.entry.routes[1] as AccessRoute;
  const met = (through: Record<string, string>, own: Record<string, string>, status = 200) => {
    const one = look();
    const route = api(one);
    one.answers.set(labels.own(route), paper.http(labels.own(route), "GET http://api:3000/", 200, "api", own));
    const label = labels.look("public", "name", route);
    one.answers.set(label, asked(label, `https://${route.host}/`, "public", status, "api", { headers: through }));
    return judgeOf("access/headers", recorded(one, ["public"]));
  };

  test("are the service's own, whatever the connection adds", () => {
    const own = { "content-type": "text/plain", vary: "origin", connection: "close" };
    expect(met({ "content-type": "text/plain", vary: "origin", date: "today" }, own).verdict).toBe("pass");
    expect(met({ "content-type": "text/plain" }, own)).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("lost on the way: vary"),
    });
    expect(met({ ...own, "x-powered-by": "entry" }, own)).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("added on the way: x-powered-by"),
    });
    expect(met(own, own, 500).verdict).toBe("unknown");
    expect(judgeOf("access/headers", []).verdict).toBe("unknown");
  });

  test("without HSTS are a finding, for the documents claim it", () => {
    expect(met({}, {}).findings).toEqual(["access/no-hsts"]);
    expect(judgeOf("access/headers", recorded(look(), ["public"])).said.join()).toContain("2 of 2 hosts");
  });
});

describe("forward-auth", () => {
  const rules = Object.fromEntries(
    Object.entries(documentedRules).map(([rule, count]) => [rule, Array.from({ length: count }, (_, at) => `${rule}-${at}`)]),
  );
  const roles = Object.values(rules).flat();
  const held = told("held to", { rules, cookie: "c", cookieDomain: domain, callback: "", domain });
  const answers = (wrong: Record<string, number> = {}) => [
    held,
    ...Object.keys(rules).flatMap((rule) =>
      roles.map((role) =>
        http(`${rule} for ${role}`, "GET https://fa/", wrong[`${rule} ${role}`] ?? (rules[rule]?.includes(role) ? 200 : 403)),
      ),
    ),
    http("unknown rule", "GET https://fa/", wrong.unknown ?? 403),
  ];

  test("admits exactly the roles of a rule", () => {
    expect(judgeOf("access/rules-admit", answers()).verdict).toBe("pass");
    expect(judgeOf("access/rules-admit", answers({ "SprocketAdmin EloTeam-0": 200 }))).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("SprocketAdmin for role EloTeam-0"),
    });
    expect(judgeOf("access/rules-admit", answers({ "SprocketAdmin SprocketAdmin-1": 403 })).verdict).toBe("fail");
    expect(judgeOf("access/rules-admit", answers({ unknown: 200 })).verdict).toBe("fail");
    expect(judgeOf("access/rules-admit", [held]).verdict).toBe("unknown");
    expect(judgeOf("access/rules-admit", []).verdict).toBe("unknown");
  });

  const doors = (wrong: Record<string, number> = {}) =>
    Object.entries({ admin: 200, "other role": 403, "no role": 403, "session over": 302, forged: 302, stranger: 302 }).map(
      ([who, status]) => http(`door: ${who}`, "GET https://traefik/", wrong[who] ?? status),
    );

  test.each(["other role", "no role", "session over", "forged", "stranger"])("does not open to %s", (who) => {
    expect(judgeOf("access/sessions", doors()).verdict).toBe("pass");
    expect(judgeOf("access/sessions", doors({ [who]: 200 })).verdict).toBe("fail");
  });

  test("opens to an administrator", () => {
    expect(judgeOf("access/sessions", doors({ admin: 403 })).verdict).toBe("fail");
    expect(judgeOf("access/sessions", []).verdict).toBe("unknown");
  });

  const cookie = (text: string, back = `https://fa.${domain}/login`) =>
    judgeOf("access/cookie", [
      held,
      http("stranger", `GET https://fa.${domain}/login`, 302, {
        "set-cookie": text,
        location: `https://discord.test/?redirect_uri=${encodeURIComponent(back)}`,
      }),
    ]);

  test("gives a cookie that covers the domain and is kept close", () => {
    const good = `c_state=x; Domain=${domain}; Path=/; Secure; HttpOnly`;
    expect(cookie(good).verdict).toBe("pass");
    expect(cookie(good.replace(domain, "old.test")).verdict).toBe("fail");
    expect(cookie(good.replace("; Secure", ""))).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("lacks secure"),
    });
    expect(cookie(good.replace("; HttpOnly", "")).verdict).toBe("fail");
    expect(cookie(good, "https://fa.old.test/login").verdict).toBe("fail");
    expect(judgeOf("access/cookie", [held, http("stranger", `GET https://fa.${domain}/login`, 302)]).verdict).toBe("fail");
    expect(judgeOf("access/cookie", []).verdict).toBe("unknown");
  });

  const steps: EventBody[] = (["intent", "applied", "effect-seen", "removed", "heal-seen"] as const).map((step) => ({
    type: "fault",
    observation: "",
    fault: "kill-task/fa/SIGKILL",
    step,
    detail: {},
  }));
  const door = (...statuses: number[]) => statuses.map((status) => http("door", "GET https://traefik/", status));

  test("fails closed", () => {
    expect(judgeOf("access/fails-closed", [...steps, ...door(302, 500, 502, 302)]).verdict).toBe("pass");
    expect(judgeOf("access/fails-closed", [...steps, ...door(302, 500, 200, 302)])).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("1 of 4 clients were let in"),
    });
    expect(judgeOf("access/fails-closed", [...steps, ...door(302, 302)]).verdict).toBe("unknown");
    expect(judgeOf("access/fails-closed", []).verdict).toBe("unknown");
  });
});

describe("callbacks", () => {
  const callbacks = (url: string, expects = "core") => [
    told("callbacks", [{ setting: "auth.callbackUrl", service: "api", url, expects }]),
  ];
  const met = (url: string, expects?: string) =>
    judgeOf("access/callbacks", [...recorded(look(), ["public", "lan"]), ...callbacks(url, expects)]);

  test("come back to the right service by a name that clients reach", () => {
    expect(met(`https://api.${domain}/login`).verdict).toBe("pass");
    expect(met(`https://${domain}/auth/callback`, "web").verdict).toBe("pass");
    expect(met(`https://${domain}/login`)).toMatchObject({ verdict: "fail", reason: expect.stringContaining("leads to web") });
    expect(met("https://api.old.test/login")).toMatchObject({ verdict: "fail", reason: expect.stringContaining("no route") });
    expect(met(`http://api.${domain}/login`).verdict).toBe("fail");
    expect(judgeOf("access/callbacks", [...recorded(look(), ["public"]), told("callbacks", [])]).verdict).toBe("unknown");
    expect(judgeOf("access/callbacks", []).verdict).toBe("unknown");
  });

  test("that are public whatever the mode are a finding", () => {
    expect(met(`https://api.${domain}/login`).findings).toEqual(["access/callbacks-are-public"]);
  });
});

describe("discovery", () => {
  const ready = (service: string): EventBody => ({ type: "service", service, tier: "platform", state: "ready" });
  const met = (waiting: number) => {
    const one = look();
    const early = Array.from({ length: waiting }, (): EventBody => ({ type: "log", level: "info", text: "a second passes" }));
    return judgeOf("access/discovery", recorded(one, ["public"]), { before: [ready("web"), ready("api"), ...early] });
  };

  test("is judged from the service's readiness to the first client's answer", () => {
    expect(met(5).verdict).toBe("pass");
    expect(met(70)).toMatchObject({ verdict: "fail", reason: expect.stringContaining("answered at the latest") });
  });

  test("that never comes names its cause", () => {
    const one = look();
    const route = one.entry.routes[1] as AccessRoute;
    const label = labels.look("public", "name", route);
    one.answers.set(label, paper.notFound(label, `https://${route.host}/`, "public"));
    one.routers = one.routers.filter(({ name }) => name !== "api@docker");
    const judged = judgeOf("access/discovery", recorded(one, ["public"]), { before: [ready("web"), ready("api")] });
    expect(judged).toMatchObject({ verdict: "fail", reason: expect.stringContaining("R-4 discovery delay") });
    expect(judged.findings).toContain("access/r-4");
  });

  test("is unknown when nothing says when the service was ready, and of nothing", () => {
    expect(judgeOf("access/discovery", recorded(look(), ["public"])).verdict).toBe("unknown");
    expect(judgeOf("access/discovery", []).verdict).toBe("unknown");
  });
});
