import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { closest } from "fastest-levenshtein";
import type { ProvidedImage } from "../engine/images/index.ts";
import { labelsOf } from "../engine/labels.ts";
import { runnerIdentity } from "../engine/live-runs.ts";
import { Reaper } from "../engine/reaper/reaper.ts";
import { removeRun } from "../engine/remove-run.ts";
import { type ExitCode, exitCodes, ResilienceError } from "../history/errors.ts";
import type { HistoryEvent } from "../history/events.ts";
import { exponentialDelays, startKnownTarget } from "../load/known-target.ts";
import { type Replica, up } from "../replica/up.ts";
import type { BenchDocument } from "../report/documents.ts";
import type { ReplicaPlan } from "../substitute/plan.ts";
import {
  besideWrk,
  type InstrumentPlace,
  ledgers,
  openInstruments,
  percentiles,
  recoveries,
  stall,
} from "./bench/instruments.ts";
import { apiTarget, type LatencyPairs, type LatencyTarget, measureLatency, middleOf, words } from "./bench/latency.ts";
import { resourcesOfGate } from "./bench/one-gate.ts";
import { latencyRatios, noise, type RatioName, type Ratios, ratioNames, resourceRatios, startRatios } from "./bench/ratios.ts";
import { type ReplicaStart, startsOf } from "./bench/start.ts";
import { type CandidateSource, loadPlan } from "./candidate.ts";
import { type Ending, endsOf } from "./ending.ts";
import { resourceEvents } from "./resources.ts";
import { Run, type RunSettings } from "./run.ts";
import { proveSteady } from "./steady.ts";

/** What `bench` is told. */
export interface BenchOptions extends Omit<RunSettings, "command" | "retain"> {
  candidate: Extract<CandidateSource, { kind: "reference" }>;
  /** Patterns of ratio names, `*` for any part; none = all. */
  only?: string[];
}

export interface BenchOutcome {
  exitCode: ExitCode;
  document: BenchDocument;
  text: string;
}

/** Pairs of starts, in the order AB BA AB; and of load: 2000 requests a run, so that twenty of them lie beyond the p99. */
const startPairs = 3;
const loadShape = { pairs: 5, ratePerSecond: 100, seconds: 20 };
/** A bench makes two runs, its own and its gate's; older ones are not its business. */
const retain = 10_000;

/**
 * Measures the harness itself, all within one run (docs/measuring.md has each formula): replica starts, all at once and one by one in turns; latency beside k6; one gate.
 * Ends with 1 when a ratio misses its goal, with 2 when one that was asked for could not be measured.
 */
export async function runBench(options: BenchOptions): Promise<BenchOutcome> {
  const wanted = wantedRatios(options.only);
  const { plan } = await loadPlan(options.candidate, options);
  const ends = endsOf(options.signal, undefined);
  const events: HistoryEvent[] = [];
  const run = await Run.open({ ...options, retain, command: "bench" }, plan, (event) => events.push(event));
  const notes: string[] = [
    `run ${run.id}, load average ${loadavg()
      .map((load) => load.toFixed(2))
      .join(" ")}`,
  ];
  let ratios: Ratios = {};
  let ended: Ending = { reason: "completed" };
  let failure: unknown;
  let bench: Bench | undefined;
  try {
    const engine = await run.plan(plan, {
      observations: [],
      checks: [],
      notApplicable: [],
      upTo: "platform",
      tailnet: false,
      dataDisk: false,
    });
    bench = new Bench(engine.docker, run, plan, Reaper.start(run.id, engine.endpoint), ends.signal, events);
    if (wanted.some((name) => name.startsWith("instruments-")))
      ratios = { ...ratios, ...(await instruments(bench, wanted, notes)) };
    if (wanted.some((name) => name.startsWith("replica-start/"))) ratios = { ...ratios, ...(await starts(bench, notes)) };
    if (wanted.some((name) => name.startsWith("latency-"))) ratios = { ...ratios, ...(await latency(bench, notes)) };
    if (wanted.some((name) => name.startsWith("harness-") || name === "replica-memory")) {
      const gate = await resourcesOfGate({
        runsDir: options.runsDir,
        retain,
        signal: ends.signal,
        onProgress: options.onProgress,
      });
      notes.push(`gate ${gate.runId}: ${gate.verdict}`);
      for (const { subject, memoryBytes, cpuSeconds, of } of gate.resources)
        run.history.append({
          type: "fact",
          observation: "bench/gate",
          name: subject,
          data: { gate: gate.runId, memoryBytes, cpuSeconds, of },
        });
      ratios = { ...ratios, ...resourceRatios(gate.resources) };
    }
  } catch (error) {
    ended = ends.of(error);
    failure = error;
    ends.stop();
  }
  await bench?.down();
  bench?.reaper.dismiss();
  run.history.append({ type: "run-ended", ...ended });
  await run.history.close();
  if (failure) throw failure;

  const measured = Object.fromEntries(wanted.flatMap((name) => (ratios[name] ? [[name, ratios[name]]] : [])));
  const document: BenchDocument = { schema: 1, ratios: measured };
  writeFileSync(join(run.folder, "bench.json"), `${JSON.stringify(document, null, 2)}\n`);
  notes.push(
    `load average at the end ${loadavg()
      .map((load) => load.toFixed(2))
      .join(" ")}`,
  );
  const missing = wanted.filter((name) => !measured[name]);
  const missed = Object.values(measured).some(({ value, goal }) => value > goal);
  return {
    exitCode: missed ? exitCodes.fail : missing.length > 0 ? exitCodes.unknown : exitCodes.pass,
    document,
    text: table(measured, missing, notes),
  };
}

