import type { StartedTestContainer } from "testcontainers";

/**
 * testcontainers with its own reaper off: its image is to be had from no package registry, and the product's reaper goes by the run's labels.
 * Imported on first use, since most commands start no container.
 */
export async function containers(): Promise<typeof import("testcontainers")> {
  process.env.TESTCONTAINERS_RYUK_DISABLED = "true";
  return import("testcontainers");
}

/** A server outside Sprocket's Swarm that it depends on. */
export interface Party {
  name: string;
  container: StartedTestContainer;
  /** Address in the parties' network. */
  address: string;
}

/** Where a party is started. */
export interface PartySite {
  network: string;
  labels: Record<string, string>;
  /** Local tag of a catalogue image. */
  image: (name: string) => string;
  runId: string;
}
