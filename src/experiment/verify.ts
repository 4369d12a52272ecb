import { existsSync } from "node:fs";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { loadSuites } from "../../suites/index.ts";
import type { VerdictDocument } from "../check/verdict.ts";
import { openEngine } from "../engine/provision/open.ts";
import { exitCodes, ResilienceError } from "../history/errors.ts";
import { type Tier, tiers } from "../history/events.ts";
import { attachReplica, keptPlan, type SeenParty } from "../replica/attach.ts";
import { theKept } from "../replica/kept.ts";
import { lookOnce } from "../replica/ready.ts";
import type { Replica } from "../replica/up.ts";
import { Progress } from "../report/progress.ts";
import { painter, terminal } from "../report/terminal.ts";
import { recordSecretScan } from "../report/write-reports.ts";
import { type Ending, endsOf } from "./ending.ts";
import { Observer } from "./observe.ts";
import { Run, type RunSettings } from "./run.ts";
import { refuseUnmatched, type Selection, select } from "./selection.ts";

/** What `verify` is told; durations in milliseconds. */
export interface VerifyCommandOptions extends Omit<RunSettings, "command"> {
  /** Run id of the replica; the only kept one when not given. */
  run?: string;
  only?: string[];
  deadlineMs?: number;
  interactive: boolean;
}

export interface VerifyOutcome {
  exitCode: 0 | 1 | 2 | 130;
  document: VerdictDocument;
  text: string;
}

/**
 * Looks at a kept replica with the checks that only observe, and judges it: a run of its own, with its own folder and history. It starts nothing and
 * takes nothing down; each service gets one look.
 */
export async function runVerify(options: VerifyCommandOptions): Promise<VerifyOutcome> {
  await loadSuites();
  refuseUnmatched(options.only, ["observe"]);
  const { docker } = await openEngine({ provision: "never", onProgress: options.onProgress, signal: options.signal });
  const replicaRun = await theKept(docker, options.run);
  const replicaFolder = join(options.runsDir, replicaRun);
  if (!existsSync(replicaFolder)) {
    throw new ResilienceError("E_REPLICA_FILES", `Replica ${replicaRun} runs, but its folder ${replicaFolder} is not there.`, {
      cure: "Give --runs-dir the folder that `up` used; without it `down` can still take the replica down.",
      exitCode: exitCodes.badInput,
    });
  }
  const { plan, upTo, hasTailnet } = keptPlan(replicaFolder);
  const noTailnet = hasTailnet ? undefined : "the replica was brought up without a tailnet (`up --tailnet`)";
  const selection = whatRuns(select(plan, options.only, ["observe"], noTailnet), upTo);
  const ends = endsOf(options.signal, options.deadlineMs);
  const paint = painter({ isTTY: options.interactive, env: process.env });
  const progress = new Progress(process.stderr, paint);
  const run = await Run.open({ ...options, command: `verify ${replicaRun}` }, plan, progress.onEvent);
  const { history } = run;

  let replica: Replica | undefined;
  let ended: Ending = { reason: "completed" };
  let failure: unknown;
  try {
    await run.plan(plan, selection);
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
    const observer = new Observer(replica, history, ends.signal, (name, value) => void run.redactor.add(name, value));
    await observer.together(selection.observations.filter((one) => !one.alone));
    await observer.oneByOne(selection.observations.filter((one) => one.alone));
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
  await recordSecretScan(history, run.redactor.secrets());
  history.append({ type: "run-ended", ...ended });
  const { verdict, events } = await run.finish();
  progress.end();
  if (failure instanceof ResilienceError && failure.exitCode >= exitCodes.badInput) throw failure;
  return { exitCode: verdict.exitCode, document: verdict, text: terminal(verdict, events, { folder: run.folder, paint }) };
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
