import { expect, test } from "vitest";
import { candidateHash } from "../../src/candidate/hash.ts";
import { referenceCandidate } from "../../src/candidate/reference/reference.ts";
import { recordedFaults } from "../../src/check/access/recorded-faults.ts";
import { checks } from "../../src/check/check.ts";
import { mutations } from "../../src/experiment/mutations/index.ts";
import { variantNamed } from "../../src/experiment/mutations/variants.ts";
import { observations } from "../../src/probe/observation.ts";
import { loadSuites } from "../../suites/index.ts";

await loadSuites();
const reference = referenceCandidate("core");

test("each mutation of a candidate changes it, and leaves the original as it was", () => {
  const before = candidateHash(reference);
  for (const { name, of, candidate } of mutations()) {
    if (!candidate) continue;
    const base = of === undefined ? reference : variantNamed(of).candidate(reference);
    expect(candidateHash(candidate(base)), name).not.toBe(candidateHash(base));
  }
  expect(candidateHash(reference)).toBe(before);
});

test("each check of a gate has a mutation that must turn it red, each experiment one for one of its checks, and each recorded fault one that must name it", () => {
  const reddened = new Set(mutations().map(({ reddens }) => reddens));
  const experiments = new Set(observations().flatMap(({ id, experiment }) => (experiment ? [id] : [])));
  const hurt = new Set(checks().flatMap(({ id, observation }) => (reddened.has(id) ? [observation] : [])));
  expect([...experiments].filter((id) => !hurt.has(id))).toEqual([]);
  expect(
    checks()
      .filter(({ id, observation }) => !reddened.has(id) && !experiments.has(observation))
      .map(({ id }) => id),
  ).toEqual([]);
  const named = new Set(mutations().flatMap(({ cause }) => cause ?? []));
  expect(Object.keys(recordedFaults).filter((id) => !named.has(id))).toEqual([]);
});

test("a mutation's name is its own, and what it spares are checks", () => {
  const names = mutations().map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  const ids = checks().map(({ id }) => id);
  expect(
    mutations()
      .flatMap(({ spares }) => spares ?? [])
      .filter((id) => !ids.includes(id)),
  ).toEqual([]);
});
