import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../bin/sprocket-resilience.mjs", import.meta.url));

/** One command as a process of its own, and what it has said. */
export interface Command {
  child: ChildProcess;
  out: string;
  err: string;
  /** Exit code, or the signal that ended it. */
  ended: Promise<number | string>;
}

export function startCommand(args: string[], env: Record<string, string> = {}): Command {
  const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const command: Command = { child, out: "", err: "", ended: once(child, "close").then(([code, signal]) => code ?? signal) };
  child.stdout?.on("data", (chunk) => {
    command.out += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    command.err += chunk;
  });
  return command;
}

/** The run's id, once the command has said it. */
export function runIdOf(command: Command): string | undefined {
  return /\brun (\d{8}-\d{6}-[0-9a-f]{4}):/.exec(command.err)?.[1];
}
