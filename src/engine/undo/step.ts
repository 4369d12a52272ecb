import type Dockerode from "dockerode";
import { run } from "../exec.ts";

/**
 * One thing that ends a fault, as plain data: the runner does it, and when the runner is dead the reaper does the same from the journal. Each may be done
 * twice, and what it speaks of may be gone: then there is nothing to undo, and it succeeds.
 */
export type UndoStep =
  /** Runs a command in a container of the run (its node, mostly); exit code 0 means done. */
  | { do: "exec"; container: string; argv: readonly string[] }
  /** Starts a stopped container, or lets a paused one go on. */
  | { do: "start" | "unpause"; container: string };

/** Longest time of one step. */
const stepMs = 20_000;

/** Does steps last-first, each on its own deadline and whatever became of the others; gives back what did not work, in words. */
export async function undo(docker: Dockerode, steps: readonly UndoStep[]): Promise<string[]> {
  const failures: string[] = [];
  for (const step of steps.toReversed()) {
    const failure = await Promise.race([failureOf(docker, step), late(stepMs)]).catch((error: Error) => error.message);
    if (failure !== undefined) failures.push(`${inWords(step)}: ${failure}`);
  }
  return failures;
}

/** What a person would type to do the same. */
export function inWords(step: UndoStep): string {
  if (!("argv" in step)) return `docker ${step.do} ${step.container.slice(0, 12)}`;
  const words = step.argv.map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return `docker exec ${step.container.slice(0, 12)} ${words.join(" ")}`;
}

async function failureOf(docker: Dockerode, step: UndoStep): Promise<string | undefined> {
  const container = docker.getContainer(step.container);
  const seen = await container.inspect().catch((error: { statusCode?: number }) => {
    if (error.statusCode === 404) return undefined;
    throw error;
  });
  if (!seen) return undefined;
  if (step.do === "exec") {
    if (!seen.State.Running) return undefined;
    const { code, stderr } = await run(docker, step.container, [...step.argv]);
    return code === 0 ? undefined : `exit code ${code}: ${stderr.trim().slice(-300)}`;
  }
  if (step.do === "start" && !seen.State.Running) await container.start();
  if (step.do === "unpause" && seen.State.Paused) await container.unpause();
  return undefined;
}

async function late(ms: number): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, ms).unref());
  return `not done after ${ms / 1000} s`;
}
