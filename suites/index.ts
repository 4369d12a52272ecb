/** Registers every suite; importing one twice is harmless. Checks appear in reports in this order. */
export async function loadSuites(): Promise<void> {
  await import("./layer1/entry.ts");
}
