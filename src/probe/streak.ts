/**
 * Whether the newest samples are good ones, at least `run` of them, which came in over at least `lastingMs`: answers that were held up may all come in one moment, which is no
 * proof that the next one will.
 *
 * @param samples in the order of their due times
 */
export function endsGood<S extends { done: number }>(
  samples: readonly S[],
  good: (sample: S) => boolean,
  { run, lastingMs }: { run: number; lastingMs: number },
): boolean {
  const begin = samples.findLastIndex((sample) => !good(sample)) + 1;
  const [first, last] = [samples[begin], samples.at(-1)];
  return first !== undefined && last !== undefined && samples.length - begin >= run && last.done - first.done >= lastingMs * 1e6;
}
