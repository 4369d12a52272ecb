import type { Endpoint } from "../provision/endpoint.ts";

/**
 * The reaper's own process: holds the other end of a pipe from the runner. `done` on it means that the runner cleaned up itself; its end without
 * that word means that the runner died, whatever killed it, and everything of the run is removed.
 *
 * It waits through the whole run, so what it needs to act is loaded only when it acts.
 */
const [runId, where] = process.argv.slice(2) as [string, string];
let said = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk: string) => {
  said += chunk;
});
process.stdin.on("end", () => {
  if (said.includes("done")) process.exit(0);
  void reap(JSON.parse(where) as Endpoint);
});

/** How long nothing more may turn up: what Docker was asked to create when the runner died may appear a while later. */
const quietMs = 3_000;

async function reap(endpoint: Endpoint): Promise<void> {
  const [{ connect }, { removeRun }] = await Promise.all([import("../provision/endpoint.ts"), import("../remove-run.ts")]);
  const docker = await connect(endpoint);
  const deadline = performance.now() + 60_000;
  let cleanSince: number | undefined;
  while (performance.now() < deadline) {
    const { found, left } = await removeRun(docker, runId).catch((error: unknown) => ({ found: 0, left: [String(error)] }));
    if (found > 0 || left.length > 0) cleanSince = undefined;
    else cleanSince ??= performance.now();
    if (cleanSince !== undefined && performance.now() - cleanSince >= quietMs) process.exit(0);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  process.exit(1);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
