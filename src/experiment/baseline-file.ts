import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { exitCodes, ResilienceError } from "../history/errors.ts";
import type { BaselineEntry } from "../history/events.ts";

const baselineSchema = z.array(
  z.strictObject({
    check: z.string().optional(),
    finding: z.string().optional(),
    owner: z.string().min(1),
    reason: z.string().min(1),
    until: z.iso.date(),
  }),
);

/** Unknowns and findings that are accepted for a while, from the working directory's `baseline.json`; no file, no acceptance. */
export function readBaseline(path = join(process.cwd(), "baseline.json")): BaselineEntry[] {
  if (!existsSync(path)) return [];
  const bad = (why: string) =>
    new ResilienceError(
      "E_BASELINE",
      `The baseline ${path} should be a list of {check or finding, owner, reason, until}, but ${why}.`,
      {
        cure: "Correct the entry, or delete the file to accept nothing.",
        exitCode: exitCodes.badInput,
      },
    );
  let data: unknown;
  try {
    data = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw bad(`it is not JSON (${(error as Error).message})`);
  }
  const parsed = baselineSchema.safeParse(data);
  if (!parsed.success) throw bad(`${parsed.error.issues[0]?.path.join(".")}: ${parsed.error.issues[0]?.message}`);
  return parsed.data as BaselineEntry[];
}
