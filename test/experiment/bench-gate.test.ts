import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { resourcesOfGate } from "../../src/experiment/bench/one-gate.ts";
import type { EventBody } from "../../src/history/events.ts";
import { historyOf, runStarted } from "../check/a-history.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sprocket-bench-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program in place of ours; `body` is its JavaScript. */
const gate = (body: string, signal = new AbortController().signal) => {
  const program = join(folder, "program.mjs");
  writeFileSync(program, body);
  const lines: string[] = [];
  return {
    lines,
    result: resourcesOfGate({ runsDir: folder, retain: 5, signal, onProgress: (line) => lines.push(line), program }),
  };
};

it("asks for one whole gate and reads what it used from that gate's history", async () => {
  const used: EventBody = { type: "resources", subject: "harness", memoryBytes: 7, cpuSeconds: 1.5, of: {} };
  mkdirSync(join(folder, "r-test"));
  const lines = historyOf([runStarted, used, { type: "run-ended", reason: "completed" }]).map((event) => JSON.stringify(event));
  writeFileSync(join(folder, "r-test", "history.jsonl"), `${lines.join("\n")}\n`);
  const run = gate(`
    process.stderr.write("working\\n");
    const asked = process.argv.slice(2).join(" ") === "gate --json --runs-dir ${folder} --retain 5";
    process.stdout.write(JSON.stringify(asked ? { runId: "r-test", verdict: "fail" } : {}));
    process.exitCode = 1;`);
  const { runId, verdict, resources } = await run.result;
  expect({ runId, verdict }).toEqual({ runId: "r-test", verdict: "fail" });
  expect(resources).toMatchObject([used]);
  expect(run.lines).toEqual(["gate: working"]);
});

it("says what a gate last said when there is no verdict", async () => {
  const run = gate(`process.stderr.write("E_NO_ENGINE: no Docker here\\n"); process.exitCode = 4;`);
  await expect(run.result).rejects.toMatchObject({ code: "E_BENCH_GATE", message: expect.stringMatching(/code 4: E_NO_ENGINE/) });
});

it("ends the gate when it is ended itself", async () => {
  const abort = new AbortController();
  const run = gate(
    `process.on("SIGINT", () => process.exit(130)); process.stderr.write("up\\n"); setInterval(() => {}, 1000);`,
    abort.signal,
  );
  const ended = expect(run.result).rejects.toThrow("over");
  while (run.lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  abort.abort(new Error("over"));
  await ended;
});
