import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Endpoint } from "../provision/endpoint.ts";

/** Removes everything of a run within seconds when the runner dies without saying so. */
export class Reaper {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /**
   * Starts the reaper in a session of its own, with the endpoint of the user's Docker.
   * @param journal of a run that hurts a kept replica: it removes nothing then, and undoes what stands open there
   */
  static start(runId: string, docker: Endpoint, journal?: string): Reaper {
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const wait = fileURLToPath(new URL("./wait.mjs", import.meta.url));
    const main = new URL(`./main.${extension}`, import.meta.url).href;
    const child = spawn(
      process.execPath,
      [
        "--disable-warning=ExperimentalWarning",
        wait,
        main,
        runId,
        JSON.stringify(docker),
        ...(journal === undefined ? [] : [journal]),
      ],
      {
        detached: true,
        stdio: ["pipe", "ignore", "ignore"],
      },
    );
    child.unref();
    (child.stdin as unknown as { unref?: () => void }).unref?.();
    child.on("error", () => {});
    return new Reaper(child);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The run cleaned up itself, or wants to be kept: the reaper ends and touches nothing. */
  dismiss(): void {
    this.#child.stdin?.end("done\n");
  }
}
