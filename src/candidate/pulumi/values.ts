/** Pulumi's marks in values on the wire (its SDK's runtime/rpc). */
const signature = "4dabf18193072939515e22adb298388d";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";
const resourceMark = "5cf8f73096256a8f31e491e813e4eb8e";
const unknownMark = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A value without any mark: secrets are their values, references to resources their ids. Unknowns stay. */
export function unmark(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(unmark);
  const marked = value as Record<string, unknown>;
  if (marked[signature] === secretMark) return unmark(marked.value);
  if (marked[signature] === resourceMark) return unmark(marked.id ?? marked.urn);
  return Object.fromEntries(Object.entries(marked).map(([key, each]) => [key, unmark(each)]));
}

/** Paths of every unknown in a value, "taskSpec.containerSpec.image". */
export function unknownsIn(value: unknown, path = ""): string[] {
  // An unknown that was put into a text by hand spoils the whole text.
  if (typeof value === "string") return value.includes(unknownMark) ? [path] : [];
  if (typeof value !== "object" || value === null) return [];
  const marked = value as Record<string, unknown>;
  if (marked[signature] === secretMark) return unknownsIn(marked.value, path);
  return Object.entries(marked).flatMap(([key, each]) => unknownsIn(each, path === "" ? key : `${path}.${key}`));
}

/** Reads a field as the type that is expected; what is not one is as if it were absent. */
export const text = (value: unknown): string | undefined => {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
};
export const number = (value: unknown): number | undefined => {
  const found = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof found === "number" && Number.isFinite(found) ? found : undefined;
};
export const flag = (value: unknown): boolean => value === true || value === "true";
export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const fields = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
export const texts = (value: unknown): string[] =>
  list(value)
    .map(text)
    .filter((each) => each !== undefined);
export const textRecord = (value: unknown): Record<string, string> => {
  const out: Record<string, string> = {};
  // An empty value is a value.
  for (const [key, each] of Object.entries(fields(value))) if (each !== null && each !== undefined) out[key] = text(each) ?? "";
  return out;
};
