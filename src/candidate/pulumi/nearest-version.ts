interface Version {
  numbers: [number, number, number];
  pre: string;
  text: string;
}

function parsed(text: string): Version | undefined {
  const found = /^(\d+)\.(\d+)\.(\d+)(?:-([\w.-]+))?(?:\+.*)?$/.exec(text);
  if (!found) return undefined;
  return { numbers: [Number(found[1]), Number(found[2]), Number(found[3])], pre: found[4] ?? "", text };
}

function compare(a: Version, b: Version): number {
  for (const at of [0, 1, 2] as const) if (a.numbers[at] !== b.numbers[at]) return a.numbers[at] - b.numbers[at];
  if (a.pre === b.pre) return 0;
  // A release comes after its own candidates.
  if (a.pre === "" || b.pre === "") return a.pre === "" ? 1 : -1;
  return a.pre < b.pre ? -1 : 1;
}

/**
 * The served version that is nearest to a locked one: the next higher of its major version, else the next lower of it, else the next higher
 * at all, else the next lower. Releases before candidates of one. Undefined where nothing is served.
 */
export function nearestVersion(locked: string, served: readonly string[]): string | undefined {
  const wanted = parsed(locked);
  if (wanted === undefined) return undefined;
  const all = served.map(parsed).filter((each) => each !== undefined);
  for (const among of [all.filter((each) => each.pre === ""), all]) {
    const sorted = [...among].sort(compare);
    const same = sorted.filter((each) => each.numbers[0] === wanted.numbers[0]);
    for (const group of [same, sorted]) {
      const higher = group.find((each) => compare(each, wanted) >= 0);
      const lower = group.findLast((each) => compare(each, wanted) < 0);
      const found = higher ?? lower;
      if (found) return found.text;
    }
  }
  return undefined;
}
