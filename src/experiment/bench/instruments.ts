import type Dockerode from "dockerode";
import type { AgentClient } from "../../engine/agent-client.ts";
import { startAgent } from "../../engine/vantage/vantage.ts";
import type { Sample } from "../../history/sample.ts";
import type { HistoryWriter } from "../../history/writer.ts";
import { runK6 } from "../../load/k6.ts";
import {
  exponentialDelays,
  type KnownTarget,
  type OutageKind,
  startKnownTarget,
  uniformDelays,
} from "../../load/known-target.ts";
import { runWrk } from "../../load/wrk.ts";
import { errorMs, ledgerRatio, outageRatio, percentileRatio, stallRatio } from "./instrument-ratios.ts";
import { measureLedger } from "./known-ledger.ts";
import { errorsOf, type MeasuredOutage, measureOutages } from "./known-outage.ts";
import { measureStall, percentileOf, rankOf } from "./known-stall.ts";
import { agentRun, words } from "./latency.ts";
import { latencyRatios, noise, type Pair, type Percentiles, type Ratios } from "./ratios.ts";

/** Where our agent, the target whose truth is known and other tools stand: one network namespace that holds loopback and nothing else. */
export interface InstrumentPlace {
  docker: Dockerode;
  agent: AgentClient;
  target: KnownTarget;
  /** Whose network the other tools share. */
  containerId: string;
  labels: Record<string, string>;
  name: (of: string) => string;
  history: HistoryWriter;
  signal: AbortSignal;
  tell: (line: string) => void;
}

const observation = "bench/instruments";

/** Starts both. What it started carries the labels, and is removed with the run. */
export async function openInstruments(
  place: Omit<InstrumentPlace, "agent" | "target" | "containerId"> & { agentImage: string; targetImage: string },
): Promise<InstrumentPlace> {
  const { docker, labels, name, agentImage, targetImage } = place;
  const container = await docker.createContainer({
    name: name("instruments"),
    Image: agentImage,
    Labels: labels,
    Entrypoint: ["sleep"],
    Cmd: ["infinity"],
    HostConfig: { NetworkMode: "none" },
  });
  await container.start();
  const agent = await startAgent(docker, container.id);
  const besideContainer = container.id;
  const { target } = await startKnownTarget(docker, { image: targetImage, besideContainer, name: name("known-target"), labels });
  return { ...place, agent, target, containerId: container.id };
}

const outageKinds: OutageKind[] = ["refuse", "hang", "unavailable", "reset"];
const outagesMs = [50, 200, 1000, 5000, 30_000];

/** Outages of each kind side by side, each kind on a service of its own. */
export async function recoveries(place: InstrumentPlace): Promise<Ratios> {
  const { agent, target, history, tell } = place;
  const measured = await Promise.all(outageKinds.map((kind) => measureOutages(agent, target, { kind, lastsMs: outagesMs })));
  const outages = measured.flat();
  for (const outage of outages) history.append({ type: "fact", observation, name: "outage", data: outage });
  for (const [at, kind] of outageKinds.entries()) tell(`outages, ${kind}: ${(measured[at] ?? []).map(said).join("; ")}`);
  return outageRatio(outages);
}

function said(outage: MeasuredOutage): string {
  const { askedMs, truth, recovery, clockErrorNs } = outage;
  const trueMs = (truth.ended.to - truth.began.from) / 1e6;
  const errors = errorsOf(outage);
  const off = errors ? `off by ${errors.recoveryMs.toFixed(2)}, ${errors.outageMs.toFixed(2)}` : `off by ${errorMs(outage)}`;
  return `${askedMs} ms (true ${trueMs.toFixed(2)}, recovery ${recovery.recoveredMs?.toFixed(2) ?? "–"}, outage ${recovery.outageMs?.toFixed(2) ?? "–"}, ${off}, clocks ± ${(clockErrorNs / 1e6).toFixed(2)})`;
}

const loadShape = { ratePerSecond: 100, count: 2000 };

/** Percentiles from the due time, as our checks judge them, beside the target's own of the same requests. */
export async function percentiles(place: InstrumentPlace, runs = 3): Promise<Ratios> {
  const service = await place.target.http({ delaysMs: exponentialDelays(loadShape.count) });
  const pairs: Pair[] = [];
  for (let run = 0; run < runs; run++) {
    await service.begin();
    const samples = await drive(place, service.url("/work"), loadShape.count);
    const seen = await service.seen("/work");
    const first = threeOf((percent) => percentileOf(samples, percent));
    const second = threeOf((percent) => rankOf(seen, percent));
    const failed = samples.length - seen.length;
    place.history.append({
      type: "fact",
      observation,
      name: "percentiles",
      data: { ours: first, own: second, n: samples.length, failed },
    });
    place.tell(`percentiles: ours ${words(first)}; the target's own ${words(second)} (n = ${samples.length})`);
    if (Number.isFinite(first.p99)) pairs.push({ first, second });
  }
  return percentileRatio(pairs);
}

async function drive({ agent, signal }: InstrumentPlace, url: string, count: number): Promise<Sample<"http">[]> {
  const samples: Sample<"http">[] = [];
  const shape = { ratePerSecond: loadShape.ratePerSecond, count, pooled: true };
  await agent.series({}, { kind: "http", url }, shape, (batch) => samples.push(...batch)).done;
  signal.throwIfAborted();
  return samples;
}