/** One replica at a time, up and down under the run's own name. */
class Bench {
  readonly docker: Dockerode;
  readonly run: Run;
  readonly plan: ReplicaPlan;
  readonly reaper: Reaper;
  readonly signal: AbortSignal;
  readonly events: readonly HistoryEvent[];
  #standing = false;
  #images: Promise<ProvidedImage[]> | undefined;

  constructor(
    docker: Dockerode,
    run: Run,
    plan: ReplicaPlan,
    reaper: Reaper,
    signal: AbortSignal,
    events: readonly HistoryEvent[],
  ) {
    this.docker = docker;
    this.run = run;
    this.plan = plan;
    this.reaper = reaper;
    this.signal = signal;
    this.events = events;
  }

  /** Of the replica, had when it is first wanted: our instruments need none of them. */
  images(): Promise<ProvidedImage[]> {
    this.#images ??= this.run.images(this.docker, this.plan);
    return this.#images;
  }

  /** Brings a replica up whole; its processor time until then is in the history before anything else touches it. */
  async up(oneByOne: boolean): Promise<Replica> {
    const { docker, run, plan, signal } = this;
    const images = await this.images();
    this.begin();
    const replica = await up(
      {
        docker,
        runId: run.id,
        plan,
        images,
        append: (event) => void run.history.append(event),
        zeroNs: run.history.zeroNs,
        hide: (name, value) => void run.redactor.add(name, value),
        signal,
        onProgress: run.settings.onProgress,
        upTo: "platform",
        oneByOne,
      },
      async () => {},
    );
    for (const event of await resourceEvents(docker, run.id, this.reaper.pid, replica)) run.history.append(event);
    return replica;
  }

  /** From now on something of the run stands, which \`down\` removes. */
  begin(): void {
    this.#standing = true;
  }

