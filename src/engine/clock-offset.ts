/** Another process's clock minus the runner's (`process.hrtime`), and how far from the truth that can be. */
export interface ClockOffset {
  offsetNs: number;
  /** Half of the least round trip: the true offset lies within ± this. */
  errorNs: number;
  /** Rounds that were made. */
  rounds: number;
}

/**
 * Measures a clock against the runner's, as NTP does: of several rounds the one with the least round trip counts, for it leaves least room for error. Rounds go one
 * after another; a busy stream only widens the bound.
 *
 * @param ask when the other side read the question and when it wrote the answer, on its clock
 */
export async function clockOffset(ask: () => Promise<{ receivedNs: number; sentNs: number }>, rounds = 9): Promise<ClockOffset> {
  let best: ClockOffset | undefined;
  for (let round = 0; round < rounds; round++) {
    const asked = Number(process.hrtime.bigint());
    const seen = await ask();
    const answered = Number(process.hrtime.bigint());
    const errorNs = (answered - asked - (seen.sentNs - seen.receivedNs)) / 2;
    const offsetNs = (seen.receivedNs - asked + (seen.sentNs - answered)) / 2;
    if (!best || errorNs < best.errorNs) best = { offsetNs, errorNs, rounds };
  }
  if (!best) throw new RangeError("a clock needs at least one round");
  return best;
}
