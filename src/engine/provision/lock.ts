import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/**
 * Holds an exclusive lock on a file, for as long as this process lives and until `release`. The kernel's lock is held by util-linux's
 * `flock`, which ends with our pipe: a crash leaves no stale lock, which a file with a process id in it would.
 */
export async function lock(path: string, options: { onWait: () => void; signal?: AbortSignal }): Promise<{ release(): void }> {
  options.signal?.throwIfAborted();
  const holder = spawn("flock", ["--exclusive", path, "sh", "-c", "echo held && cat >/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const wait = setTimeout(options.onWait, 1000);
  const stop = () => void holder.kill();
  options.signal?.addEventListener("abort", stop, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      holder.once("error", reject);
      holder.once("exit", (code) => reject(options.signal?.reason ?? new Error(`flock on ${path} ended with ${code}`)));
      createInterface({ input: holder.stdout }).once("line", () => resolve());
    });
  } finally {
    clearTimeout(wait);
    options.signal?.removeEventListener("abort", stop);
  }
  return { release: () => holder.stdin.end() };
}
