import { dirname } from "node:path";
import { connect, type Endpoint } from "../provision/endpoint.ts";
import { holdsAnythingOf, removeRun } from "../remove-run.ts";
import { UndoJournal } from "../undo/journal.ts";
import { undo } from "../undo/step.ts";

/**
 * The reaper once its runner is dead: removes everything of the run, or, where the run hurt a kept replica, undoes what stands open in that one's journal. Its
 * arguments are this module, the run's id, the endpoint of the user's Docker, and the journal's path in the second case.
 */
const [, runId, where, journalPath] = process.argv.slice(2) as [string, string, string, string?];

/** How long nothing more may turn up: what Docker was asked to create when the runner died may appear a while later. */
const quietMs = 3_000;
const withinMs = 60_000;

const docker = await connect(JSON.parse(where) as Endpoint);
if (journalPath !== undefined) process.exit((await undoneFrom(journalPath)) ? 0 : 1);
const deadline = performance.now() + withinMs;
let cleanSince: number | undefined;
let quiet = false;
while (!quiet && performance.now() < deadline) {
  // A store clone is made by a container of the run, so once all is gone a new one shows itself by its label; looking into the store takes a container each time.
  const clean = await (cleanSince === undefined ? removed() : empty()).catch(() => false);
  if (!clean) cleanSince = undefined;
  else cleanSince ??= performance.now();
  quiet = cleanSince !== undefined && performance.now() - cleanSince >= quietMs;
  if (!quiet) await new Promise((resolve) => setTimeout(resolve, 300));
}
process.exit(quiet ? 0 : 1);

async function removed(): Promise<boolean> {
  return (await removeRun(docker, runId)).left.length === 0;
}

async function empty(): Promise<boolean> {
  return !(await holdsAnythingOf(docker, runId));
}

/** A fault that was just announced when the runner died may still be taking hold, so everything is undone twice, the second time when nothing new can come. */
async function undoneFrom(path: string): Promise<boolean> {
  const journal = new UndoJournal(dirname(path));
  const left = journal.left().toReversed();
  let undone = true;
  for (let round = 0; round < 2; round += 1) {
    if (round > 0) await new Promise((resolve) => setTimeout(resolve, quietMs));
    undone = true;
    for (const { steps } of left) if ((await undo(docker, steps)).length > 0) undone = false;
  }
  if (undone) for (const { id } of left) journal.close(id);
  return undone;
}
