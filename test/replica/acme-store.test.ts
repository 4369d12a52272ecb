import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { referenceCandidate } from "../../src/candidate/reference/reference.ts";
import { routesOf } from "../../src/candidate/routes.ts";
import { Authority } from "../../src/engine/authority.ts";
import { acmeStore } from "../../src/replica/acme-store.ts";

type Stored = Record<string, { Certificates: { domain: { main: string }; certificate: string }[] }>;

describe("acmeStore", () => {
  const routes = referenceCandidate().services.flatMap(routesOf);

  it("holds what it is given for each host with TLS and a resolver, each once, and nothing for others", async () => {
    const authority = await Authority.create("test");
    const asked: string[] = [];
    const store = await acmeStore(routes, (host, resolver) => {
      asked.push(`${resolver} ${host}`);
      return authority.issue([host], { days: 89 });
    });
    const held = (JSON.parse(store) as Stored)["lets-encrypt-tls"]?.Certificates ?? [];
    const hosts = held.map((one) => one.domain.main);
    expect(hosts).toContain("api.sprocket.example");
    expect(hosts).toContain("management.rabbitmq.sprocket.example");
    expect(hosts).not.toContain("vault.sprocket.example");
    expect(asked).toEqual(hosts.map((host) => `lets-encrypt-tls ${host}`));
    expect(new Set(hosts).size).toBe(hosts.length);
    const root = new X509Certificate(authority.certificate);
    for (const { domain, certificate } of held) {
      const leaf = new X509Certificate(Buffer.from(certificate, "base64"));
      expect(leaf.checkHost(domain.main)).toBe(domain.main);
      expect(leaf.verify(root.publicKey)).toBe(true);
    }
  });

  it("is empty where no host has a certificate yet", async () => {
    expect(JSON.parse(await acmeStore(routes, async () => undefined))).toEqual({});
  });
});
