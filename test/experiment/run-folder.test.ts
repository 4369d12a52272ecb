import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { newRunId, removeOldRuns } from "../../src/experiment/run-folder.ts";
import { replicaFolder } from "../../src/history/run-files.ts";
import { scanForSecrets } from "../../src/report/write-reports.ts";
import { temporaryFolder } from "../temporary-folder.ts";

it("keeps the newest runs, what is no run, and a run whose replica is kept", async () => {
  const runs = await temporaryFolder();
  const ids = [1, 2, 3, 4].map((day) => `2026112${day}-101500-ab12`);
  for (const id of ids) {
    await mkdir(join(runs, id));
    await writeFile(join(runs, id, "history.jsonl"), "");
  }
  await mkdir(join(runs, ids[0] as string, replicaFolder));
  await mkdir(join(runs, "20261120-101500-none"));
  await mkdir(join(runs, "20261119-101500-aaaa"));
  removeOldRuns(runs, 1);
  expect((await readdir(runs)).sort()).toEqual(["20261119-101500-aaaa", "20261120-101500-none", ids[0], ids[3]].sort());
});

it("names runs so that they sort by when they began", () => {
  expect(newRunId(new Date("2026-11-22T10:15:07.900Z"))).toMatch(/^20261122-101507-[0-9a-f]{4}$/);
});

it("a kept replica's own folder is not searched for secrets, its neighbours are", async () => {
  const run = await temporaryFolder();
  for (const folder of [replicaFolder, `${replicaFolder}-log`]) {
    await mkdir(join(run, folder));
    await writeFile(join(run, folder, "secrets.json"), '{"a":"hunter2hunter2"}');
  }
  const secrets = [{ name: "a", spelling: "hunter2hunter2" }];
  expect(scanForSecrets(run, secrets)).toEqual([{ file: `${replicaFolder}-log/secrets.json`, name: "a", line: 1 }]);
});
