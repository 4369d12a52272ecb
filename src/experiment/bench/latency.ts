import type Dockerode from "dockerode";
import { routesOf } from "../../candidate/routes.ts";
import { type Latencies, latenciesOf, percentile } from "../../check/latency.ts";
import type { HttpProbe } from "../../engine/agent-protocol.ts";
import { labelsOf } from "../../engine/labels.ts";
import { runnerIdentity } from "../../engine/live-runs.ts";
import type { EventOf } from "../../history/events.ts";
import type { Sample } from "../../history/sample.ts";
import type { HistoryWriter } from "../../history/writer.ts";
import { runK6 } from "../../load/k6.ts";
import type { Replica } from "../../replica/up.ts";
import { median, type Pair, type Percentiles } from "./ratios.ts";

/** One run of load, as it goes into the history as a fact. */
export interface LoadRun {
  by: "agent" | "k6";
  n: number;
  /** Not answered with status 200. */
  failed: number;
  /** Due and not sent, as there was too much in flight (agent) or no virtual user free (k6). */
  notSent: number;
  /** Absent when anything failed: a time of what failed is no time of the target. */
  latencyMs?: Percentiles;
  /** What the server itself saw, where it knows. */
  truthMs?: Percentiles;
}

export interface LatencyShape {
  pairs: number;
  ratePerSecond: number;
  seconds: number;
}

/** What is asked, by our agent and by k6 alike: `{ __typename }` by POST. */
export interface LatencyTarget {
  name: "known" | "known-at-once" | "api";
  url: string;
  /** Where the URL's name is, so that neither asks a resolver. */
  host?: { name: string; address: string };
  /** Of a server that knows its own latencies: begins anew, and what it saw since. */
  truth?: { begin(): Promise<void>; seen(): Promise<readonly number[]> };
}

/** A pair of runs, the first ours, with what the server itself says of either. */
export interface LatencyPairs {
  ours: Pair[];
  /** k6 alone, twice. */
  k6: Pair[];
  /** The server's own, in our runs and in k6's. */
  truth: Pair[];
}

const observation = "bench/latency";

/** The core API through Traefik, as the public asks it. */
export function apiTarget(replica: Replica): LatencyTarget {
  const route = routesOf(replica.service("core").candidate).find((one) => one.protocol === "http");
  const address = replica.nodeAddresses.get("public");
  if (!route || address === undefined) throw new Error("the bench needs a public vantage and a routed core API");
  return {
    name: "api",
    url: `${route.tls ? "https" : "http"}://${route.host}/graphql`,
    host: { name: route.host, address },
  };
}

/**
 * Asks a target from the public vantage, by our agent and by k6 in turns at the same rate: pairs A B, B A, A B …, each followed by a pair of k6 alone, which shows how far k6
 * lies from itself here. Both keep connections. A pair in which anything failed is left out.
 */
