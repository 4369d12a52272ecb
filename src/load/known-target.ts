import { readFileSync } from "node:fs";
import { join } from "node:path";
import type Dockerode from "dockerode";
import type { AgentClient } from "../engine/agent-client.ts";
import { putFiles } from "../engine/docker-files.ts";
import { packageRoot } from "../engine/images/package-root.ts";
import { ResilienceError } from "../history/errors.ts";

/** A server that knows its own latencies, in milliseconds: `load/known-server.mjs` in a container that shares a vantage's network. */
export interface KnownTarget {
  /** Answers after the next delay of a fixed list: p50 62 ms, p95 200 ms, p99 296 ms. */
  work: string;
  /** Answers at once. */
  now: string;
  /** Forgets what it saw, and begins its list again. */
  reset(): Promise<void>;
  /** What it saw of one path since then, from a request being read to its answer being handed over. */
  seen(path: "work" | "now"): Promise<number[]>;
  stop(): Promise<void>;
}

const script = "/sprocket-load/known-server.mjs";
const port = 8377;
const readyMs = 10_000;

/**
 * Starts it where the vantage is, so that only loopback lies between a client there and it.
 *
 * @param place image: one with Node.js · agent: the vantage's, which the server is asked by
 * @throws ResilienceError E_LOAD when it does not answer within 10 s
 */
export async function startKnownTarget(
  docker: Dockerode,
  place: { image: string; besideContainer: string; agent: AgentClient; name: string; labels: Record<string, string> },
  delays: number,
): Promise<KnownTarget> {
  const container = await docker.createContainer({
    name: place.name,
    Image: place.image,
    Labels: place.labels,
    Entrypoint: ["node", script, String(delays), String(port)],
    Cmd: [],
    HostConfig: { NetworkMode: `container:${place.besideContainer}` },
  });
  const stop = async () => void (await container.remove({ force: true, v: true }));
  const url = (path: string) => `http://127.0.0.1:${port}/${path}`;
  const ask = async (path: string): Promise<string | undefined> => {
    const sample = await place.agent.probe({}, { kind: "http", url: url(path), maxBodyBytes: 1024 * 1024 });
    return sample.response?.status === 200 ? (sample.response.bodyText ?? "") : undefined;
  };
  const must = async (path: string): Promise<string> => {
    const answer = await ask(path);
    if (answer === undefined) throw notAnswered(path);
    return answer;
  };
  try {
    await putFiles(container, [{ path: script, content: readFileSync(join(packageRoot(), "load", "known-server.mjs"), "utf8") }]);
    await container.start();
    const until = performance.now() + readyMs;
    while ((await ask("reset")) === undefined) {
      if (performance.now() > until) throw notAnswered("reset");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    work: url("work"),
    now: url("now"),
    reset: async () => void (await must("reset")),
    seen: async (path) => (JSON.parse(await must("records")) as Record<typeof path, number[]>)[path],
    stop,
  };
}

function notAnswered(path: string): ResilienceError {
  return new ResilienceError("E_LOAD", `The server with known latencies should answer at /${path} but does not.`, {
    cure: "Look at what else the machine was doing, and run `bench` again.",
  });
}
