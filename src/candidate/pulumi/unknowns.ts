import { ResilienceError } from "../../history/errors.ts";
import type { Evaluated, Registration } from "./evaluation.ts";
import { placeOf } from "./place.ts";
import { unknownsIn } from "./values.ts";

/** Kinds of resources whose inputs decide what is deployed. */
const matters = /^docker:index\/(service|network|volume|serviceConfig|secret):/;

/**
 * Refuses what an evaluation would silently lose. Evaluated as a preview, an output that no provider answers is unknown instead of undefined:
 * a field that holds one would be missing from the definition, and what is made only with its value would not be made.
 *
 * Errors: E_PULUMI_UNKNOWN, naming the resource and its fields.
 */
export function refuseUnknowns(folder: string, actual: Evaluated, preview: Evaluated): void {
  const cure =
    "An output that its provider computes is not known offline: pin it in the program, or report the resource's type so that it can be answered.";
  for (const registration of preview.registrations.filter((each) => matters.test(each.type))) {
    const unknown = unknownsIn(registration.inputs);
    if (unknown.length === 0) continue;
    throw new ResilienceError(
      "E_PULUMI_UNKNOWN",
      `${placeOf(folder, registration.urn)} should have known inputs but ${unknown.join(", ")} ${unknown.length === 1 ? "is" : "are"} not${from(registration, unknown)}.`,
      { cure, exitCode: 3 },
    );
  }
  const seen = new Set(preview.registrations.map((each) => each.urn));
  const lost = actual.registrations.find((each) => matters.test(each.type) && !seen.has(each.urn));
  if (lost) {
    throw new ResilienceError(
      "E_PULUMI_UNKNOWN",
      `${placeOf(folder, lost.urn)} should be made in a preview too but is not: it hangs on an output that is not known before a deployment.`,
      { cure, exitCode: 3 },
    );
  }
}

/** The resources that the unknown fields come from, as far as the program's own dependencies tell. */
function from(registration: Registration, unknown: readonly string[]): string {
  const properties = new Set(unknown.map((path) => path.split(".")[0] as string));
  const urns = new Set([...properties].flatMap((property) => registration.propertyDependencies[property] ?? []));
  const names = [...urns].map((urn) => `${urn.split("::")[2]?.split("$").at(-1)} ${urn.split("::")[3]}`);
  return names.length === 0 ? "" : `; they hang on ${names.join(", ")}`;
}
