import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { referenceCandidate } from "../../src/candidate/reference/reference.ts";
import { anExport, recorded, recordedAs } from "../candidate/pulumi-state/an-export.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { runInProcess } from "./io.ts";
import { violations } from "./schemas.ts";

async function exportFile(text: string): Promise<{ cwd: string; file: string }> {
  const cwd = await temporaryFolder();
  writeFileSync(join(cwd, "state.json"), text);
  return { cwd, file: "state.json" };
}
const drift = (args: string[], cwd: string) => runInProcess(["drift", ...args], { cwd });
const old = recorded("old-1234567", { image: "old:\u001b[31m1" });
describe("drift", () => {
  it("ends with 1 on drift, and says it in text and as a document of its schema", async () => {
    const { cwd, file } = await exportFile(anExport([old]));
    const text = await drift(["--export", file], cwd);
    expect(text.exitCode).toBe(1);
    expect(text.out).toMatch(/^\d+ services compared with state\.json: \d+ fields of \d+ services differ\./);
    expect(text.out).toContain("\nold\n  service: candidate missing | export recorded\n");
    const json = await drift(["--export", file, "--json"], cwd);
    expect([json.exitCode, violations(json.out)]).toEqual([1, []]);
    expect(JSON.parse(json.out)).toMatchObject({
      format: "drift",
      exports: [{ file: "state.json", project: "platform", stack: "prod" }],
    });
  });
  it("ends with 0 when everything is recorded as it is defined", async () => {
    const { cwd, file } = await exportFile(anExport(referenceCandidate().services.map(recordedAs)));
    const { exitCode, out } = await drift(["--export", file], cwd);
    expect([exitCode, out.split("\n")[0]]).toEqual([
      0,
      expect.stringMatching(/^\d+ services compared with state\.json: no drift\.$/),
    ]);
    expect(out).toMatch(/\d fields cannot be compared, since a source keeps the value secret/);
  });
  it.each([
    [["--export", "gone.json"], "E_BAD_INPUT"],
    [[], "E_BAD_INPUT"],
    [["--export", "state.json"], "E_STATE_TRUNCATED"],
  ])("ends with 3 on %j", async (args, code) => {
    const { cwd } = await exportFile('{"version":3,');
    const { exitCode, err } = await drift(args, cwd);
    expect([exitCode, err.split(":")[0]]).toEqual([3, code]);
  });
  it("keeps a terminal safe from what an export holds", async () => {
    const { cwd, file } = await exportFile(anExport([recorded("\u001b[31mred-1234567", { image: "a" })]));
    expect((await drift(["--export", file], cwd)).out).not.toContain("\u001b");
  });
});
