import { createHash } from "node:crypto";
import type { Placeholder } from "./evaluation.ts";

/**
 * The value that stands for a secret configuration key. One of a key, whatever the stack: two stacks that keep a secret under one key mean
 * one secret, and what each of them holds is never read. Shape: fixtures/evaluator/src/placeholders.ts.
 */
export function configPlaceholder(fullKey: string): Placeholder {
  const key = fullKey.slice(fullKey.indexOf(":") + 1);
  const digits = BigInt(`0x${createHash("sha256").update(`config\0${key}`).digest("hex")}`).toString(36);
  return { value: `zzs${digits.slice(0, 20)}zz`, name: key, urn: "", length: 32, loose: false };
}
