import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { referenceCandidate } from "../../src/candidate/reference/reference.ts";
import { routesOf } from "../../src/candidate/routes.ts";
import { Authority } from "../../src/engine/authority.ts";
import { acmeStore } from "../../src/replica/acme-store.ts";

describe("acmeStore", () => {
  it("holds one certificate of the run's authority for each host with TLS and a resolver, and none for others", async () => {
    const authority = await Authority.create("test");
    const routes = referenceCandidate().services.flatMap(routesOf);
    const store = JSON.parse(await acmeStore(routes, authority)) as Record<
      string,
      { Certificates: { domain: { main: string }; certificate: string }[] }
    >;
    const held = store["lets-encrypt-tls"]?.Certificates ?? [];
    const hosts = held.map((one) => one.domain.main);
    expect(hosts).toContain("api.sprocket.example");
    expect(hosts).toContain("management.rabbitmq.sprocket.example");
    expect(hosts).not.toContain("vault.sprocket.example");
    expect(new Set(hosts).size).toBe(hosts.length);
    const root = new X509Certificate(authority.certificate);
    for (const { domain, certificate } of held) {
      const leaf = new X509Certificate(Buffer.from(certificate, "base64"));
      expect(leaf.checkHost(domain.main)).toBe(domain.main);
      expect(leaf.verify(root.publicKey)).toBe(true);
      // Traefik renews what ends within 30 days; nothing must be renewed here.
      expect(Date.parse(leaf.validTo) - Date.now()).toBeGreaterThan(60 * 86_400_000);
    }
  });
});
