import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { judgeHistory } from "../../src/check/judge.ts";
import { verdictBytes } from "../../src/check/verdict.ts";
import { readHistory, sideFiles } from "../../src/history/reader.ts";
import { Redactor } from "../../src/history/redactor.ts";
import { HistoryWriter } from "../../src/history/writer.ts";
import { recordSecretScan, scanForSecrets, writeReports } from "../../src/report/write-reports.ts";
import { aRun, definitions, sideFile, verdictOf } from "./a-run.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reports-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("all four reports are written, and nothing else", () => {
  const events = aRun(true);
  const paths = writeReports(folder, verdictOf(events), events, { sideFile });
  expect(readdirSync(folder).sort()).toEqual(["junit.xml", "report.html", "summary.md", "verdict.json"]);
  expect(JSON.parse(readFileSync(paths.verdict, "utf8"))).toEqual(verdictOf(events));
});

test("a verdict is reproduced byte for byte from history and side files alone", async () => {
  const run = join(folder, "run");
  const writer = await HistoryWriter.open(run, new Redactor());
  for (const { seq: _seq, t: _t, at: _at, ...body } of aRun(false)) {
    if (body.type !== "samples") {
      writer.append(body);
      continue;
    }
    const { vantage, probe, target } = body;
    const side = writer.samplesFile(body.observation, body.label);
    for (const sample of sideFile()) side.write(sample);
    await side.end({ vantage, probe, target });
  }
  await writer.close();
  const again = () => {
    const { events } = readHistory(run);
    return judgeHistory(events, definitions, { sideFile: sideFiles(run, events) });
  };
  const first = again();
  const written = writeReports(run, first, readHistory(run).events);
  expect(first.verdict).toBe("pass");
  expect(verdictBytes(again())).toBe(readFileSync(written.verdict, "utf8"));
});

describe("a secret in our own artifacts", () => {
  const redactor = new Redactor();
  redactor.add("redis", 'se"same-ü');
  test("is found in any file, plain or escaped, and not repeated", () => {
    mkdirSync(join(folder, "logs"));
    writeFileSync(join(folder, "logs/a.log"), 'one\ntwo se"same-ü\n');
    writeFileSync(join(folder, "verdict.json"), JSON.stringify({ x: 'se"same-ü' }));
    writeFileSync(join(folder, "clean.txt"), "nothing");
    const leaked = scanForSecrets(folder, redactor.secrets());
    expect(leaked).toEqual([
      { file: "logs/a.log", name: "redis", line: 2 },
      { file: "verdict.json", name: "redis", line: 1 },
    ]);
    expect(JSON.stringify(leaked)).not.toContain("same");
  });
  test("that reached the history is recorded as a fact of it", async () => {
    const writer = await HistoryWriter.open(join(folder, "run"), { redact: (text) => text });
    writer.append({ type: "log", level: "info", text: 'se"same-ü' });
    const leaked = await recordSecretScan(writer, redactor.secrets());
    await writer.close();
    expect(leaked).toEqual([{ file: "history.jsonl", name: "redis", line: 1 }]);
    expect(readHistory(join(folder, "run")).events.at(-1)).toMatchObject({
      type: "fact",
      observation: "run/no-secrets",
      data: leaked,
    });
  });
  test("is not found where there is none", () => {
    writeFileSync(join(folder, "clean.txt"), "[redacted:redis]");
    expect(scanForSecrets(folder, redactor.secrets())).toEqual([]);
  });
});
