import { expect, it } from "vitest";
import { referenceCandidate } from "../../src/candidate/reference/reference.ts";
import { issuanceOf } from "../../src/substitute/issuance.ts";

const staticWith = (challenge: string) => {
  const candidate = structuredClone(referenceCandidate());
  const config = candidate.configs.find((one) => one.name === "traefik-config");
  if (!config) throw new Error("the reference has no static configuration of Traefik");
  config.content = config.content.replace("tlsChallenge: {}", challenge);
  return issuanceOf(candidate, candidate.services);
};

it("the reference gets its certificates from an ACME server under Let's Encrypt's name", () => {
  const { issuance, substitutions } = staticWith("tlsChallenge: {}");
  expect(issuance).toEqual({
    servers: [{ host: "acme-v02.api.letsencrypt.org", port: 443, path: "/directory" }],
    resolvers: ["lets-encrypt-tls"],
    toRenew: "api.sprocket.example",
  });
  expect(substitutions).toMatchObject([
    { subject: "party:acme acme-v02.api.letsencrypt.org", asked: expect.stringContaining("tls-alpn-01") },
  ]);
  expect(substitutions[0]?.hides).not.toContain("certificate-issuance");
});

it("HTTP-01 is answered too", () => {
  const { issuance, substitutions } = staticWith("httpChallenge: { entryPoint: web }");
  expect(issuance?.resolvers).toEqual(["lets-encrypt-tls"]);
  expect(substitutions[0]?.asked).toContain("http-01");
});

it.each(["dnsChallenge: { provider: cloudflare }", "keyType: EC256"])(
  "with %s the store has the certificates from the beginning, and issuance is hidden",
  (challenge) => {
    const { issuance, substitutions } = staticWith(challenge);
    expect(issuance).toBeUndefined();
    expect(substitutions).toMatchObject([{ kind: "certificate", hides: ["certificate-issuance"] }]);
  },
);

it("without Traefik there is nothing to issue", () => {
  const candidate = referenceCandidate();
  expect(
    issuanceOf(
      candidate,
      candidate.services.filter((service) => service.role !== "traefik"),
    ),
  ).toEqual({ substitutions: [] });
});
