import { endpointEnvironment } from "../src/engine/provision/endpoint.ts";
import { openEngine } from "../src/engine/provision/open.ts";

/** Gives every container test an engine: the user's, or one that is installed and started, as every command does it. */
export async function setup(): Promise<void> {
  const engine = await openEngine({
    provision: process.env.SPROCKET_PROVISION === "never" ? "never" : "auto",
    onProgress: (line) => process.stderr.write(`${line}\n`),
  });
  Object.assign(process.env, endpointEnvironment(engine.endpoint));
  // Ryuk's image is not to be had everywhere; each test removes what it made, and `sweep` what a crash left.
  process.env.TESTCONTAINERS_RYUK_DISABLED = "true";
}

/** Exported by name, so that vitest calls it even when a later set-up fails; the engine is left as it is, since others use it. */
export async function teardown(): Promise<void> {}
