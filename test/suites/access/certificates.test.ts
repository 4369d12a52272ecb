import { describe, expect, test } from "vitest";
import "../../../suites/access/certificates.ts";
import type { AcmeOrder } from "../../../src/engine/party/acme.ts";
import type { EventBody } from "../../../src/history/events.ts";
import type { CertificateSeen } from "../../../src/history/sample.ts";
import { broken, judgeOf, seen, told } from "../layer1/judge.ts";

const leaf: CertificateSeen = {
  subject: "CN=api.example.test",
  issuer: "CN=Pebble Intermediate CA",
  sans: ["api.example.test"],
  notBefore: "2026-11-22T00:00:00Z",
  notAfter: "2026-12-12T00:00:00Z",
  sha256: "new",
};
const shown = (certificate: Partial<CertificateSeen> = {}, verifyError?: string): EventBody =>
  seen("certificate", "api.example.test:443", "tls", {
    tls: { serverName: "api.example.test", chain: [{ ...leaf, ...certificate }], ...(verifyError ? { verifyError } : {}) },
  });
const order = (more: Partial<AcmeOrder> = {}): AcmeOrder => ({
  at: "2026-11-22T01:00:00Z",
  identifiers: ["api.example.test"],
  status: 201,
  validated: ["tls-alpn-01"],
  certificate: { sha256: "new", notAfter: leaf.notAfter, keySha256: "key" },
  ...more,
});
const orders = (...list: AcmeOrder[]): EventBody => told("orders", { orders: list, reset: [] });

describe("access/acme-issued", () => {
  const id = "access/acme-issued";
  const challenges = told("challenges", ["tls-alpn-01"]);
  test("passes on a certificate that the log has an order of; only the newest look counts", () => {
    const early = shown({ subject: "CN=TRAEFIK DEFAULT CERT" }, "unknown authority");
    expect(judgeOf(id, [challenges, early, shown(), orders(order())])).toMatchObject({ verdict: "pass" });
  });
  test.each<[string, EventBody[]]>([
    ["Traefik presents its own default certificate", [shown({ subject: "CN=TRAEFIK DEFAULT CERT" }, "x"), orders(order())]],
    ["does not lead to the ACME server's root", [shown({ issuer: "CN=run" }, "unknown authority"), orders(order())]],
    ["the ACME server's log has no order", [shown({ sha256: "other" }), orders(order())]],
    ["validated by http-01", [shown(), orders(order({ validated: ["http-01"] }))]],
    ["validated by nothing", [shown(), orders(order({ validated: [] }))]],
    ["no handshake", [broken("certificate", "api.example.test:443", { kind: "reset", message: "reset" }, "tls"), orders()]],
  ])("fails: %s", (reason, inside) => {
    expect(judgeOf(id, [challenges, ...inside])).toMatchObject({ verdict: "fail", reason: expect.stringContaining(reason) });
  });
  test("without a look nothing is known", () => {
    expect(judgeOf(id, [challenges, orders()]).verdict).toBe("unknown");
    expect(judgeOf(id, [challenges, shown()]).verdict).toBe("unknown");
  });
});

describe("access/acme-renewed", () => {
  const id = "access/acme-renewed";
  const old = { host: "api.example.test", sha256: "old", notAfter: "2026-12-02T00:00:00.000Z", keySha256: "key" };
  const begun = told("to renew", old);
  test("passes on another certificate of the same key", () => {
    expect(judgeOf(id, [begun, shown({ sha256: "old" }, "unknown"), shown(), orders(order())])).toMatchObject({
      verdict: "pass",
      reason: expect.stringContaining("renewed: ends 2026-12-12"),
    });
  });
  test.each<[string, EventBody[]]>([
    ["still presents the certificate that ends", [shown({ sha256: "old" }, "unknown authority"), orders(order())]],
    ["no order of this certificate", [shown(), orders()]],
    [
      "ordered anew with another key",
      [shown(), orders(order({ certificate: { sha256: "new", notAfter: leaf.notAfter, keySha256: "another" } }))],
    ],
    ["not renewed in time", [shown(), orders(order({ at: "2026-12-03T00:00:00Z" }))]],
  ])("fails: %s", (reason, inside) => {
    expect(judgeOf(id, [begun, ...inside])).toMatchObject({ verdict: "fail", reason: expect.stringContaining(reason) });
  });
  test("without a certificate about to end, or a look, nothing is known", () => {
    expect(judgeOf(id, [told("to renew", null)]).verdict).toBe("unknown");
    expect(judgeOf(id, [begun, orders(order())]).verdict).toBe("unknown");
    expect(judgeOf(id, []).verdict).toBe("unknown");
  });
});
