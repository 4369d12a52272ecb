import { existsSync } from "node:fs";
import { join } from "node:path";
import type Dockerode from "dockerode";
import type { VerdictDocument } from "../check/verdict.ts";
import { openEngine } from "../engine/provision/open.ts";
import type { Reached } from "../engine/provision/reach.ts";
import { exitCodes, ResilienceError } from "../history/errors.ts";
import { type Tier, tiers } from "../history/events.ts";
import { attachReplica, keptPlan, type SeenParty } from "../replica/attach.ts";
import { theKept } from "../replica/kept.ts";
import { lookOnce } from "../replica/ready.ts";
import type { Replica } from "../replica/up.ts";
import { Progress } from "../report/progress.ts";
import { painter, terminal } from "../report/terminal.ts";
import { recordSecretScan } from "../report/write-reports.ts";
import type { ReplicaPlan } from "../substitute/plan.ts";
import { type Ending, endsOf } from "./ending.ts";
import { type ExperimentMeans, Observer } from "./observe.ts";
import { Run, type RunSettings } from "./run.ts";
import type { Lacking, Selection } from "./selection.ts";

/** What a command on a kept replica is told; durations in milliseconds. */
export interface OnKeptOptions extends Omit<RunSettings, "command"> {
  /** Run id of the replica; the only kept one when not given. */
  run?: string;
  deadlineMs?: number;
  interactive: boolean;
}

export interface OnKeptOutcome {
  exitCode: 0 | 1 | 2 | 130;
  document: VerdictDocument;
  text: string;
}

/** What a command does there. */
export interface OnKeptWork {
  /** "verify", "chaos on"; the replica's run id is added. */
  command: string;
  select(plan: ReplicaPlan, lacking: Lacking): Selection;
  /** What experiments need, from the folder of the replica's run. */
  means?(replicaFolder: string, run: Run, docker: Dockerode): ExperimentMeans;
  /** Begins what must end with the work, whatever becomes of it; before anything is looked at. */
  begin?(given: { run: Run; engine: Reached; replicaFolder: string; signal: AbortSignal }): Promise<() => Promise<void>>;
  observe(observer: Observer, selection: Selection, replica: Replica, run: Run): Promise<void>;
}

/** A run of its own, with its own folder and history, on a replica that another process brought up. It starts nothing and takes nothing down; each service gets one look first. */
export async function runOnKept(options: OnKeptOptions, work: OnKeptWork): Promise<OnKeptOutcome> {
  const { docker } = await openEngine({ provision: "never", onProgress: options.onProgress, signal: options.signal });
  const replicaRun = await theKept(docker, options.run);
  const replicaFolder = replicaFolderOf(options.runsDir, replicaRun);
  const { plan, upTo, hasTailnet } = keptPlan(replicaFolder);
  const lacking: Lacking = {
    ...(hasTailnet ? {} : { "mode:tailscale": "the replica was brought up without a tailnet (`up --tailnet`)" }),
    ...(plan.node.dataDisk
      ? {}
      : { "node:data-disk": "the replica's node was brought up without a data disk (`up --data-disk`)" }),
  };
  const selection = whatRuns(work.select(plan, lacking), upTo);
  const ends = endsOf(options.signal, options.deadlineMs);
  const paint = painter({ isTTY: options.interactive, env: process.env });
  const progress = new Progress(process.stderr, paint);
  const run = await Run.open({ ...options, command: `${work.command} ${replicaRun}` }, plan, progress.onEvent);
  const { history } = run;

  let replica: Replica | undefined;
  let ended: Ending = { reason: "completed" };
  let failure: unknown;
  let finish: (() => Promise<void>) | undefined;
  try {
    const engine = await run.plan(plan, selection);
    finish = await work.begin?.({ run, engine, replicaFolder, signal: ends.signal });
    replica = await attached(docker, run, replicaFolder);
    await Promise.all(
      plan.services
        .filter((service) => within(service.candidate.tier, upTo))
        .map(async (service) => {
          const { name, tier } = service.candidate;
          const trouble = await lookOnce(replica as Replica, name);
          history.append({
            type: "service",
            service: name,
            tier,
            state: trouble ? "not-ready" : "ready",
            ...(trouble ? { trouble } : {}),
          });
        }),
    );
    const hide = (name: string, value: string) => void run.redactor.add(name, value);
    await work.observe(
      new Observer(replica, history, ends.signal, hide, work.means?.(replicaFolder, run, docker)),
      selection,
      replica,
      run,
    );
    ends.signal.throwIfAborted();
  } catch (error) {
    ended = ends.of(error);
    if (ended.reason === "crashed") failure = error;
    ends.stop();
  }
  // Its own agents only; the replica has others or none.
  await Promise.all(
    [...new Set([...(replica?.vantages.values() ?? [])].map((vantage) => vantage.agent))].map((agent) => agent.close()),
  );
  await finish?.();
  await recordSecretScan(history, run.redactor.secrets());
  history.append({ type: "run-ended", ...ended });
  const { verdict, events } = await run.finish();
  progress.end();
  if (failure instanceof ResilienceError && failure.exitCode >= exitCodes.badInput) throw failure;
  return { exitCode: verdict.exitCode, document: verdict, text: terminal(verdict, events, { folder: run.folder, paint }) };
}

