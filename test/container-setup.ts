import Dockerode from "dockerode";
import { imageProgress } from "../src/cli/image-progress.ts";
import { catalogue } from "../src/engine/images/catalogue.ts";
import { provideImages } from "../src/engine/images/index.ts";
import { endpointEnvironment } from "../src/engine/provision/endpoint.ts";
import { openEngine } from "../src/engine/provision/open.ts";

/**
 * Gives every container test an engine, the user's or one that is installed and started as every command does it, and every image of the catalogue: on a machine that has none
 * their making takes many minutes, which belong in no test's own time. Here they are made side by side, and told of.
 */
export async function setup(): Promise<void> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const engine = await openEngine({
    provision: process.env.SPROCKET_PROVISION === "never" ? "never" : "auto",
    onProgress: say,
  });
  Object.assign(process.env, endpointEnvironment(engine.endpoint));
  // Ryuk's image is not to be had everywhere; each test removes what it made, and `sweep` what a crash left.
  process.env.TESTCONTAINERS_RYUK_DISABLED = "true";
  await provideImages(
    new Dockerode(),
    catalogue().map(({ name }) => name),
    { policy: "auto", onProgress: imageProgress(say) },
  );
}

/** Exported by name, so that vitest calls it even when a later set-up fails; the engine is left as it is, since others use it. */
export async function teardown(): Promise<void> {}
