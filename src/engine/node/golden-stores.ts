import type Dockerode from "dockerode";
import { kindLabel } from "../labels.ts";

/** How many stores that nobody uses are kept: that of this version, and of two others that somebody goes to and fro between. */
export const keptStores = 3;
/** A run that has chosen a store has cloned it long before this is over; until then no container of it says which it is. */
const choosingMs = 15 * 60_000;

/** A sealed store as the volume has it. */
export interface GoldenStore {
  key: string;
  /** Wall time in milliseconds at which a run last chose it; for one that never was, when it was sealed. */
  usedAt: number;
}

/** The stores that may go: not among those used last, not chosen a moment ago, and of no node that is there. */
export function staleStores(stores: readonly GoldenStore[], inUse: ReadonlySet<string>, now: number): string[] {
  return [...stores]
    .sort((a, b) => b.usedAt - a.usedAt)
    .slice(keptStores)
    .filter(({ key, usedAt }) => !inUse.has(key) && now - usedAt > choosingMs)
    .map(({ key }) => key);
}

/** Runs one command where the store volume lies at /store, and gives back what it printed. */
export type InStore = (argv: string[]) => Promise<string>;

/** Says, where the volume is, that a store was chosen. The mark lies beside the stores, since a sealed one is never written. */
export const markUsed = 'mkdir -p /store/golden-used && : > "/store/golden-used/$KEY"';

/** Only folders of that name that were sealed; whatever else lies there is not ours to judge. */
const list = `now=$(date +%s); echo "now $now"; cd /store/golden 2>/dev/null || exit 0
for sealed in */sprocket-images; do
  [ -f "$sealed" ] || continue
  key=\${sealed%/*}; mark="/store/golden-used/$key"; [ -f "$mark" ] || mark="$sealed"
  echo "$key $(stat -c %Y "$mark")"
done`;

/** Out of the folder of stores in one step, so that no run meets half of one; what an earlier removal did not finish goes too. */
const remove = `mkdir -p /store/golden-removed
for key in "$@"; do mv -T "/store/golden/$key" "/store/golden-removed/$key.$$" && rm -f "/store/golden-used/$key" || true; done
rm -rf /store/golden-removed`;

/**
 * Removes golden stores that no node uses and that are not among those used last. A running node does not need the store that it was cloned from: its files are linked.
 *
 * @param options.among only these keys are looked at; all when not given
 * @returns keys of the stores that were removed (in a dry run: that would be)
 */
export async function pruneStores(
  docker: Dockerode,
  inStore: InStore,
  options: { dryRun?: boolean; among?: readonly string[] } = {},
): Promise<string[]> {
  const lines = (await inStore(["sh", "-ec", list])).split("\n").map((line) => line.split(" "));
  const now = Number(lines.find(([word]) => word === "now")?.[1] ?? 0) * 1000;
  const stores = lines
    .filter(([key]) => /^[0-9a-f]{16}$/.test(key ?? "") && (options.among?.includes(key as string) ?? true))
    .map(([key, at]) => ({ key: key as string, usedAt: Number(at) * 1000 }));
  const stale = staleStores(stores, await usedByNodes(docker), now);
  if (stale.length > 0 && !options.dryRun) await inStore(["sh", "-ec", remove, "remove", ...stale]);
  return stale;
}

/** Keys that the containers of nodes name, whatever state these are in. */
async function usedByNodes(docker: Dockerode): Promise<Set<string>> {
  const nodes = await docker.listContainers({ all: true, filters: JSON.stringify({ label: [`${kindLabel}=node`] }) });
  const keys = new Set<string>();
  for (const node of nodes) {
    const seen = await docker
      .getContainer(node.Id)
      .inspect()
      .catch(() => undefined);
    for (const variable of seen?.Config.Env ?? []) {
      const key = /^STORE_GOLDEN=.*\/golden\/([0-9a-f]+)$/.exec(variable)?.[1];
      if (key) keys.add(key);
    }
  }
  return keys;
}