  async down(): Promise<void> {
    if (!this.#standing) return;
    const started = performance.now();
    const { left } = await removeRun(this.docker, this.run.id);
    this.run.history.append({ type: "teardown", left, durationMs: Math.round(performance.now() - started) });
    this.#standing = false;
  }
}

async function starts(bench: Bench, notes: string[]): Promise<Ratios> {
  const together: ReplicaStart[] = [];
  const oneByOne: ReplicaStart[] = [];
  const cores = cpus().length;
  // A start before the first: whatever the machine keeps of images and files from now on, it keeps for both kinds.
  await bench.up(false);
  await bench.down();
  for (let pair = 0; pair < startPairs; pair++) {
    for (const one of pair % 2 === 0 ? [false, true] : [true, false]) {
      const before = startsOf(bench.events).length;
      await bench.up(one);
      const [start] = startsOf(bench.events).slice(before);
      await bench.down();
      const kind = one ? "one by one" : "all at once";
      if (!start) {
        notes.push(`a start (${kind}) did not come up whole and is not counted`);
        continue;
      }
      (one ? oneByOne : together).push(start);
      const line =
        `start, ${kind}: ${seconds(start.wholeMs)} s; chain ${seconds(start.chainMs)} s (${start.links.map(({ name, ms }) => `${name} ${seconds(ms)}`).join(", ")}); ` +
        `processor ${(start.cpuSeconds ?? Number.NaN).toFixed(1)} s ÷ ${cores} cores`;
      notes.push(line);
      bench.run.settings.onProgress(line);
    }
  }
  return startRatios(together, oneByOne, cores);
}

/** Our instruments against a target whose truth is known: no replica. */
async function instruments(bench: Bench, wanted: readonly RatioName[], notes: string[]): Promise<Ratios> {
  const { docker, run, signal } = bench;
  bench.begin();
  const [agentImage, targetImage] = await run.helperImages(docker, ["agent", "known-target"]);
  if (!agentImage || !targetImage) throw new Error("the bench needs the images of the agent and of the known target");
  const place = await openInstruments({
    docker,
    agentImage: agentImage.tag,
    targetImage: targetImage.tag,
    labels: labelsOf(run.id, "helper", runnerIdentity()),
    name: (of) => `sr-${run.id}-${of}`,
    history: run.history,
    signal,
    tell: (line) => {
      notes.push(line);
      run.settings.onProgress(line);
    },
  });
  let ratios: Ratios = {};
  const measured = { recovery: recoveries, percentiles, stall, ledger: ledgers };
  for (const [name, measure] of Object.entries(measured)) {
    signal.throwIfAborted();
    if (wanted.includes(`instruments-${name}` as RatioName)) ratios = { ...ratios, ...(await measure(place)) };
  }
  if (wanted.some((name) => name.startsWith("instruments-") && name.endsWith("/wrk")))
    ratios = { ...ratios, ...(await wrkRatios(bench, place)) };
  await bench.down();
  return ratios;
}

/** wrk is Debian's; where it cannot be had, its rows are absent and the reason is told. */
async function wrkRatios({ docker, run }: Bench, place: InstrumentPlace): Promise<Ratios> {
  const images = await run.helperImages(docker, ["wrk", "k6"]).catch((error: unknown) => {
    if (!(error instanceof ResilienceError)) throw error;
    place.tell(`nothing was measured beside wrk: ${error.message}`);
    return [];
  });
  const [wrk, k6] = images;
  return wrk && k6 ? await besideWrk(place, { wrk: wrk.tag, k6: k6.tag }) : {};
}

async function latency(bench: Bench, notes: string[]): Promise<Ratios> {
  const { docker, run, signal } = bench;
  const [k6Image, targetImage] = await run.helperImages(docker, ["k6", "known-target"]);
  const replica = await bench.up(false);
  const trouble = await proveSteady(replica, run.history, signal);
  if (trouble || !k6Image) {
    notes.push(`latency was not measured: ${trouble ?? "there is no image of k6"}`);
    return {};
  }
  const given = { docker, replica, history: run.history, k6Image: k6Image.tag, signal, onProgress: run.settings.onProgress };
  const vantage = replica.vantages.get("public");
  if (!vantage || !targetImage) throw new Error("the bench needs a public vantage and the image of the known target");
  const known = await startKnownTarget(docker, {
    image: targetImage.tag,
    besideContainer: vantage.containerId,
    name: `sr-${run.id}-known-target`,
    labels: labelsOf(run.id, "helper", runnerIdentity()),
  });
  const service = await known.target.http({ delaysMs: exponentialDelays(loadShape.ratePerSecond * loadShape.seconds) });
  const target = (path: "/work" | "/now"): LatencyTarget => ({
    name: path === "/work" ? "known" : "known-at-once",
    url: service.url(path),
    truth: { begin: service.begin, seen: () => service.seen(path) },
  });
  const pairs = await measureLatency(given, target("/work"), loadShape);
  tellLatency(pairs, "a server with known latencies", notes);
  // Where the answer takes no time, what is left is the client's own.
  const few = { ...loadShape, pairs: 1 };
  tellLatency(await measureLatency(given, target("/now"), few), "a server that answers at once", notes);
  await known.stop();
  tellLatency(await measureLatency(given, apiTarget(replica), few), "the core API through Traefik", notes);
  await bench.down();
  return latencyRatios(pairs.ours, pairs.k6);
}

function tellLatency({ ours, k6, truth }: LatencyPairs, of: string, notes: string[]): void {
  const runs = [
    ["ours", ours.map(({ first }) => first)],
    ["the server's own then", truth.map(({ first }) => first)],
    ["k6's", ours.map(({ second }) => second)],
    ["the server's own then", truth.map(({ second }) => second)],
  ] as const;
  const told = runs.flatMap(([name, all]) => {
    const middle = middleOf(all);
    return middle ? [`${name} ${words(middle)}`] : [];
  });
  const apart = (["p50", "p95", "p99"] as const).map((p) => `${p} ${noise(k6, p)?.toFixed(3) ?? "–"}`).join(", ");
  notes.push(`${of}, ${ours.length} pairs: ${told.join("; ")}; k6 against k6 ${apart}`);
}

function wantedRatios(only: string[] | undefined): RatioName[] {
  if (!only || only.length === 0) return [...ratioNames];
  const wanted = new Set<RatioName>();
  for (const pattern of only) {
    const expression = new RegExp(`^${pattern.split("*").map(RegExp.escape).join(".*")}$`);
    const names = ratioNames.filter((name) => expression.test(name));
    if (names.length === 0)
      throw new ResilienceError(
        "E_BAD_INPUT",
        `--only ${pattern} matches no ratio; nearest is ${closest(pattern, ratioNames)}.`,
        {
          cure: `Ratios are: ${ratioNames.join(", ")}; * stands for any part.`,
          exitCode: exitCodes.badInput,
        },
      );
    for (const name of names) wanted.add(name);
  }
  return ratioNames.filter((name) => wanted.has(name));
}

function table(ratios: Ratios, missing: readonly string[], notes: readonly string[]): string {
  const rows = Object.entries(ratios).map(
    ([name, { value, goal, unit, n }]) =>
      `${value <= goal ? "✔" : "✘"} ${name.padEnd(26)} ${String(value).padStart(8)} ${unit.padEnd(6)} goal ${goal} (n = ${n})`,
  );
  return `${[...rows, ...missing.map((name) => `? ${name.padEnd(26)} not measured`), ...notes.map((note) => `  ${note}`)].join("\n")}\n`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
