import { createHash } from "node:crypto";
import type { Candidate } from "./types.ts";

/** SHA-256 over the candidate's canonical JSON (keys sorted), so that two equal definitions have one hash wherever they came from: origin and places are left out. */
export function candidateHash({ origin: _, ...candidate }: Candidate): string {
  return createHash("sha256").update(canonical(candidate)).digest("hex");
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const entries = Object.entries(value)
      .filter(([key, inner]) => inner !== undefined && key !== "place")
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}
