import { exitCodes, ResilienceError } from "../../history/errors.ts";
import { type Endpoint, findEndpoints, systemSocket } from "./endpoint.ts";
import {
  type EnginePlaces,
  enginePackages,
  findMeans,
  type Means,
  provisionEngine,
  systemPlaces,
  thisMachine,
} from "./install.ts";
import { type Reached, reachFirst, type Unreached } from "./reach.ts";

export interface OpenOptions {
  /** `auto` may install and start an engine; `never` throws with the cure instead. */
  provision: "auto" | "never";
  onProgress: (line: string) => void;
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  /** For tests: another place than the machine's own engine. */
  places?: EnginePlaces;
}

/**
 * The user's engine: the one that Docker's settings name, else the machine's, else (policy `auto`) one that is installed and started,
 * which is said on `onProgress`. Throws `E_NO_ENGINE` (exit code 4) with the cure when there is none.
 */
export async function openEngine(options: OpenOptions): Promise<Reached> {
  const endpoints = options.places
    ? [{ host: options.places.host, source: "given" }]
    : await findEndpoints(options.env ?? process.env);
  const reached = await reachFirst(endpoints, undefined, options.signal);
  if (!Array.isArray(reached)) return reached;
  const means = await meansFor(endpoints, options);
  if (options.provision === "auto" && means.can !== "nothing")
    return await provisionEngine(means, {
      onProgress: options.onProgress,
      places: options.places ?? systemPlaces,
      ...(options.signal ? { signal: options.signal } : {}),
    });
  throw noEngine(reached, means);
}

/** Starting an engine on the default socket helps only where the default socket is what was asked for. */
async function meansFor(endpoints: Endpoint[], options: OpenOptions): Promise<Means> {
  const own = options.places?.host ?? `unix://${systemSocket}`;
  const named = endpoints.find((endpoint) => endpoint.host !== own && endpoint.source !== "default socket");
  if (named) return { can: "nothing", why: `${named.source} names ${named.host}, which is not this machine's own engine` };
  return await findMeans(await thisMachine());
}

function noEngine(tried: Unreached[], means: Means): ResilienceError {
  const met = tried.map(({ endpoint, error }) => `${endpoint.host} (${endpoint.source}): ${error}`).join("; ");
  return new ResilienceError("E_NO_ENGINE", `A running Docker engine was expected, and none answered: ${met}.`, {
    cure: cureFor(tried, means),
    exitCode: exitCodes.noEngine,
  });
}

/** What a person does where we may or can do nothing. */
function cureFor(tried: Unreached[], means: Means): string {
  if (tried.some(({ error }) => error.includes("EACCES")))
    return "This user may not open the engine's socket: run `sudo usermod -aG docker $USER` and log in again, or run as root.";
  if (means.can === "start")
    return `Start it (as root: \`${means.daemon}\`, or \`systemctl start docker\`), or unset SPROCKET_PROVISION=never and it is done for you.`;
  if (means.can === "install")
    return `Run \`apt-get install --no-install-recommends ${enginePackages.join(" ")}\` and start \`dockerd\`, or unset SPROCKET_PROVISION=never and both are done for you.`;
  return `Nothing can be started from here (${means.why}): start Docker Engine or Docker Desktop, or point DOCKER_HOST at an engine; docs/hosts.md lists the supported hosts.`;
}
