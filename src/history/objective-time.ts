import type { Objective } from "./events.ts";

/** Milliseconds in one unit of an objective for a time. */
export function msIn({ unit }: Pick<Objective, "unit">): number {
  return unit === "s" ? 1000 : 1;
}
