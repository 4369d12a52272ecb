import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { putFiles } from "../engine/docker-files.ts";
import { packageRoot } from "../engine/images/package-root.ts";
import { demux } from "../engine/swarm/logs.ts";
import { ResilienceError } from "../history/errors.ts";
import type { K6Order, K6Run } from "../history/k6.ts";
import { k6Exit, readK6Summary } from "./k6-summary.ts";

/** What k6 is told beside what it is to do. */
export interface K6Load extends K6Order {
  /** GraphQL of the API, for all scripts but `web`. */
  apiUrl?: string;
  /** Origin of the web client, for `web` and `login`. */
  webUrl?: string;
  /** Names that k6 must not ask a resolver for, with their addresses; "address:port" takes another port too. */
  hosts: Record<string, string>;
  /** PEM of the authorities to trust instead of the system's; certificates are checked. */
  authority: string;
  /** false: no thresholds, only measurements. */
  thresholds: boolean;
}

const folder = "/sprocket-load";

/**
 * Runs k6 in a container that shares the network namespace of another one (a vantage), so that it stands exactly where our own probes stand: same
 * source address, same way to the target. Resolves when k6 has ended and its container is gone; an abort ends it at once.
 *
 * @throws ResilienceError E_LOAD when k6 ended without a summary, with its last words
 */
export async function runK6(
  docker: Dockerode,
  place: { image: string; besideContainer: string; name: string; labels: Record<string, string>; signal: AbortSignal },
  load: K6Load,
): Promise<K6Run> {
  place.signal.throwIfAborted();
  const scripts = join(packageRoot(), "load");
  const container = await docker.createContainer({
    name: place.name,
    Image: place.image,
    Labels: place.labels,
    Cmd: ["run", "--quiet", "--no-color", "--no-usage-report", "--log-output=stderr", `${folder}/${load.script}.js`],
    Env: Object.entries(environmentOf(load)).map(([name, value]) => `${name}=${value}`),
    HostConfig: { NetworkMode: `container:${place.besideContainer}` },
  });
  const kill = () => void container.kill().catch(() => {});
  try {
    await putFiles(container, [
      ...readdirSync(scripts)
        .filter((name) => name.endsWith(".js"))
        .map((name) => ({ path: `${folder}/${name}`, content: readFileSync(join(scripts, name), "utf8") })),
      { path: `${folder}/authority.pem`, content: load.authority },
    ]);
    await container.start();
    place.signal.addEventListener("abort", kill, { once: true });
    const { StatusCode } = (await container.wait()) as { StatusCode: number };
    place.signal.throwIfAborted();
    const printed = async (stream: "stdout" | "stderr") =>
      demux((await container.logs({ stdout: stream === "stdout", stderr: stream === "stderr", follow: false })) as Buffer);
    const exit = k6Exit(StatusCode);
    try {
      return { exit, summary: readK6Summary((await printed("stdout")).join("\n")) };
    } catch (error) {
      const words = (await printed("stderr")).slice(-3).join(" / ");
      throw new ResilienceError(
        "E_LOAD",
        `k6 was expected to print its summary, but it ended with code ${StatusCode} (${exit.meaning}): ${words}`,
        {
          cure: "Read k6's own words above; https://grafana.com/docs/k6/latest lists its options and exit codes.",
          cause: error,
        },
      );
    }
  } finally {
    place.signal.removeEventListener("abort", kill);
    await container.remove({ force: true, v: true });
  }
}

function environmentOf(load: K6Load): Record<string, string> {
  return {
    ...(load.apiUrl === undefined ? {} : { TARGET_URL: load.apiUrl }),
    ...(load.webUrl === undefined ? {} : { WEB_URL: load.webUrl }),
    // k6 takes whole numbers only.
    RATE: String(Math.round(load.ratePerSecond * 60)),
    TIME_UNIT: "1m",
    // Enough for half a second without any answer at 100 a second; starting another one while it is due would drop the iteration.
    VUS: "50",
    [load.script === "ramp" ? "STEP_DURATION" : "DURATION"]: `${load.durationSeconds}s`,
    HOSTS: JSON.stringify(load.hosts),
    // Go's own way to other roots: https://pkg.go.dev/crypto/x509#SystemCertPool
    SSL_CERT_FILE: `${folder}/authority.pem`,
    // Our agent speaks HTTP/1.1, and k6 takes HTTP/2 wherever a server offers it over TLS, unless Go is told so (k6's own documented switch).
    GODEBUG: "http2client=0",
    ...(load.thresholds ? {} : { THRESHOLDS: "off" }),
    ...load.settings,
  };
}
