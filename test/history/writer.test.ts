import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { EventBody, HistoryEvent } from "../../src/history/events.ts";
import { readHistory, readSideFile, sideFiles } from "../../src/history/reader.ts";
import { Redactor } from "../../src/history/redactor.ts";
import { HistoryWriter } from "../../src/history/writer.ts";
import { runStarted, sampleOf } from "../check/a-history.ts";

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "history-")), "run");
});
afterEach(() => rmSync(join(folder, ".."), { recursive: true, force: true }));

const plain = { redact: (text: string) => text };
const log = (text: string): EventBody => ({ type: "log", level: "info", text });
const lines = () => readFileSync(join(folder, "history.jsonl"), "utf8").split("\n").slice(0, -1);

describe("the history", () => {
  test("is numbered from 0 without gaps, on a clock that does not go back", async () => {
    const writer = await HistoryWriter.open(folder, plain);
    const appended = [runStarted, log("a"), log("b")].map((body) => writer.append(body));
    await writer.close();
    expect(appended.map((event) => event.seq)).toEqual([0, 1, 2]);
    const { events } = readHistory(folder);
    expect(events).toEqual(appended);
    expect(events.every((event, index) => event.t >= (events[index - 1]?.t ?? 0))).toBe(true);
    expect(events[0]?.at).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });

  test("is on disk within 100 ms without being asked", async () => {
    const writer = await HistoryWriter.open(folder, plain);
    writer.append(log("soon"));
    expect(lines()).toHaveLength(0);
    await vi.waitFor(() => expect(lines()).toHaveLength(1), { timeout: 100, interval: 5 });
    await writer.close();
  });

  test("is on disk when flush has resolved", async () => {
    const writer = await HistoryWriter.open(folder, plain);
    writer.append({ type: "fault", observation: "o", fault: "kill", step: "intent", detail: { pid: 1 } });
    await writer.flush();
    expect(JSON.parse(lines()[0] ?? "")).toMatchObject({ type: "fault", step: "intent" });
    await writer.close();
  });

  test("is written to its end when the process ends at once", () => {
    const module = (path: string) => JSON.stringify(new URL(`../../src/history/${path}`, import.meta.url).href);
    const script = `
      const { HistoryWriter } = await import(${module("writer.ts")});
      const writer = await HistoryWriter.open(${JSON.stringify(folder)}, { redact: (text) => text });
      writer.append({ type: "log", level: "info", text: "last words" });
      process.exit(7);`;
    expect(spawnSync(process.execPath, ["--input-type=module", "-e", script]).status).toBe(7);
    expect(lines()).toHaveLength(1);
  });

  test("is never written over", async () => {
    await (await HistoryWriter.open(folder, plain)).close();
    await expect(HistoryWriter.open(folder, plain)).rejects.toMatchObject({ code: "E_HISTORY_EXISTS", exitCode: 3 });
  });

  test("refuses an event that the reader would refuse, and stays whole", async () => {
    const writer = await HistoryWriter.open(folder, plain);
    expect(() => writer.append({ ...log("x"), ok: true } as unknown as EventBody)).toThrow(/"log" event does not fit.*ok/s);
    writer.append(log("fine"));
    await writer.close();
    expect(readHistory(folder).events).toHaveLength(1);
  });

  test("says on flush and on close that it could not be written", () => {
    const module = JSON.stringify(new URL("../../src/history/writer.ts", import.meta.url).href);
    const script = `
      const { HistoryWriter } = await import(${module});
      const writer = await HistoryWriter.open(${JSON.stringify(folder)}, { redact: (text) => text });
      writer.append({ type: "log", level: "info", text: "x".repeat(5000) });
      for (const step of ["flush", "close"]) await writer[step]().catch((error) => console.log(step, error.code));`;
    // A file may have 1 KiB here: the nearest to a full disk that needs no disk.
    const limited = spawnSync(
      "bash",
      ["-c", `trap '' XFSZ; ulimit -f 1; exec "$0" --input-type=module -e "$1"`, process.execPath, script],
      { encoding: "utf8" },
    );
    expect(limited.stdout).toBe("flush E_HISTORY_WRITE\nclose E_HISTORY_WRITE\n");
  });

  test("takes nothing after it was closed", async () => {
    const writer = await HistoryWriter.open(folder, plain);
    await writer.close();
    await writer.close();
    expect(() => writer.append(log("late"))).toThrow(/closed/);
  });

  test("tells its subscribers of each event as it is written, until they leave", async () => {
    const writer = await HistoryWriter.open(folder, { redact: (text) => text.replace("secret", "[redacted:x]") });
    const met: HistoryEvent[] = [];
    const leave = writer.onEvent((event) => met.push(event));
    writer.append(log("a secret"));
    leave();
    writer.append(log("b"));
    await writer.close();
    expect(met.map((event) => event.type === "log" && event.text)).toEqual(["a [redacted:x]"]);
  });

  test("holds no secret, in no event and in no side file", async () => {
    const redactor = new Redactor();
    redactor.add("db", 'pa"ss\nword');
    const writer = await HistoryWriter.open(folder, redactor);
    writer.append({
      type: "fact",
      observation: "o",
      name: "env",
      data: { nested: [{ url: 'x pa"ss\nword y' }], 'pa"ss\nword': 1 },
    });
    const side = writer.samplesFile("o", "l");
    side.write(sampleOf({ error: { kind: "protocol", message: 'pa"ss\nword' } }));
    const event = await side.end({ vantage: "v", probe: "http", target: 'pa"ss\nword' });
    await writer.close();
    const bytes = lines().join("\n") + readFileSync(join(folder, event.file), "utf8");
    expect(bytes).not.toMatch(/word/);
    expect(bytes.match(/\[redacted:db\]/g)).toHaveLength(4);
  });
});

describe("a side file", () => {
  test("is named by an event with its count and hash, and read back as it was", async () => {
    const writer = await HistoryWriter.open(folder, plain);
    const samples = [1, 2, 3].map((n) => sampleOf({ dueMs: n, status: 200 }));
    const side = writer.samplesFile("slo/api", "get /");
    for (const sample of samples) side.write(sample);
    const event = await side.end({ vantage: "public", probe: "http", target: "https://api/" });
    await writer.close();
    expect(event).toMatchObject({ file: "samples/slo-api.get.jsonl", count: 3 });
    const bytes = readFileSync(join(folder, event.file));
    expect(event.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(readSideFile(folder, event)).toEqual(samples);
    expect(sideFiles(folder, readHistory(folder).events)(event.file)).toEqual(samples);
  });

  test("of the same label gets a name of its own", async () => {
    const writer = await HistoryWriter.open(folder, plain);
    expect(writer.samplesFile("o", "l").file).toBe("samples/o.l.jsonl");
    expect(writer.samplesFile("o", "l").file).toBe("samples/o.l.2.jsonl");
    await writer.close();
  });
});
