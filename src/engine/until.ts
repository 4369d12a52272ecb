import { ResilienceError } from "../history/errors.ts";

/**
 * Asks a condition again and again until it holds, bounded. The one place that waits between two looks: nothing else sleeps.
 *
 * @param what names the condition in the error (`E_TIMEOUT`)
 */
export async function until(
  what: string,
  bound: { withinMs: number; everyMs: number; signal?: AbortSignal },
  holds: () => Promise<boolean>,
): Promise<void> {
  const end = performance.now() + bound.withinMs;
  for (;;) {
    bound.signal?.throwIfAborted();
    if (await holds()) return;
    if (performance.now() >= end) {
      throw new ResilienceError("E_TIMEOUT", `Expected ${what} within ${bound.withinMs / 1000} s; it did not come.`, {
        cure: "The run's folder holds the logs of what was starting; `npm run doctor` looks at the machine.",
      });
    }
    await new Promise((resolve) => setTimeout(resolve, bound.everyMs));
  }
}
