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
}
