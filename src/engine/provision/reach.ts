import type Docker from "dockerode";
import { connect, type Endpoint } from "./endpoint.ts";

/** What an engine says of itself once it answers. */
export interface Reached {
  docker: Docker;
  endpoint: Endpoint;
  /** "20.10.24". */
  version: string;
  /** Newest API version that it speaks, such as "1.41". */
  api: string;
}

/** Why an endpoint did not answer, in the system's own words. */
export interface Unreached {
  endpoint: Endpoint;
  error: string;
}

/** Asks the endpoints in order and takes the first that answers within `boundMs`. */
export async function reachFirst(endpoints: Endpoint[], boundMs = 5000, signal?: AbortSignal): Promise<Reached | Unreached[]> {
  const failures: Unreached[] = [];
  for (const endpoint of endpoints) {
    const outcome = await reach(endpoint, boundMs, signal);
    if ("docker" in outcome) return outcome;
    failures.push(outcome);
  }
  return failures;
}

/** Asks one endpoint for its version. Errors of the address itself (E_DOCKER_HOST) and an abort are thrown, silence is returned. */
export async function reach(endpoint: Endpoint, boundMs = 5000, signal?: AbortSignal): Promise<Reached | Unreached> {
  const docker = await connect(endpoint);
  const bound = AbortSignal.timeout(boundMs);
  try {
    const version = await abortable(docker).version({ abortSignal: signal ? AbortSignal.any([bound, signal]) : bound });
    return { docker, endpoint, version: version.Version, api: version.ApiVersion };
  } catch (error) {
    signal?.throwIfAborted();
    return { endpoint, error: bound.aborted ? `no answer within ${boundMs} ms` : words(error) };
  }
}

function words(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return error.errors.map(words).join("; ");
  return error instanceof Error ? error.message || error.name : String(error);
}

/** The calls that can be ended early: dockerode takes a signal there, and its types leave that out. */
export function abortable(docker: Docker) {
  return docker as unknown as {
    version(options: { abortSignal?: AbortSignal }): Promise<Docker.DockerVersion>;
    info(options: { abortSignal?: AbortSignal }): Promise<unknown>;
  };
}
