import type Dockerode from "dockerode";
import { connect } from "../provision/endpoint.ts";
import { removeRun } from "../remove-run.ts";

/**
 * The reaper's own process: holds the other end of a pipe from the runner. `done` on it means that the runner cleaned up itself; its end without
 * that word means that the runner died, whatever killed it, and everything of the run is removed.
 */
const [runId, where] = process.argv.slice(2) as [string, string];
let said = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk: string) => {
  said += chunk;
});
process.stdin.on("end", () => {
  if (said.includes("done")) process.exit(0);
  void connect(JSON.parse(where)).then((docker) => reap(docker));
});

/** What was being created while the runner died may appear a moment later, so it looks again until it finds nothing twice. */
async function reap(docker: Dockerode): Promise<void> {
  const deadline = performance.now() + 60_000;
  let clean = 0;
  while (clean < 2 && performance.now() < deadline) {
    const left = await removeRun(docker, runId).catch((error: unknown) => [String(error)]);
    clean = left.length === 0 ? clean + 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  process.exit(clean < 2 ? 1 : 0);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
