import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { referenceCandidate } from "../../src/candidate/reference/reference.ts";
import { plannedFindings, previousRun } from "../../src/experiment/planned-findings.ts";
import { runInProcess } from "../cli/io.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const candidate = referenceCandidate();
const all = plannedFindings(candidate, undefined).findings;
const newest = "20261125-120000-bbbb";

/** A runs folder with the verdicts of those runs; a text is written as it is. */
async function runs(verdicts: Record<string, object | string>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, verdict] of Object.entries(verdicts)) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "verdict.json"), typeof verdict === "string" ? verdict : JSON.stringify(verdict));
  }
  return folder;
}
const verdict = (runId: string, more: object = {}) => ({
  runId,
  candidate: { name: "reference", profile: "core" },
  services: [{}],
  findings: all,
  ...more,
});
const previous = async (verdicts: Record<string, object | string>, mutation?: string) =>
  previousRun(await runs(verdicts), { name: "reference", profile: "core", mutation })?.runId;

it("the newest earlier run of the candidate counts, by its name", async () => {
  const verdicts = {
    "20261124-120000-aaaa": verdict("older"),
    [newest]: verdict("newest"),
    "20261123-120000-cccc": verdict("oldest"),
  };
  expect(await previous(verdicts)).toBe("newest");
});

it.each<[string, object | string]>([
  ["of another candidate", verdict("x", { candidate: { name: "other", profile: "core" } })],
  ["of another profile", verdict("x", { candidate: { name: "reference", profile: "whole" } })],
  ["changed on purpose", verdict("x", { candidate: { name: "reference", profile: "core", mutation: "m" } })],
  ["that planned nothing", verdict("x", { services: [] })],
  ["whose verdict is torn", '{"runId":"x","candidate":'],
  ["whose verdict is none", '"x"'],
])("a run %s is passed over", async (_, met) => {
  expect(await previous({ "20261124-120000-aaaa": verdict("older"), [newest]: met })).toBe("older");
  expect(await previous({ [newest]: met })).toBeUndefined();
});

it("a changed candidate is compared with one that was changed alike", async () => {
  const changed = verdict("changed", { candidate: { name: "reference", profile: "core", mutation: "m" } });
  expect(await previous({ "20261124-120000-aaaa": changed, [newest]: verdict("plain") }, "m")).toBe("changed");
});

it("a folder that is not there, or not named like a run, holds none", async () => {
  expect(previousRun(join(await temporaryFolder(), "gone"), candidate)).toBeUndefined();
  expect(await previous({ kept: verdict("x") })).toBeUndefined();
});

it("marks what the earlier run did not have, and nothing in a first run", () => {
  expect(all.some((finding) => finding.since)).toBe(false);
  const [first, ...others] = all;
  const now = plannedFindings(candidate, { runId: "r", findings: others });
  expect(now.comparedWith).toBe("r");
  expect(now.findings.filter((finding) => finding.since === "new")).toEqual([{ ...first, since: "new" }]);
});

it("takes Pulumi's suffix for no change", () => {
  const suffixed = all.map((finding) => ({ ...finding, what: finding.what.replaceAll("-0000000", "-1a2b3c4") }));
  expect(plannedFindings(candidate, { runId: "r", findings: suffixed }).findings.filter((finding) => finding.since)).toEqual([]);
});

it("plan prints them and marks new ones against the newest run", async () => {
  const others = all.filter((finding) => finding.rule !== "static/image-floats");
  const folder = await runs({ [newest]: verdict(newest, { findings: others }) });
  const json = JSON.parse((await runInProcess(["plan", "--json", "--runs-dir", folder])).out);
  expect(json.comparedWith).toBe(newest);
  expect(
    json.findings.filter((finding: { since?: string }) => finding.since).map((finding: { rule: string }) => finding.rule),
  ).toEqual(["static/image-floats"]);
  const { out } = await runInProcess(["plan", "--runs-dir", folder]);
  expect(out).toContain(`Findings: ${all.length} findings, 1 new since run ${newest}`);
  expect(out).toMatch(/new static\/image-floats\n {4}service:traefik-socket-sock-proxy: .*\n {4}cure: /);
});

it("plan shows apart what the baseline accepts", async () => {
  const folder = await temporaryFolder();
  const entry = { finding: "static/image-line@service:traefik", owner: "ops", reason: "patches wanted", until: "2999-12-31" };
  writeFileSync(join(folder, "baseline.json"), JSON.stringify([entry]));
  const cwd = vi.spyOn(process, "cwd").mockReturnValue(folder);
  onTestFinished(() => cwd.mockRestore());
  const { out } = await runInProcess(["plan", "--runs-dir", folder], { cwd: folder });
  expect(out).toContain(`Findings: ${all.length - 1} findings; 1 accepted`);
  expect(out).toContain("accepted by ops until 2999-12-31: static/image-line at service:traefik");
});
