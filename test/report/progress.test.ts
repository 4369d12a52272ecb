import { describe, expect, test } from "vitest";
import type { HistoryEvent } from "../../src/history/events.ts";
import { Progress } from "../../src/report/progress.ts";
import { aRun } from "./a-run.ts";

function outputOf(events: readonly HistoryEvent[], isTTY: boolean, columns = 100): string {
  let text = "";
  const progress = new Progress({ isTTY, columns, write: (part) => (text += part) });
  for (const event of events) progress.onEvent(event);
  progress.end({ keep: true });
  return text;
}

/** What a terminal shows after all was written: understands what the progress uses, cursor up and erase below. */
function screenOf(text: string): string[] {
  const lines: string[] = [""];
  const csi = "\u001b\\[";
  for (const part of text.split(new RegExp(`(${csi}\\d+A|${csi}0J|\\n)`))) {
    const up = new RegExp(`^${csi}(\\d+)A$`).exec(part);
    if (up) lines.length = lines.length - Number(up[1]);
    else if (part === "\n") lines.push("");
    else if (part !== "\u001b[0J") lines[lines.length - 1] = part;
  }
  return lines;
}

describe("progress without a terminal", () => {
  const text = outputOf(aRun(true), false);
  test("is plain lines with the time since the start", () => {
    expect(text).not.toContain("\u001b");
    expect(text).toMatch(/^ {3}0\.0 s {2}run r-test: gate, candidate reference/);
    expect(text).toMatch(/ {3}7\.0 s {2}✔ layer1\/socket-proxy ready after 800 ms\n/);
    expect(text).toMatch(/ {2}36\.1 s {2}tier layer1 red after 30\.0 s\n/);
  });
  test("says why a service is not ready", () => {
    expect(text).toMatch(/✘ layer1\/vault not ready: waited for "unsealed/);
  });
  test("writes no line for a sample", () => {
    expect(text.split("\n").length).toBeLessThan(60);
  });
});

describe("progress on a terminal", () => {
  test("redraws one line a tier, with services and times", () => {
    const events = aRun(false);
    const upTo = events.findIndex((event) => event.type === "tier" && event.tier === "platform" && event.state === "creating");
    const screen = screenOf(outputOf(events.slice(0, upTo + 1), true));
    const board = screen.slice(-5);
    expect(board[0]).toMatch(/^✔ layer1 {4}6\.0 s +✔ socket-proxy 800 ms/);
    expect(board[1]).toMatch(/^✔ layer2 {4}4\.1 s/);
    expect(board[2]).toMatch(/^… platform {2}0 ms +core/);
    expect(screen.filter((line) => line.startsWith("✔ layer1")).length).toBe(1);
  });
  test("keeps what matters above the board", () => {
    expect(screenOf(outputOf(aRun(true), true)).some((line) => line.includes("✘ layer1/vault not ready"))).toBe(true);
  });
  test("never writes a board line longer than the terminal is wide", () => {
    const board = screenOf(outputOf(aRun(false), true, 40)).slice(-5);
    for (const line of board) expect(line.length).toBeLessThan(40);
  });
  test("is gone when it ends without keeping", () => {
    let text = "";
    const progress = new Progress({ isTTY: true, columns: 80, write: (part) => (text += part) });
    for (const event of aRun(false)) progress.onEvent(event);
    progress.end();
    expect(screenOf(text).some((line) => line.startsWith("✔ layer1"))).toBe(false);
  });
});
