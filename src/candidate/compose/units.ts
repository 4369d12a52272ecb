/** Nanoseconds of a duration as Go and the Compose specification write it ("1m30s", "500ms", "0"); undefined where it is none. */
export function durationNs(text: string): number | undefined {
  if (text === "0") return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    sum += Math.round(Number(amount) * (inNs[unit as string] as number));
  }
  return Number.isSafeInteger(sum) ? sum : undefined;
}

const inNs: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** A duration that `durationNs` reads back. */
export function durationText(ns: number): string {
  for (const [unit, size] of [
    ["s", 1e9],
    ["ms", 1e6],
    ["us", 1e3],
  ] as const) {
    if (ns % size === 0) return `${ns / size}${unit}`;
  }
  return `${ns}ns`;
}

/** Bytes of a size as Docker reads it: a number with b, k, m, g, t (with or without b or ib), each 1024 of the one before. */
export function bytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?(?:([kmgt])(?:i?b)?|b)?$/i.exec(text.trim());
  if (!match) return undefined;
  const power = match[2] ? "kmgt".indexOf(match[2].toLowerCase()) + 1 : 0;
  const size = Math.floor(Number(match[1]) * 1024 ** power);
  return Number.isSafeInteger(size) ? size : undefined;
}

/** Billionths of a processor of "0.25"; undefined where it is none. */
export function nanoCpus(text: string): number | undefined {
  if (!/^\d+(?:\.\d{1,9})?$/.test(text)) return undefined;
  const nano = Math.round(Number(text) * 1e9);
  return Number.isSafeInteger(nano) ? nano : undefined;
}
