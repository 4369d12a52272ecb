import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { EventOf } from "../../src/history/events.ts";
import { readHistory, readSideFile } from "../../src/history/reader.ts";
import { HistoryWriter } from "../../src/history/writer.ts";
import { historyOf, runStarted, sampleOf } from "../check/a-history.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "history-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const good = historyOf([runStarted, { type: "log", level: "info", text: "a" }, { type: "run-ended", reason: "completed" }]).map(
  (event) => JSON.stringify(event),
);
const write = (text: string) => writeFileSync(join(folder, "history.jsonl"), text);

describe("a history", () => {
  test("is read whole", () => {
    write(`${good.join("\n")}\n`);
    expect(readHistory(folder)).toEqual({ events: good.map((line) => JSON.parse(line)) });
  });
  test("that is empty has no events", () => {
    write("");
    expect(readHistory(folder)).toEqual({ events: [] });
  });
  test("that is not there is said to be missing", () => {
    expect(() => readHistory(folder)).toThrow(expect.objectContaining({ code: "E_HISTORY_MISSING", exitCode: 3 }));
  });
  test("whose last line a crash tore is read without it, and says so", () => {
    const torn = good[2]?.slice(0, 20) ?? "";
    write(`${good[0]}\n${good[1]}\n${torn}`);
    const { events, truncated } = readHistory(folder);
    expect(events).toHaveLength(2);
    expect(truncated).toEqual({ line: 3, bytes: 20 });
  });
  test.each([1, 7, 40])("whose last line a crash tore after %i bytes is read", (bytes) => {
    write(`${good[0]}\n${good[1]?.slice(0, bytes)}`);
    expect(readHistory(folder)).toMatchObject({ truncated: { line: 2, bytes } });
  });
  test("whose last block was never written to disk is read without it", () => {
    write(`${good[0]}\n${"\0".repeat(50)}\n`);
    expect(readHistory(folder)).toMatchObject({ truncated: { line: 2 } });
  });
  test("with the last newline missing is whole", () => {
    write(good.join("\n"));
    expect(readHistory(folder)).toEqual({ events: good.map((line) => JSON.parse(line)) });
  });

  const edited = (change: (event: Record<string, unknown>) => void) => {
    const event = JSON.parse(good[1] ?? "");
    change(event);
    return `${good[0]}\n${JSON.stringify(event)}\n${good[2]}\n`;
  };
  test.each([
    ["is not JSON", `${good[0]}\n{"seq":1,\n${good[2]}\n`, /line 2.*not JSON/],
    ["has an unknown key", edited((event) => Object.assign(event, { healthy: true })), /line 2.*healthy/],
    ["lacks a key", edited((event) => delete event.text), /line 2.*text/],
    ["has an unknown type", edited((event) => Object.assign(event, { type: "opinion" })), /line 2.*type/],
    ["is out of order", edited((event) => Object.assign(event, { seq: 5 })), /line 2.*seq is 5 instead of 1/],
    ["is missing", `${good[0]}\n${good[2]}\n`, /line 2.*seq is 2/],
    ["is empty", `${good[0]}\n\n${good[2]}\n`, /line 2.*not JSON/],
  ])("of which a line %s is refused, with its number and a cure", (_what, text, sentence) => {
    write(text);
    expect(() => readHistory(folder)).toThrow(
      expect.objectContaining({
        code: "E_HISTORY_BAD",
        exitCode: 3,
        message: expect.stringMatching(sentence),
        cure: expect.any(String),
      }),
    );
  });
  test("of a newer schema is refused, even if its events are strange", () => {
    write(`${JSON.stringify({ ...JSON.parse(good[0] ?? ""), schema: 2, new: "field" })}\n`);
    expect(() => readHistory(folder)).toThrow(expect.objectContaining({ code: "E_HISTORY_NEWER" }));
  });
});

describe("a side file", () => {
  const written = async (): Promise<EventOf<"samples">> => {
    const writer = await HistoryWriter.open(folder, { redact: (text) => text });
    const side = writer.samplesFile("o", "l");
    side.write(sampleOf({ status: 200 }));
    const event = await side.end({ vantage: "v", probe: "http", target: "t" });
    await writer.close();
    return event;
  };
  test("that was edited is refused", async () => {
    const event = await written();
    const path = join(folder, event.file);
    writeFileSync(path, readFileSync(path, "utf8").replace("200", "500"));
    expect(() => readSideFile(folder, event)).toThrow(
      expect.objectContaining({ code: "E_SAMPLES_BAD", message: expect.stringContaining("sha256") }),
    );
  });
  test("that grew, or is gone, is refused", async () => {
    const event = await written();
    appendFileSync(join(folder, event.file), "{}\n");
    expect(() => readSideFile(folder, event)).toThrow(expect.objectContaining({ code: "E_SAMPLES_BAD" }));
    rmSync(join(folder, event.file));
    expect(() => readSideFile(folder, event)).toThrow(/cannot be read \(ENOENT\)/);
  });
  test("outside the run's folder is never read", () => {
    const events = historyOf([
      runStarted,
      {
        type: "samples",
        observation: "o",
        label: "l",
        vantage: "v",
        probe: "p",
        target: "t",
        file: "samples/../../x",
        count: 0,
        sha256: "0".repeat(64),
      },
    ]);
    write(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
    expect(() => readHistory(folder)).toThrow(expect.objectContaining({ code: "E_HISTORY_BAD" }));
  });
});
