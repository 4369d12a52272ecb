import { existsSync } from "node:fs";
import { readFile, statfs } from "node:fs/promises";
import type { Abort, ExperimentDefinition } from "../../history/experiment.ts";
import type { TrackedClient } from "./tracked-client.ts";

/** Bad answers that bystanders may get in any ten seconds before the experiment is ended, as a share; what they may get altogether is a check's to say. */
const bystanderBudget = { share: 0.5, lastMs: 10_000, leastSamples: 5 };
/** Of the user's machine. */
const leastMemoryBytes = 512 * 2 ** 20;
const leastDiskBytes = 2 ** 30;

/** What is looked at while an experiment hurts something. */
export interface Guarded {
  definition: ExperimentDefinition;
  bystanders: readonly TrackedClient[];
  /** Roles whose task ended since the first fault. */
  ended: () => readonly string[];
  /** A file that `chaos --stop` makes. */
  stopFile: string;
  /** A folder on the disk that runs are written to. */
  folder: string;
}

/** The first guardrail that is crossed; undefined while none is. */
export async function crossed(guarded: Guarded): Promise<Abort | undefined> {
  if (existsSync(guarded.stopFile)) return { guard: "stopped", why: "`chaos --stop` was given on another terminal" };
  const outside = guarded.ended().find((role) => !guarded.definition.mayEnd.includes(role));
  if (outside)
    return {
      guard: "blast-radius",
      why: `a task of ${outside} ended, which is outside ${guarded.definition.mayEnd.join(", ") || "nothing"}`,
    };
  for (const client of guarded.bystanders) {
    const { share, n } = client.badShare(bystanderBudget.lastMs);
    if (n >= bystanderBudget.leastSamples && share > bystanderBudget.share)
      return {
        guard: "error-budget",
        why: `${client.label} got ${Math.round(share * 100)} % bad answers in ${bystanderBudget.lastMs / 1000} s (n = ${n}), and should not notice`,
      };
  }
  const available = await availableMemory();
  if (available !== undefined && available < leastMemoryBytes)
    return { guard: "host-memory", why: `this machine has ${Math.round(available / 2 ** 20)} MiB left` };
  const { bavail, bsize } = await statfs(guarded.folder);
  if (bavail * bsize < leastDiskBytes)
    return { guard: "host-disk", why: `the disk of ${guarded.folder} has ${Math.round((bavail * bsize) / 2 ** 20)} MiB left` };
  return undefined;
}

/** Linux's own estimate; undefined elsewhere. */
async function availableMemory(): Promise<number | undefined> {
  const text = await readFile("/proc/meminfo", "utf8").catch(() => "");
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}
