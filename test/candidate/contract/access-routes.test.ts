import { describe, expect, test } from "vitest";
import { accessRoutes, literalAddresses } from "../../../src/candidate/contract/access-routes.ts";
import { callbacksOf } from "../../../src/candidate/contract/callbacks.ts";
import { entryRoutes } from "../../../src/candidate/contract/entry-routes.ts";
import { documentedRules, gatekeeperOf } from "../../../src/candidate/contract/gatekeeper.ts";
import { referenceCandidate } from "../../../src/candidate/reference/reference.ts";
import type { Candidate } from "../../../src/candidate/types.ts";
import { variantNamed } from "../../../src/experiment/mutations/variants.ts";

const reference = referenceCandidate("core");
const idsOf = (candidate: Candidate) => accessRoutes(candidate).map(({ id }) => id);

describe("routes of the reference", () => {
  test("are those of its documents, TCP's with their protocol", () => {
    expect(idsOf(reference).sort()).toEqual(
      [
        "api.sprocket.example",
        "fa.sprocket.example",
        "management.rabbitmq.sprocket.example",
        "sprocket.example",
        "tcp:rabbitmq.sprocket.example",
        "tcp:redis.sprocket.example",
        "traefik.sprocket.example",
        "vault.sprocket.example",
      ].sort(),
    );
    expect(accessRoutes(reference).find(({ role }) => role === "vault")).toMatchObject({
      tls: false,
      port: 8200,
      label: "vault",
    });
    expect(accessRoutes(reference).find(({ role }) => role === "traefik")?.forwardAuth).toContain("rule=SprocketAdmin");
  });

  test("of the full profile have every host of the router table", () => {
    expect(idsOf(referenceCandidate("full"))).toEqual(
      expect.arrayContaining([
        "influx.sprocket.example",
        "grafana.sprocket.example",
        "status.sprocket.example",
        "image-generation.sprocket.example",
        "dgraph.prod.sprocket.example",
      ]),
    );
  });

  test("keep their names when a rule is wrong", () => {
    const wrong = structuredClone(reference);
    const core = wrong.services.find(({ role }) => role === "core");
    if (core) core.labels["traefik.http.routers.sprocket-core-main.rule"] = "Host(`api.other.example`)";
    expect(idsOf(wrong)).toEqual(idsOf(reference));
  });
});

describe("the documented rules", () => {
  const documented = variantNamed("documented-rules").candidate(reference);

  test("add names and addresses to rules, and no route", () => {
    expect(idsOf(documented)).toEqual(idsOf(reference));
    expect(literalAddresses(documented)).toEqual({ lan: ["192.168.4.39"], tailscale: ["100.101.102.103"] });
    expect(literalAddresses(reference)).toEqual({ lan: [], tailscale: [] });
  });

  test("are in routers that order no certificate, behind the same gatekeeper", () => {
    const traefik = documented.services.find(({ role }) => role === "traefik");
    expect(traefik?.labels).toMatchObject({
      "traefik.http.routers.traefik-dashboard-local.rule": "Host(`traefik.localhost`)",
      "traefik.http.routers.traefik-dashboard-local.middlewares": "traefik-dashboard",
      "traefik.http.routers.traefik-dashboard-local.service": "api@internal",
    });
    const twins = documented.services.flatMap(({ labels }) => Object.keys(labels).filter((label) => label.includes("-local.")));
    expect(twins.filter((label) => /certresolver/i.test(label))).toEqual([]);
  });

  test("promise nothing to clients of the public domain that it did not have before", () => {
    expect(entryRoutes(documented).map(({ host }) => host)).toEqual(entryRoutes(reference).map(({ host }) => host));
  });

  test("are the only variant, and a wrong name says the nearest", () => {
    expect(() => variantNamed("documented-rule")).toThrow("nearest is documented-rules");
  });
});

describe("what logins need", () => {
  test("callbacks of the API come to itself, the front end's to the web client, forward-auth's to its own host", () => {
    const callbacks = callbacksOf(reference);
    expect(callbacks.map(({ url, expects }) => [url, expects])).toEqual(
      expect.arrayContaining([
        ["https://fa.sprocket.example/login", "forward-auth"],
        ["https://api.sprocket.example/login", "core"],
        ["https://sprocket.example/auth/callback", "web"],
      ]),
    );
  });

  test("forward-auth's rules have as many roles as Sprocket's, in either spelling of the configuration", () => {
    const service = reference.services.find(({ role }) => role === "forward-auth");
    const told = service && gatekeeperOf(reference, service);
    expect(Object.fromEntries(Object.entries(told?.rules ?? {}).map(([rule, roles]) => [rule, roles.length]))).toEqual(
      documentedRules,
    );
    const other = structuredClone(reference);
    const config = other.configs.find(({ name }) => name === service?.configs[0]?.source);
    if (config)
      config.content =
        'oauth: {callbackUrl: "https://fa.x/login"}\ncookieDomain: x\nrules: [{key: A, type: roles, roleIds: ["1", "2"]}]\n';
    expect(service && gatekeeperOf(other, service)).toEqual({
      rules: { A: ["1", "2"] },
      callback: "https://fa.x/login",
      cookieDomain: "x",
      cookie: "sprocket_fa",
    });
    if (config) config.content = "{";
    expect(service && gatekeeperOf(other, service)).toBeUndefined();
  });
});
