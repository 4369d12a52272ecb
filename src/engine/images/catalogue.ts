import { ResilienceError } from "../../history/errors.ts";
import { harnessEntries } from "./entries/harness.ts";
import { monitoringEntries } from "./entries/monitoring.ts";
import { partyEntries } from "./entries/parties.ts";
import { serviceEntries } from "./entries/services.ts";
import { standInEntries } from "./entries/stand-ins.ts";
import { tailnetEntries } from "./entries/tailnet.ts";
import { parseReference } from "./reference.ts";
import type { ImageEntry } from "./types.ts";

const entries: ImageEntry[] = [
  ...serviceEntries,
  ...monitoringEntries,
  ...partyEntries,
  ...tailnetEntries,
  ...harnessEntries,
  ...standInEntries,
];
const byName = new Map(entries.map((entry) => [entry.name, entry]));

/** All entries, in a fixed order. */
export function catalogue(): ImageEntry[] {
  return entries;
}

/** The entry of that name. Errors: E_IMAGE_UNKNOWN. */
export function entryNamed(name: string): ImageEntry {
  const entry = byName.get(name);
  if (entry === undefined) {
    throw new ResilienceError("E_IMAGE_UNKNOWN", `An image of the catalogue was expected but "${name}" is none.`, {
      cure: `Known are: ${entries.map((each) => each.name).join(", ")}.`,
      exitCode: 3,
    });
  }
  return entry;
}

/** The entry that answers for a candidate's reference: same registry and repository, whatever the tag or digest. */
export function imageFor(candidateReference: string): ImageEntry | undefined {
  const asked = parseReference(candidateReference);
  return entries.find((entry) =>
    entry.aliases.some((alias) => {
      const known = parseReference(alias);
      return known.registry === asked.registry && known.repository === asked.repository;
    }),
  );
}
