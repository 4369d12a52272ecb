/** What a candidate without a single route hangs its names on. */
const noDomain = "localhost";

/**
 * The domain that routed host names hang on: the longest suffix that all of them share; where they share none, the suffix of at least two
 * labels that most of them have. A lone host loses its first label when it has three or more: "api.sprocket.example" hangs on "sprocket.example".
 */
export function domainOf(hosts: readonly string[]): string {
  const named = [...new Set(hosts)].filter((host) => /[a-z]/.test(host.split(".").at(-1) ?? "")).map((host) => host.split("."));
  const [only] = named;
  if (only === undefined) return noDomain;
  if (named.length === 1) return (only.length > 2 ? only.slice(1) : only).join(".");

  const counts = new Map<string, number>();
  for (const labels of named) {
    for (let start = 0; start < labels.length; start += 1) {
      const suffix = labels.slice(start).join(".");
      counts.set(suffix, (counts.get(suffix) ?? 0) + 1);
    }
  }
  const acceptable = [...counts].filter(([suffix]) => suffix.includes(".") || suffix === noDomain);
  const ranked = (acceptable.length > 0 ? acceptable : [...counts]).sort(
    ([a, ofA], [b, ofB]) => ofB - ofA || b.split(".").length - a.split(".").length || (a < b ? -1 : 1),
  );
  return ranked[0]?.[0] ?? noDomain;
}
