/**
 * Where a resource stands in a program: the project's folder, and the types from its outermost parent down to itself, with its name.
 * Shape: `platform: SprocketBot:Platform > docker:index/service:Service prod-core`.
 */
export function placeOf(folder: string, urn: string): string {
  const [, , types = "", ...name] = urn.split("::");
  return `${folder}: ${types.replaceAll("$", " > ")} ${name.join("::")}`;
}
