/**
 * Like `Promise.all`, but rejects only once nothing is under way any more: what is still being created when a start fails would appear after the
 * removal of everything else.
 */
export async function allSettled<T extends readonly unknown[]>(work: T): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  const settled = await Promise.allSettled(work);
  for (const one of settled) if (one.status === "rejected") throw one.reason;
  return settled.map((one) => (one as PromiseFulfilledResult<unknown>).value) as { -readonly [P in keyof T]: Awaited<T[P]> };
}
