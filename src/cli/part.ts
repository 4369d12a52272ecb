/**
 * Loads a part of the product only when a command needs it, so that `--help` and bad input cost no start-up time.
 * `place` is a path below src without its ending: "experiment/gate".
 */
export async function part<Module>(place: string): Promise<Module> {
  const ending = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  return (await import(new URL(`../${place}${ending}`, import.meta.url).href)) as Module;
}
