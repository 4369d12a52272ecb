import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AgentClient } from "../../src/engine/agent-client.ts";

const source = fileURLToPath(new URL("../../fixtures/images/agent/", import.meta.url));

/** Builds the agent from this checkout, as its image does. */
export const buildAgent = () => buildGo(source, "sprocket-agent");

/** Builds a Go program; Go's cache makes every build but the first one quick. */
export function buildGo(folder: string, name: string): { path: string; remove: () => void } {
  const made = mkdtempSync(join(tmpdir(), `${name}-`));
  const path = join(made, name);
  execFileSync("go", ["build", "-trimpath", "-o", path, "."], {
    cwd: folder,
    env: { ...process.env, CGO_ENABLED: "0" },
    stdio: "pipe",
  });
  return { path, remove: () => rmSync(made, { recursive: true, force: true }) };
}

/** A cold build downloads its modules. */
export const buildTimeout = 400_000;

export function startAgent(path: string): { client: AgentClient; child: ChildProcess; exited: Promise<number | null> } {
  const child = spawn(path, { stdio: ["pipe", "pipe", "ignore"] });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  if (!child.stdin || !child.stdout) throw new Error("the agent has no streams");
  return { client: new AgentClient({ stdin: child.stdin, stdout: child.stdout }), child, exited };
}

/** Waits for a condition, bounded. */
export async function until(condition: () => boolean, withinMs = 5000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error("the condition was not met in time");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
