import { describe, expect, test } from "vitest";
import "../../../suites/layer1/certificates.ts";
import type { EventBody } from "../../../src/history/events.ts";
import type { CertificateSeen } from "../../../src/history/sample.ts";
import { broken, judgeOf, seen } from "./judge.ts";

const id = "layer1/certificates";
const leaf: CertificateSeen = {
  subject: "CN=api.example.test",
  issuer: "CN=the run's authority",
  sans: ["api.example.test"],
  notBefore: "2026-01-01T00:00:00Z",
  notAfter: "2027-01-01T00:00:00Z",
  sha256: "00",
};
const shown = (certificate: Partial<CertificateSeen>, verifyError?: string): EventBody =>
  seen("certificate", "api.example.test:443", "tls", {
    tls: { serverName: "api.example.test", chain: [{ ...leaf, ...certificate }], ...(verifyError ? { verifyError } : {}) },
  });

describe("a certificate", () => {
  test("of the host by a trusted authority passes, whatever the case of its name", () => {
    expect(judgeOf(id, [shown({}), shown({ sans: ["API.example.test"] })]).verdict).toBe("pass");
  });
  test.each([
    [
      shown({ subject: "CN=TRAEFIK DEFAULT CERT", sans: [] }, "unknown authority"),
      "Traefik presents its own default certificate",
    ],
    [shown({ sans: ["web.example.test"] }), "the certificate is for web.example.test"],
    [
      shown({ issuer: "CN=another" }, "certificate signed by unknown authority"),
      "clients do not trust the certificate by CN=another",
    ],
    [broken("certificate", "api.example.test:443", { kind: "tls", message: "handshake failure" }, "tls"), "no handshake"],
  ])("of another kind fails and says which", (event, reason) => {
    expect(judgeOf(id, [shown({}), event])).toMatchObject({ verdict: "fail", reason: expect.stringContaining(reason) });
  });
  test("that nobody saw is unknown", () => {
    expect(judgeOf(id, []).verdict).toBe("unknown");
    expect(
      judgeOf(id, [seen("certificate", "api.example.test:443", "tls", { tls: { serverName: "api.example.test" } })]).verdict,
    ).toBe("unknown");
  });
});
