/** Registers every suite; importing one twice is harmless. Checks appear in reports in this order. */
export async function loadSuites(): Promise<void> {
  await import("./layer1/routes.ts");
  await import("./layer1/certificates.ts");
  await import("./layer1/dashboard.ts");
  await import("./layer1/socket-proxy.ts");
  await import("./layer1/ports.ts");
  await import("./layer1/vault.ts");
  await import("./layer1/vantages.ts");
  await import("./layer1/vault-killed.ts");
  await import("./layer2/postgres.ts");
  await import("./layer2/redis.ts");
  await import("./layer2/rabbitmq.ts");
  await import("./platform/graphql.ts");
  await import("./platform/web.ts");
  await import("./platform/flows.ts");
  await import("./platform/broker-crash.ts");
  await import("./access/certificates.ts");
  await import("./access/acme-trouble.ts");
  await import("./access/tailnet.ts");
  await import("./slo/load.ts");
  await import("./candidate/routes.ts");
  await import("./access/mode-checks.ts");
  await import("./access/names.ts");
  await import("./access/presented.ts");
  await import("./access/tls.ts");
  await import("./access/redirects.ts");
  await import("./access/websocket.ts");
  await import("./access/headers.ts");
  await import("./access/gatekeeper.ts");
  await import("./access/callbacks.ts");
  await import("./access/discovery.ts");
  await import("./access/sockets.ts");
  await import("./resilience/redis-killed.ts");
  await import("./resilience/postgres-gone.ts");
}
