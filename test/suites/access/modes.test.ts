import { describe, expect, test } from "vitest";
import "../../../suites/access/mode-checks.ts";
import "../../../suites/access/names.ts";
import "../../../suites/access/presented.ts";
import { labels } from "../../../src/check/access/evidence.ts";
import type { AccessMode, AccessRoute, DeployedRouter } from "../../../src/history/access.ts";
import type { EventBody } from "../../../src/history/events.ts";
import { judgeOf } from "../layer1/judge.ts";
import { asked, certified, defaultCertificate, domain, http, type Look, look, notFound, recorded, unanswered } from "./a-look.ts";

const all: readonly AccessMode[] = ["localhost", "lan", "tailscale", "public"];
const api = `api.${domain}`;
const apiRoute = (one: Look): AccessRoute => one.entry.routes[1] as AccessRoute;
const apiRouter = (one: Look): DeployedRouter => one.entry.deployed[1] as DeployedRouter;
const byName = (mode: AccessMode) => labels.look(mode, "name", apiRoute(look()));

/** A look that `change` made wrong. */
function lookWith(change: (one: Look) => void): Look {
  const one = look();
  change(one);
  return one;
}

const answer = (one: Look, event: EventBody & { label?: string }) => {
  if (event.label === undefined) throw new Error("an answer has a label");
  one.answers.set(event.label, event);
};

/** The API's own 404 page is the entry point's in every mode. */
function lost(one: Look): void {
  for (const mode of all) answer(one, notFound(byName(mode), `https://${api}/`, mode));
}

describe("a mode", () => {
  test.each(all)("%s passes when each route is met as today's rules have it", (mode) => {
    expect(judgeOf(`access/${mode}`, recorded(look(), all))).toMatchObject({ verdict: "pass" });
  });

  test.each(["localhost", "lan", "tailscale"] as const)(
    "%s is told of what the documents promise and the rules do not give",
    (mode) => {
      expect(judgeOf(`access/${mode}`, recorded(look(), all)).findings).toEqual(["access/r-1"]);
    },
  );

  test("fails under the documented set where an address is not answered", () => {
    expect(judgeOf("access/lan", recorded(look(), all), { expects: "documented" })).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("R-1 host header mismatch"),
    });
    expect(judgeOf("access/public", recorded(look(), all), { expects: "documented" }).verdict).toBe("pass");
  });

  test("fails when another service answers", () => {
    const one = lookWith((it) => answer(it, asked(byName("lan"), `https://${api}/`, "lan", 200, "web")));
    expect(judgeOf("access/lan", recorded(one, all))).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("not what api itself answers"),
    });
    expect(judgeOf("access/public", recorded(one, all)).verdict).toBe("pass");
  });

  test("fails when nobody answers", () => {
    const one = lookWith((it) =>
      answer(it, unanswered(byName("public"), `https://${api}/`, "public", { kind: "connect-refused", message: "refused" })),
    );
    expect(judgeOf("access/public", recorded(one, all))).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("connect-refused"),
    });
  });

  test.each(["source", "resolved", "tls"])("is unknown when a probe does not say its %s", (field) => {
    const one = lookWith((it) => {
      const event = asked(byName("public"), `https://${api}/`, "public", 200, "api") as EventBody & { sample: object };
      answer(it, {
        ...event,
        sample: Object.fromEntries(Object.entries(event.sample).filter(([name]) => name !== field)),
      } as EventBody);
    });
    expect(judgeOf("access/public", recorded(one, all)).verdict).toBe("unknown");
  });

  test("is unknown when nobody looked from there, and of nothing", () => {
    expect(judgeOf("access/lan", recorded(look(), ["public"])).verdict).toBe("unknown");
    expect(judgeOf("access/lan", []).verdict).toBe("unknown");
  });

  test("leaves a route whose service is not reproduced to the matrix", () => {
    const one = lookWith((it) => {
      const { up: _, ...route } = it.entry.routes[1] as (typeof it.entry.routes)[number];
      it.entry.routes[1] = route;
    });
    expect(judgeOf("access/public", recorded(one, all)).verdict).toBe("pass");
    const { up: _, ...web } = one.entry.routes[0] as (typeof one.entry.routes)[number];
    one.entry.routes[0] = web;
    expect(judgeOf("access/public", recorded(one, all)).verdict).toBe("unknown");
  });
});

