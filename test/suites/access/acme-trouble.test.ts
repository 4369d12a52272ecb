import { describe, expect, test } from "vitest";
import "../../../suites/access/acme-trouble.ts";
import type { AcmeOrder } from "../../../src/engine/party/acme.ts";
import type { EventBody } from "../../../src/history/events.ts";
import type { SampleError } from "../../../src/history/sample.ts";
import { responseOf } from "../../check/a-history.ts";
import { broken, http, judgeOf, notFound, seen, told } from "../layer1/judge.ts";

const [limited, refused] = ["a.test", "b.test"] as const;
const answer = (label: string, host: string, status = 200, sha256 = "kept"): EventBody =>
  seen(label, `GET https://${host}/`, "http", {
    response: responseOf(status, {}, ""),
    tls: {
      serverName: host,
      chain: [{ subject: `CN=${host}`, issuer: "CN=Pebble", sans: [host], notBefore: "2026", notAfter: "2027", sha256 }],
    },
  });
const untrusted: SampleError = { kind: "tls", message: "certificate signed by unknown authority" };
const log = (name: string, orders: Partial<AcmeOrder>[], resets = 0): EventBody =>
  told(name, { orders, reset: Array.from({ length: resets }, () => ({ at: "2026", from: "10.0.0.2:1" })) });
const steps = (fault: string, ...of: ("intent" | "applied" | "effect-seen" | "removed")[]): EventBody[] =>
  of.map((step) => ({ type: "fault", observation: "", fault, step, detail: {} }));
const undoneBy = (label: string, fault: string): EventBody[] => [
  ...steps(fault, "intent", "applied", "effect-seen", "removed"),
  http(`directory after ${label}`, "GET https://acme.test/directory", 200),
];
const begun = [told("hosts", { limited, refused }), answer("before", limited), answer("before", refused, 302)];

describe("access/acme-down", () => {
  const id = "access/acme-down";
  const met = (...answers: EventBody[]) => [
    ...begun,
    log("log before down", [], 1),
    log("log of down", [], 4),
    ...answers,
    ...undoneBy("down", "acme/down"),
  ];
  test("passes when each host answers behind the certificate from before; only the newest answer counts", () => {
    const early = broken("down", `GET https://${limited}/`, { kind: "connect-refused", message: "refused" });
    expect(judgeOf(id, met(early, answer("down", limited), answer("down", refused, 302)))).toMatchObject({ verdict: "pass" });
  });
  test.each<[string, EventBody]>([
    ["no answer that a client accepts: tls", broken("down", `GET https://${limited}/`, untrusted)],
    [
      "Traefik presents its own default certificate",
      seen("down", `GET https://${limited}/`, "http", {
        error: untrusted,
        tls: {
          serverName: limited,
          chain: [
            { subject: "CN=TRAEFIK DEFAULT CERT", issuer: "CN=x", sans: [], notBefore: "2026", notAfter: "2027", sha256: "x" },
          ],
        },
      }),
    ],
    ["status 404 instead of the service's answer", notFound("down", `GET https://${limited}/`)],
    ["status 500 instead of the service's answer", answer("down", limited, 500)],
    ["another certificate than before", answer("down", limited, 200, "other")],
  ])("fails: %s", (reason, event) => {
    expect(judgeOf(id, met(event, answer("down", refused)))).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining(reason),
    });
  });
  test("fails when the fault stayed, or the server stayed away", () => {
    const seenDown = [
      ...begun,
      log("log before down", [], 0),
      log("log of down", [], 1),
      answer("down", limited),
      answer("down", refused),
    ];
    expect(judgeOf(id, [...seenDown, ...steps("acme/down", "intent", "applied", "effect-seen")]).verdict).toBe("fail");
    const away = http("directory after down", "GET https://acme.test/directory", 503);
    expect(judgeOf(id, [...seenDown, ...steps("acme/down", "intent", "applied", "effect-seen", "removed"), away]).verdict).toBe(
      "fail",
    );
  });
  test("is unknown when nobody asked the server meanwhile, or nobody asked the hosts", () => {
    expect(
      judgeOf(id, [...begun, log("log before down", [], 2), log("log of down", [], 2), answer("down", limited)]),
    ).toMatchObject({ verdict: "unknown", reason: expect.stringContaining("nobody asked the ACME server") });
    expect(judgeOf(id, met()).verdict).toBe("unknown");
    expect(judgeOf(id, []).verdict).toBe("unknown");
  });
});

describe.each([
  ["access/acme-rate-limited", limited, 429],
  ["access/acme-refused", refused, 403],
] as const)("%s", (id, host, status) => {
  const orders = [
    { identifiers: [host], status: 201 },
    { identifiers: [host], status },
  ];
  const met = (list: Partial<AcmeOrder>[], ...answers: EventBody[]) => [
    ...begun,
    log("log before limits", list.slice(0, 1)),
    log("log of limits", list),
    ...answers,
    ...undoneBy("limits", "acme/rate-limited+refused"),
  ];
  test("passes when the order was answered so and the host answers as before", () => {
    expect(judgeOf(id, met(orders, answer("limits", host)))).toMatchObject({ verdict: "pass" });
  });
  test("fails when the host has no certificate that clients trust", () => {
    expect(judgeOf(id, met(orders, broken("limits", `GET https://${host}/`, untrusted)))).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("no answer that a client accepts"),
    });
  });
  test("is unknown when no order was answered so, or the candidate has no such host", () => {
    const other = [
      { identifiers: [host], status },
      { identifiers: ["c.test"], status },
    ];
    expect(judgeOf(id, met(other, answer("limits", host))).verdict).toBe("unknown");
    expect(judgeOf(id, [told("hosts", {})]).verdict).toBe("unknown");
    expect(judgeOf(id, []).verdict).toBe("unknown");
  });
});
