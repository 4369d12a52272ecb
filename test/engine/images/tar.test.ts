import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { packTar } from "../../../src/engine/images/tar.ts";

describe("packTar", () => {
  it("writes what tar reads: content, modes, long names", () => {
    const long = `${"folder-with-a-long-name/".repeat(6)}file`;
    const folder = mkdtempSync(path.join(os.tmpdir(), "tar-test-"));
    try {
      const archive = packTar([
        { path: "a/script", content: "#!/bin/sh\n" },
        { path: "a/text", content: "x".repeat(1500) },
        { path: long, content: "long", mode: 0o600 },
        { path: "empty", content: "" },
      ]);
      execFileSync("tar", ["-x", "-C", folder], { input: archive });
      expect(readFileSync(path.join(folder, "a/text"), "utf8")).toBe("x".repeat(1500));
      expect(readFileSync(path.join(folder, long), "utf8")).toBe("long");
      expect(statSync(path.join(folder, "a/script")).mode & 0o777).toBe(0o755);
      expect(statSync(path.join(folder, long)).mode & 0o777).toBe(0o600);
      expect(statSync(path.join(folder, "empty")).size).toBe(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("gives the same bytes for the same files in any order", () => {
    const a = { path: "a", content: "1" };
    const b = { path: "b", content: "2" };
    expect(packTar([a, b])).toEqual(packTar([b, a]));
  });
});