describe("a guarded door", () => {
  const guarded = (one: Look) => {
    const route = one.entry.routes[1] as AccessRoute;
    one.entry.routes[1] = { ...route, forwardAuth: `https://fa.${domain}/login`, up: true };
  };

  test("is shut when a stranger is sent on, open when he is served, broken when nobody can be asked", () => {
    const met = (status: number, headers: Record<string, string> = {}) =>
      judgeOf(
        "access/public",
        recorded(
          lookWith((it) => {
            guarded(it);
            answer(it, asked(byName("public"), `https://${api}/`, "public", status, "", { headers }));
          }),
          all,
        ),
      );
    expect(met(302, { location: "https://discord.test/authorize" }).verdict).toBe("pass");
    expect(met(403).verdict).toBe("pass");
    expect(met(200)).toMatchObject({ verdict: "fail", reason: expect.stringContaining("open to strangers") });
    expect(met(500)).toMatchObject({ verdict: "fail", reason: expect.stringContaining("cannot be asked") });
  });
});

describe("a recorded fault is named", () => {
  const faults: [id: string, mode: AccessMode, change: (one: Look) => void, words: string][] = [
    [
      "R-1",
      "public",
      (it) => {
        lost(it);
        Object.assign(apiRouter(it), { rule: `Host(\`apl.${domain}\`)`, hosts: [`apl.${domain}`] });
      },
      "no rule of api is for api.example.test",
    ],
    [
      "R-2",
      "public",
      (it) => {
        lost(it);
        it.entry.deployed.push({
          ...apiRouter(it),
          service: "web",
          hosts: ["old.example.test"],
          rule: "Host(`old.example.test`)",
        });
      },
      "defined by api and web",
    ],
    [
      "R-3",
      "public",
      (it) => {
        lost(it);
        Object.assign(apiRouter(it), { rule: "Host(`api.other.test`)", hosts: ["api.other.test"] });
      },
      "for api.other.test, the other stacks are for example.test",
    ],
    [
      "R-4",
      "public",
      (it) => {
        lost(it);
        it.routers = it.routers.filter(({ name }) => name !== "api@docker");
      },
      "Traefik has not read it yet",
    ],
    [
      "R-5",
      "public",
      (it) => {
        apiRouter(it).networks = ["elsewhere"];
        answer(
          it,
          asked(byName("public"), `https://${api}/`, "public", 504, "Gateway Timeout", {
            headers: { "content-type": "text/plain" },
          }),
        );
      },
      "api is not a member of ingress",
    ],
    [
      "R-8",
      "public",
      (it) => {
        it.entry.routes[1] = { ...apiRoute(it), forwardAuth: "https://fa.old.test/login", up: true };
        answer(it, asked(byName("public"), `https://${api}/`, "public", 500));
      },
      "asks fa.old.test who may in",
    ],
    [
      "R-9",
      "public",
      (it) => {
        it.entry.routes[1] = { ...apiRoute(it), tls: false, up: true };
        answer(it, asked(byName("public"), `http://${api}/`, "public", 301, "", { headers: { location: `https://${api}/` } }));
      },
      "sends everybody to HTTPS",
    ],
    [
      "R-10",
      "public",
      (it) => {
        it.entry.routes[1] = { ...apiRoute(it), tls: false, up: true };
        answer(it, notFound(byName("public"), `http://${api}/`, "public"));
        answer(it, http(labels.otherScheme(apiRoute(it)), `GET https://${api}/`, 200, "api"));
      },
      "its router answers over HTTPS",
    ],
    [
      "R-11",
      "public",
      (it) =>
        answer(
          it,
          unanswered(byName("public"), `https://${api}/`, "public", { kind: "connect-refused", message: "refused" }, [
            "192.0.2.7",
          ]),
        ),
      "resolves to 192.0.2.7",
    ],
    [
      "R-12",
      "public",
      (it) => {
        lost(it);
        it.routers = [];
        answer(
          it,
          http(
            labels.engine,
            "GET http://proxy:2375/v1.24/version",
            400,
            "client version 1.24 is too old. Minimum supported API version is 1.44",
          ),
        );
      },
      "refuses the API version",
    ],
  ];
  test.each(faults)("%s", (id, mode, change, words) => {
    const met = judgeOf(`access/${mode}`, recorded(lookWith(change), all));
    expect(met).toMatchObject({ verdict: "fail", reason: expect.stringContaining(id) });
    expect(met.findings).toContain(`access/${id.toLowerCase()}`);
    expect(met.said.join(" ")).toContain(words);
  });

  test("R-6 and R-7 are of the certificate, and no outage", () => {
    const shown = lookWith((it) =>
      answer(it, asked(byName("public"), `https://${api}/`, "public", 200, "api", { tls: defaultCertificate(api) })),
    );
    expect(judgeOf("access/public", recorded(shown, all)).verdict).toBe("pass");
    const r6 = judgeOf("access/certificates", recorded(shown, all));
    expect(r6).toMatchObject({ verdict: "fail", reason: expect.stringContaining("R-6") });
    expect(r6.findings).toEqual(expect.arrayContaining(["access/certificate-default", "access/r-6"]));
    apiRouter(shown).hosts.push("192.168.1.10");
    shown.entry.literals = { lan: ["192.168.1.10"] };
    expect(judgeOf("access/certificates", recorded(shown, all))).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("R-7"),
    });
  });
});

