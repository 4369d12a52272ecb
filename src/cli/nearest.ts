import { closest, distance } from "fastest-levenshtein";

/**
 * The right spelling that a person most likely meant, or undefined when none is near: more than half of the letters wrong is a guess,
 * not a help.
 */
export function nearest(met: string, allowed: readonly string[]): string | undefined {
  if (allowed.length === 0) return undefined;
  const word = met.toLowerCase();
  const begun = word.length >= 2 ? allowed.filter((candidate) => candidate.toLowerCase().startsWith(word)) : [];
  if (begun.length === 1) return begun[0];
  const guess = closest(
    word,
    allowed.map((candidate) => candidate.toLowerCase()),
  );
  const found = allowed.find((candidate) => candidate.toLowerCase() === guess);
  if (found === undefined) return undefined;
  return distance(word, guess) <= Math.max(1, Math.floor(Math.max(word.length, guess.length) / 2)) ? found : undefined;
}
