import { ResilienceError } from "../../history/errors.ts";

/** What evaluating one stack gave: its result, or the stack that must be evaluated before it. */
export type Step<T> = { done: T } | { needs: string };

/**
 * Evaluates stacks in the order that they need each other, found by evaluating: one that refers to a stack which was not evaluated yet says
 * so, and is evaluated again after it. Nothing says the order beforehand.
 *
 * @param wanted names of stacks, in the order to begin with
 * @returns results in the order of evaluation, those that were only needed included
 * Errors: E_PULUMI_CYCLE; what `evaluate` throws.
 */
export async function evaluateInOrder<T>(
  wanted: readonly string[],
  evaluate: (name: string, before: ReadonlyMap<string, T>) => Promise<Step<T>>,
): Promise<Map<string, T>> {
  const done = new Map<string, T>();
  const visit = async (name: string, waiting: readonly string[]): Promise<void> => {
    while (!done.has(name)) {
      const step = await evaluate(name, done);
      if ("done" in step) {
        done.set(name, step.done);
        return;
      }
      const chain = [...waiting, name];
      if (chain.includes(step.needs)) {
        throw new ResilienceError(
          "E_PULUMI_CYCLE",
          `Stacks should refer only to stacks before them but ${[...chain, step.needs].join(" refers to ")}.`,
          { cure: "Break the circle: no order of deployment can satisfy it.", exitCode: 3 },
        );
      }
      await visit(step.needs, chain);
    }
  };
  for (const name of wanted) await visit(name, []);
  return done;
}
