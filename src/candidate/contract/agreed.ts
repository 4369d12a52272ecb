import type { Candidate } from "../types.ts";

/**
 * What the services of a candidate agree on: the value that most of their JSON configurations hold at a path such as `transport.matchmaking_queue`; undefined
 * when none holds any. Where as many say one thing as another, the first service in the candidate decides.
 *
 * One service that is told something else than the others is a fault of that service, so it does not change what is expected of all.
 */
export function agreed(candidate: Candidate, path: string): string | undefined {
  const votes = new Map<string, number>();
  for (const document of documentsOf(candidate)) {
    const value = valueAt(document, path.split("."));
    if (typeof value === "string" || typeof value === "number") votes.set(String(value), (votes.get(String(value)) ?? 0) + 1);
  }
  const most = Math.max(0, ...votes.values());
  return [...votes].find(([, count]) => count === most)?.[0];
}

/** The JSON configurations that services mount, once for each service that does. */
function documentsOf(candidate: Candidate): unknown[] {
  const parsed = new Map<string, unknown>();
  for (const { name, content } of candidate.configs) {
    try {
      parsed.set(name, JSON.parse(content));
    } catch {
      // Not JSON: it agrees with nothing.
    }
  }
  return candidate.services.flatMap((service) => service.configs.map(({ source }) => parsed.get(source)).filter(Boolean));
}

function valueAt(value: unknown, path: string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[key] : undefined),
    value,
  );
}