describe("certificates", () => {
  const shown = (tls: ReturnType<typeof certified>) =>
    judgeOf(
      "access/certificates",
      recorded(
        lookWith((it) => answer(it, asked(byName("public"), `https://${api}/`, "public", 200, "api", { tls }))),
        all,
      ),
    );

  test.each([
    ["expired", certified(api, { notAfter: "2026-11-20T00:00:00Z", verifyError: "certificate has expired" })],
    ["not-yet-valid", certified(api, { notBefore: "2026-11-25T00:00:00Z", verifyError: "not yet valid" })],
    ["wrong-name", certified(api, { sans: [`www.${domain}`], verifyError: "not valid for" })],
    ["untrusted", certified(api, { verifyError: "signed by unknown authority" })],
    ["default", defaultCertificate(api)],
  ])("that are %s are one finding of five", (trouble, tls) => {
    const met = shown(tls);
    expect(met.verdict).toBe("fail");
    expect(met.findings.filter((rule) => rule.startsWith("access/certificate-"))).toEqual([`access/certificate-${trouble}`]);
  });

  test("that are right pass, a star for its one label too; without a look nothing is known", () => {
    expect(shown(certified(api)).verdict).toBe("pass");
    expect(shown(certified(api, { sans: [`*.${domain}`] })).verdict).toBe("pass");
    expect(shown(certified(api, { sans: ["*.test"] })).verdict).toBe("fail");
    expect(judgeOf("access/certificates", recorded(look(), ["lan"])).verdict).toBe("unknown");
    expect(judgeOf("access/certificates", []).verdict).toBe("unknown");
  });
});

describe("names", () => {
  test("lead to the entry point of their mode and nowhere else", () => {
    expect(judgeOf("access/names", recorded(look(), ["lan", "public"])).verdict).toBe("pass");
    const elsewhere = lookWith((it) =>
      answer(it, asked(byName("lan"), `https://${api}/`, "lan", 200, "api", { answers: ["10.130.0.2", "10.9.9.9"] })),
    );
    expect(judgeOf("access/names", recorded(elsewhere, ["lan"]))).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("10.9.9.9"),
    });
    expect(judgeOf("access/names", []).verdict).toBe("unknown");
  });
});