const threeOf = (of: (percent: number) => number): Percentiles => ({ p50: of(50), p95: of(95), p99: of(99) });

/** A second without any answer, at a hundred requests a second. */
export async function stall(place: InstrumentPlace): Promise<Ratios> {
  const shape = { ratePerSecond: 100, count: 1000, afterMs: 2000, lastsMs: 1000 };
  const measured = await measureStall(place.agent, place.target, shape);
  const { ratios, oursMs, leastMs, closedMs } = stallRatio(measured);
  const { began, ended } = measured;
  place.history.append({ type: "fact", observation, name: "stall", data: { ...shape, began, ended, oursMs, leastMs, closedMs } });
  place.tell(
    `a stall of ${((ended.from - began.to) / 1e6).toFixed(1)} ms: our p99 ${oursMs.toFixed(1)} ms, that of who was due in it ${leastMs.toFixed(1)} ms; read as a closed loop the same run has a p99 of ${closedMs.toFixed(2)} ms`,
  );
  return ratios;
}

/** Stores that lose, keep twice, hide, refuse and invent a known number of writes, written at a rate and as fast as can be. */
export async function ledgers(place: InstrumentPlace): Promise<Ratios> {
  const losses = { prefix: "ledger:", writes: 5000, lose: 37, duplicate: 23, hide: 11, refuse: 7, invent: 5, foreign: 3 };
  const measured = [
    await measureLedger(place.agent, place.target, { ...losses, seed: 1 }, { ratePerSecond: 1000 }),
    await measureLedger(place.agent, place.target, { ...losses, seed: 2 }, { writers: 8 }),
  ];
  for (const { truth, account } of measured) {
    place.history.append({ type: "fact", observation, name: "ledger", data: { truth, account } });
    const counts = (of: typeof account | typeof truth) =>
      `${of.acknowledged} acknowledged, ${of.lost.length} lost, ${of.duplicated.length} duplicated, ${of.recovered.length} recovered, ${of.unexpected.length + of.foreign} unexpected`;
    place.tell(`ledger: ours ${counts(account)}; the store's own ${counts(truth)}`);
  }
  return ledgerRatio(measured);
}

/** So many keep about the agent's rate: an answer takes 70 ms in the mean. */
const wrkConnections = 7;
const besideSeconds = 10;

/**
 * Our agent and wrk in turns on one target, and k6 twice in each round, whose distance from itself is what the machine adds. The delays are uniform: above twice the mean wrk
 * would add latencies that nobody had, for it corrects what it takes for a stall.
 */
export async function besideWrk(place: InstrumentPlace, images: { wrk: string; k6: string }, rounds = 3): Promise<Ratios> {
  const { docker, target, containerId, labels, name, tell, signal } = place;
  const service = await target.http({ delaysMs: uniformDelays(loadShape.ratePerSecond * besideSeconds) });
  const url = service.url("/work");
  const wrk = await docker.createContainer({
    name: name("wrk"),
    Image: images.wrk,
    Labels: labels,
    Entrypoint: ["sleep"],
    Cmd: ["infinity"],
    HostConfig: { NetworkMode: `container:${containerId}` },
  });
  await wrk.start();
  let serial = 0;
  const by = {
    agent: async () => agentRun(await drive(place, url, loadShape.ratePerSecond * besideSeconds)).latencyMs,
    wrk: async () => {
      const { failed, n, ...latencyMs } = await runWrk(docker, wrk.id, {
        url,
        connections: wrkConnections,
        seconds: besideSeconds,
      });
      return failed === 0 && n > 0 ? latencyMs : undefined;
    },
    k6: async () => {
      const beside = { image: images.k6, besideContainer: containerId, name: name(`k6-${++serial}`), labels, signal };
      const load = {
        script: "steady" as const,
        apiUrl: url,
        ratePerSecond: loadShape.ratePerSecond,
        durationSeconds: besideSeconds,
        hosts: {},
        authority: "",
        thresholds: false,
      };
      const { exit, summary } = await runK6(docker, beside, load);
      return exit.meaning === "finished" && summary.dropped === 0 ? summary.latencyMs : undefined;
    },
  };
  const once = async (tool: keyof typeof by): Promise<Percentiles | undefined> => {
    await service.begin();
    const latencyMs = await by[tool]();
    signal.throwIfAborted();
    place.history.append({
      type: "fact",
      observation,
      name: "beside-wrk",
      data: { by: tool, latencyMs, n: (await service.seen("/work")).length },
    });
    tell(`uniform delays, ${tool}: ${latencyMs ? words(latencyMs) : "something failed"}`);
    return latencyMs;
  };
  const ours: Pair[] = [];
  const k6: Pair[] = [];
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? (["agent", "wrk"] as const) : (["wrk", "agent"] as const);
    const runs = new Map<string, Percentiles | undefined>();
    for (const tool of order) runs.set(tool, await once(tool));
    keep(ours, runs.get("agent"), runs.get("wrk"));
    keep(k6, await once("k6"), await once("k6"));
  }
  tell(`k6 against k6: ${(["p50", "p95", "p99"] as const).map((p) => `${p} ${noise(k6, p)?.toFixed(3) ?? "–"}`).join(", ")}`);
  return latencyRatios(ours, k6, (p) => `instruments-${p}/wrk`);
}

function keep(pairs: Pair[], first: Percentiles | undefined, second: Percentiles | undefined): void {
  if (first && second) pairs.push({ first, second });
}