/** Folder of a kept replica's run. @throws ResilienceError E_REPLICA_FILES when it is not there */
export function replicaFolderOf(runsDir: string, replicaRun: string): string {
  const folder = join(runsDir, replicaRun);
  if (existsSync(folder)) return folder;
  throw new ResilienceError("E_REPLICA_FILES", `Replica ${replicaRun} runs, but its folder ${folder} is not there.`, {
    cure: "Give --runs-dir the folder that `up` used; without it `down` can still take the replica down.",
    exitCode: exitCodes.badInput,
  });
}

const within = (tier: Tier, upTo: Tier) => tiers.indexOf(tier) <= tiers.indexOf(upTo);

/** Only what the tiers that were brought up can show. */
function whatRuns(selection: Selection, upTo: Tier): Selection {
  const observations = selection.observations.filter((one) => within(one.tier, upTo));
  const ids = new Set(observations.map((one) => one.id));
  return { ...selection, observations, checks: selection.checks.filter((check) => ids.has(check.observation)), upTo };
}

/** Reaches the replica and writes down what it is and where it is looked at from. */
async function attached(docker: Dockerode, run: Run, replicaFolder: string): Promise<Replica> {
  const { history } = run;
  const { replica, parties } = await attachReplica(docker, replicaFolder);
  for (const [name, value] of replica.secrets.entries()) run.redactor.add(name, value);
  const version = await replica.node.daemon.version();
  history.append({
    type: "engine",
    engine: version.Version,
    api: version.ApiVersion,
    flags: [replica.node.flags],
    loadBalancing: replica.plan.services.some((service) => service.endpointMode === "vip") ? "vip" : "dnsrr",
  });
  for (const party of parties) history.append(partyEvent(party));
  for (const { name, place, subnets, resolver } of replica.vantages.values()) {
    history.append({ type: "vantage", name, place, subnets, ...(resolver ? { resolver } : {}) });
  }
  const agents = [...replica.vantages.values()].map(({ name, agent }) => [name === "localhost" ? "node" : name, agent] as const);
  for (const [agent, client] of agents) {
    const { offsetNs, errorNs } = await client.clock();
    history.append({ type: "clock", agent, segment: 0, offsetNs: offsetNs + history.zeroNs, errorNs });
  }
  return replica;
}

function partyEvent({ name, running, state }: SeenParty) {
  return running
    ? ({ type: "party", party: name, state: "ready" } as const)
    : ({ type: "party", party: name, state: "failed", detail: `its container is ${state}` } as const);
}
