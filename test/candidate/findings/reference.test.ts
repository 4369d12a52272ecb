import { expect, it } from "vitest";
import { staticFindings } from "../../../src/candidate/findings/index.ts";
import { referenceCandidate } from "../../../src/candidate/reference/reference.ts";

/** Exactly what the reference gives, each held against the facts sheet; the number is the section that says so. */
const expected = {
  // 0.3 #10, 4.1: TLS was taken off on 2025-11-18.
  "router-without-tls": ["service:vault"],
  // 1.2: script and keys are bound from the checkout; 3.1, 3.3: nobody makes the broker's directory on the disk.
  "bind-directory": ["service:vault", "service:vault", "volume:prod-datastores-rmq-data-0000000"],
  // 6.4: the client secret as environment, Redis's password as argument; 1.2: S3 credentials in Vault's file.
  "secret-in-clear": ["service:traefik-fa-service", "service:prod-datastores-redis-redis-primary", "config:vault-config"],
  // 0.3 #21.
  "store-on-ingress": ["service:prod-datastores-redis-redis-primary", "service:prod-datastores-rmq-service"],
  // 1.2.
  "image-floats": ["service:traefik-socket-sock-proxy"],
  "image-line": ["service:traefik"],
  // 1.1: docker_gwbridge's gateway is assumed.
  "log-address": ["log-driver:fluentd 172.18.0.1:24224"],
  // 0.3 #18: exactly one has a check, RabbitMQ.
  "no-health-check": [
    "service:traefik",
    "service:traefik-socket-sock-proxy",
    "service:traefik-fa-service",
    "service:prod-datastores-redis-redis-primary",
    "service:prod-sprocket-core-service",
    "service:prod-sprocket-web-service",
    "service:prod-matchmaking-service-service",
    "service:prod-submission-service-service",
    "service:prod-notification-service-service",
    "service:vault",
  ],
};

it("the reference gives these findings and no other", () => {
  const findings = Map.groupBy(staticFindings(referenceCandidate()), ({ rule }) => rule.replace(/^static\//, ""));
  expect(Object.fromEntries([...findings].map(([rule, all]) => [rule, all.map(({ place }) => place)]))).toEqual(expected);
});

it("every finding has a cure and a sentence", () => {
  for (const { what, cure } of staticFindings(referenceCandidate())) {
    expect(what).toMatch(/^\S.*\.$/s);
    expect(cure).toMatch(/\.$/);
  }
});
