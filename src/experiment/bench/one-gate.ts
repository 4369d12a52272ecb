import { spawn } from "node:child_process";
import { join } from "node:path";
import { ResilienceError } from "../../history/errors.ts";
import type { EventOf } from "../../history/events.ts";
import { readHistory } from "../../history/reader.ts";

/**
 * Runs one whole gate as a user would, in a process of its own: what the bench's own process did before must not be in its account. Its verdict does not
 * matter here; what it used does.
 * @throws ResilienceError E_BENCH_GATE when the gate did not come to its end
 */
export async function resourcesOfGate(options: {
  runsDir: string;
  retain: number;
  signal: AbortSignal;
  onProgress: (line: string) => void;
  /** Path of this program's own start file. */
  program?: string;
}): Promise<{ runId: string; verdict: string; resources: EventOf<"resources">[] }> {
  options.signal.throwIfAborted();
  const program = options.program ?? (process.argv[1] as string);
  const args = ["gate", "--json", "--runs-dir", options.runsDir, "--retain", String(options.retain)];
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const abort = () => void child.kill("SIGINT");
  options.signal.addEventListener("abort", abort, { once: true });
  let printed = "";
  let last = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    for (const line of text.split("\n").map((one) => one.trim())) {
      if (line === "") continue;
      last = line;
      options.onProgress(`gate: ${line}`);
    }
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).finally(() => options.signal.removeEventListener("abort", abort));
  options.signal.throwIfAborted();
  const document = parsed(printed);
  if (!document?.runId) {
    throw new ResilienceError(
      "E_BENCH_GATE",
      `A gate was expected to print its verdict, but it ended with code ${code}: ${last}`,
      {
        cure: "Run `gate` by itself and read what it says.",
      },
    );
  }
  const { events } = readHistory(join(options.runsDir, document.runId));
  return {
    runId: document.runId,
    verdict: document.verdict ?? "unknown",
    resources: events.filter((event) => event.type === "resources"),
  };
}

function parsed(text: string): { runId?: string; verdict?: string } | undefined {
  try {
    return JSON.parse(text) as { runId?: string; verdict?: string };
  } catch {
    return undefined;
  }
}
