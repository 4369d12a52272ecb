import { scaleLinear, scaleLog } from "d3-scale";
import type { Picture } from "./picture.ts";
import type { Reduced } from "./reduce.ts";

/** A place along the axis, per cent of its length, and what stands there. */
export interface Tick {
  at: number;
  text: string;
}

/** From milliseconds of the run to per cent of the axis, two decimals. */
export function timeAxis({ fromMs, toMs, zero }: Picture): { place: (atMs: number) => number; ticks: Tick[] } {
  const scale = scaleLinear([fromMs, toMs], [0, 100]).clamp(true);
  const place = (atMs: number) => Number(scale(atMs).toFixed(2));
  const seconds = scaleLinear([(fromMs - zero.atMs) / 1000, (toMs - zero.atMs) / 1000], [0, 100]);
  const ticks = seconds.ticks(7).map((at) => ({ at: place(zero.atMs + at * 1000), text: signed(at) }));
  return { place, ticks };
}

function signed(seconds: number): string {
  if (seconds === 0) return "0";
  const sign = seconds < 0 ? "−" : "+";
  const positive = Math.abs(seconds);
  return positive >= 120 && positive % 60 === 0 ? `${sign}${positive / 60} min` : `${sign}${Number(positive.toFixed(3))} s`;
}

/** Height of a latency's plot, in its own units. */
export const plotHeight = 100;

/** From latency in ms to units from the plot's top; one scale for all clients of an experiment, so that their plots can be compared. The limit has its place, too. */
export function latencyAxis(
  series: readonly Reduced[],
  limitMs: number | undefined,
): { place: (ms: number) => number; ticks: Tick[] } {
  const drawn = series
    .flatMap(({ columns }) => columns)
    .flatMap((one) => [one?.good?.min, one?.good?.max, one?.badTook?.min, one?.badTook?.max, limitMs])
    .filter((ms) => ms !== undefined);
  const whole = (ms: number, round: (log: number) => number) => 10 ** round(Math.log10(Math.max(ms, 0.01)));
  const low = drawn.reduce((so, ms) => Math.min(so, whole(ms, Math.floor)), 1);
  const high = drawn.reduce((so, ms) => Math.max(so, whole(ms, Math.ceil)), low * 10);
  const scale = scaleLog([low, high], [plotHeight - 2, 2]).clamp(true);
  const decades = Array.from({ length: Math.round(Math.log10(high / low)) + 1 }, (_, at) => low * 10 ** at);
  const place = (ms: number) => Number(scale(Math.max(ms, low)).toFixed(1));
  // The plot is lower than five labels are high.
  const shown = decades.filter((_, at) => decades.length <= 5 || at % 2 === 0);
  return {
    place,
    ticks: shown.map((ms) => ({ at: place(ms), text: ms >= 1000 ? `${ms / 1000} s` : `${Number(ms.toPrecision(1))} ms` })),
  };
}
