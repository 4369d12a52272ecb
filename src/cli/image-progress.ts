import type { ImageProgress } from "../engine/images/types.ts";

/** How often one image may repeat itself without a new phase: often enough to show that it lives, seldom enough for a log. */
const everySeconds = 10;

/** Turns the steady stream of an image's progress into lines that a person or a log can bear: each phase, and a sign of life in between. */
export function imageProgress(say: (line: string) => void): (progress: ImageProgress) => void {
  const last = new Map<string, { phase: string; seconds: number }>();
  return ({ name, phase, line, seconds }) => {
    const before = last.get(name);
    if (phase === "look" || (before?.phase === phase && seconds - before.seconds < everySeconds)) return;
    last.set(name, { phase, seconds });
    say(`image ${name.padEnd(16)} ${phase.padEnd(8)} ${seconds.toFixed(0).padStart(4)} s  ${line}`);
  };
}
