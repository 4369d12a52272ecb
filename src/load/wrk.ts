import { readFileSync } from "node:fs";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { z } from "zod";
import { putFiles } from "../engine/docker-files.ts";
import { run } from "../engine/exec.ts";
import { packageRoot } from "../engine/images/package-root.ts";
import { ResilienceError } from "../history/errors.ts";

/** What one run of wrk measured, milliseconds. */
export interface WrkSummary {
  n: number;
  /** Errors of any kind, and answers with a status of 400 and above. */
  failed: number;
  p50: number;
  p95: number;
  p99: number;
}

const schema = z.strictObject({ n: z.int(), failed: z.int(), p50: z.number(), p95: z.number(), p99: z.number() });
const script = "/sprocket-load/wrk.lua";

/** Reads the last line that load/wrk.lua printed. @throws when it is none of it */
export function readWrkSummary(printed: string): WrkSummary {
  return schema.parse(JSON.parse(printed.trimEnd().split("\n").at(-1) ?? ""));
}

/**
 * Runs wrk, each connection of which sends when it was answered (a closed loop), in a running container that has it.
 * @throws ResilienceError E_LOAD when it ended without a summary, with its last words
 */
export async function runWrk(
  docker: Dockerode,
  containerId: string,
  load: { url: string; connections: number; seconds: number },
): Promise<WrkSummary> {
  const content = readFileSync(join(packageRoot(), "load", "wrk.lua"), "utf8");
  await putFiles(docker.getContainer(containerId), [{ path: script, content }]);
  const argv = ["wrk", "-t1", `-c${load.connections}`, `-d${load.seconds}s`, "-s", script, load.url];
  const { code, stdout, stderr } = await run(docker, containerId, argv);
  try {
    return readWrkSummary(stdout);
  } catch (error) {
    const words = `${stdout}\n${stderr}`.trim().split("\n").slice(-3).join(" / ");
    throw new ResilienceError("E_LOAD", `wrk was expected to print its summary, but it ended with code ${code}: ${words}`, {
      cure: "Read wrk's own words above.",
      cause: error,
    });
  }
}