export async function measureLatency(
  given: {
    docker: Dockerode;
    replica: Replica;
    history: HistoryWriter;
    k6Image: string;
    signal: AbortSignal;
    onProgress: (line: string) => void;
  },
  target: LatencyTarget,
  shape: LatencyShape,
): Promise<LatencyPairs> {
  const { replica, history, onProgress } = given;
  const vantage = replica.vantages.get("public");
  if (!vantage) throw new Error("the bench needs a public vantage");
  let serial = 0;

  const byAgent = async (seconds: number): Promise<LoadRun> => {
    const samples: Sample<"http">[] = [];
    const label = `${target.name}-agent-${++serial}`;
    const file = history.samplesFile(observation, label);
    const probe: HttpProbe = {
      kind: "http",
      url: target.url,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "{ __typename }" }),
      ...(target.host ? { resolve: { address: target.host.address }, tls: { caPem: replica.authority.certificate } } : {}),
    };
    const running = vantage.agent.series(
      {},
      probe,
      { ratePerSecond: shape.ratePerSecond, durationMs: seconds * 1000, pooled: true, full: false, maxInFlight: 1000 },
      (batch) => {
        for (const sample of batch) file.write(sample);
        samples.push(...batch);
      },
    );
    const stop = () => void running.stop();
    given.signal.addEventListener("abort", stop, { once: true });
    await running.done.finally(() => given.signal.removeEventListener("abort", stop));
    given.signal.throwIfAborted();
    await file.end({ vantage: "public", probe: "http", target: target.url });
    return agentRun(samples);
  };
  const byK6 = async (seconds: number): Promise<LoadRun> => {
    const { exit, summary } = await runK6(
      given.docker,
      {
        image: given.k6Image,
        besideContainer: vantage.containerId,
        name: `sr-${replica.runId}-k6-${target.name}-${++serial}`,
        labels: labelsOf(replica.runId, "helper", runnerIdentity()),
        signal: given.signal,
      },
      {
        script: "steady",
        apiUrl: target.url,
        ratePerSecond: shape.ratePerSecond,
        durationSeconds: seconds,
        hosts: target.host ? { [target.host.name]: target.host.address } : {},
        authority: replica.authority.certificate,
        thresholds: false,
      },
    );
    const usable = exit.meaning === "finished" && summary.dropped === 0;
    return {
      by: "k6",
      n: summary.requests,
      failed: summary.failed,
      notSent: summary.dropped,
      ...(usable && summary.latencyMs ? { latencyMs: summary.latencyMs } : {}),
    };
  };
  const once = async (by: LoadRun["by"], seconds = shape.seconds): Promise<LoadRun> => {
    await target.truth?.begin();
    const run = by === "k6" ? await byK6(seconds) : await byAgent(seconds);
    const seen = (await target.truth?.seen()) ?? [];
    const truthMs = percentilesOf({ n: seen.length, bad: 0, goodMs: seen.toSorted((a, b) => a - b) });
    const whole = { ...run, ...(truthMs ? { truthMs } : {}) };
    history.append({
      type: "fact",
      observation,
      name: "load-run",
      data: { target: target.name, ...whole, seconds, ratePerSecond: shape.ratePerSecond },
    });
    onProgress(
      `${target.name}, ${by}: n ${run.n}, failed ${run.failed}${run.latencyMs ? `, ${words(run.latencyMs)}` : ""}${truthMs ? `; the server's own ${words(truthMs)}` : ""}`,
    );
    return whole;
  };

  // What a first request warms (Traefik's connections to the service, the service's own code) is in no pair.
  await once("agent", 5);
  await once("k6", 5);
  const pairs: LatencyPairs = { ours: [], k6: [], truth: [] };
  for (let n = 0; n < shape.pairs; n++) {
    const order = n % 2 === 0 ? (["agent", "k6"] as const) : (["k6", "agent"] as const);
    const runs = [await once(order[0]), await once(order[1])];
    const [ours, theirs] = [runs.find((run) => run.by === "agent"), runs.find((run) => run.by === "k6")];
    keep(pairs.ours, ours?.latencyMs, theirs?.latencyMs);
    if (ours?.latencyMs && theirs?.latencyMs) keep(pairs.truth, ours.truthMs, theirs.truthMs);
    keep(pairs.k6, (await once("k6")).latencyMs, (await once("k6")).latencyMs);
  }
  return pairs;
}

function keep(pairs: Pair[], first: Percentiles | undefined, second: Percentiles | undefined): void {
  if (first && second) pairs.push({ first, second });
}

/** The product's own percentiles; undefined of nothing. */
function percentilesOf(latencies: Latencies): Percentiles | undefined {
  const [p50, p95, p99] = [50, 95, 99].map((percent) => percentile(latencies, percent));
  return p50 === undefined || p95 === undefined || p99 === undefined ? undefined : { p50, p95, p99 };
}

/**
 * What k6 calls `http_req_duration` is sending + waiting + receiving; of a sample these are the phases write + firstByte + body. Looking up, connecting, the handshake
 * and lateness against the schedule are in neither, so that like is compared with like; what our checks judge counts from the due time instead.
 */
export function agentRun(samples: readonly Sample<"http">[]): LoadRun {
  const good = (sample: Sample<"http">) => sample.error === undefined && sample.response?.status === 200;
  const failed = samples.filter((sample) => !good(sample)).length;
  const notSent = samples.filter((sample) => sample.error?.kind === "not-sent").length;
  // The product's own percentile, over samples whose due time is moved to where k6 begins to count.
  const events = samples.map(({ phases, ...sample }) => {
    const took = (phases.write ?? 0) + (phases.firstByte ?? 0) + (phases.body ?? 0);
    return { sample: { ...sample, phases, due: sample.done - took } } as EventOf<"sample">;
  });
  const latencies = latenciesOf(events, (sample) => sample.probe === "http" && good(sample));
  const latencyMs = failed === 0 ? percentilesOf(latencies) : undefined;
  return { by: "agent", n: samples.length, failed, notSent, ...(latencyMs ? { latencyMs } : {}) };
}

/** Percentiles of the middle run of several, for a person. */
export function middleOf(runs: readonly Percentiles[]): Percentiles | undefined {
  const [p50, p95, p99] = (["p50", "p95", "p99"] as const).map((p) => median(runs.map((run) => run[p])));
  return p50 === undefined || p95 === undefined || p99 === undefined ? undefined : { p50, p95, p99 };
}

export function words({ p50, p95, p99 }: Percentiles): string {
  return `p50 ${p50.toFixed(2)} ms, p95 ${p95.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`;
}
