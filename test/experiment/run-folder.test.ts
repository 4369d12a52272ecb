import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newRunId, removeOldRuns } from "../../src/experiment/run-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "runs-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (id: string, history = true) => {
  mkdirSync(join(folder, id));
  if (history) writeFileSync(join(folder, id, "history.jsonl"), "");
};

describe("run folders", () => {
  it("have ids that sort by time and differ within a second", () => {
    const early = newRunId(new Date("2026-01-02T03:04:05Z"));
    expect(early).toMatch(/^20260102-030405-[0-9a-f]{4}$/);
    expect(newRunId(new Date("2026-01-02T03:04:06Z")) > early).toBe(true);
  });

  it("are kept newest first", () => {
    for (const id of ["20260101-000000-aaaa", "20260102-000000-aaaa", "20260103-000000-aaaa"]) run(id);
    removeOldRuns(folder, 2);
    expect(readdirSync(folder).sort()).toEqual(["20260102-000000-aaaa", "20260103-000000-aaaa"]);
  });

  it("that are not ours to remove stay, and a folder that is missing is no error", () => {
    run("20250101-000000-aaaa", false);
    run("my-notes");
    removeOldRuns(folder, 0);
    expect(readdirSync(folder).sort()).toEqual(["20250101-000000-aaaa", "my-notes"]);
    expect(() => removeOldRuns(join(folder, "nowhere"), 1)).not.toThrow();
  });
});
