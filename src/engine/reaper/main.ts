import { connect, type Endpoint } from "../provision/endpoint.ts";
import { holdsAnythingOf, removeRun } from "../remove-run.ts";

/** The reaper once its runner is dead: removes everything of the run. Its arguments are this module, the run's id and the endpoint of the user's Docker. */
const [, runId, where] = process.argv.slice(2) as [string, string, string];

/** How long nothing more may turn up: what Docker was asked to create when the runner died may appear a while later. */
const quietMs = 3_000;
const withinMs = 60_000;

const docker = await connect(JSON.parse(where) as Endpoint);
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
