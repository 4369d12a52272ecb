const units: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** Nanoseconds of a duration as Go writes it ("10s", "1m30s"), as `@pulumi/docker` takes it; undefined where it is none. */
export function nanoseconds(duration: string): number | undefined {
  if (duration === "0") return 0;
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join("") !== duration) return undefined;
  return parts.reduce((sum, [, amount, unit]) => sum + Math.round(Number(amount) * (units[unit as string] as number)), 0);
}
