import type { EventOf, HistoryEvent, Tier } from "../../history/events.ts";

/** One start of a replica as a history tells it; durations in milliseconds, processor time in seconds. */
export interface ReplicaStart {
  /** From the engine's start to the last tier ready. */
  wholeMs: number;
  /** The longest chain of work inside it that nothing could have shortened by doing more at once; see `chainOf`. */
  chainMs: number;
  /** Links of the chain, in order. */
  links: { name: string; ms: number }[];
  /** Processor time of the replica until then; absent when it was not measured. */
  cpuSeconds?: number;
}

/**
 * The starts that a history holds, each from `phase engine started` to the last tier; one that did not come up whole is left out.
 */
export function startsOf(history: readonly HistoryEvent[]): ReplicaStart[] {
  const begins = history.flatMap((event, at) =>
    event.type === "phase" && event.phase === "engine" && event.state === "started" ? [at] : [],
  );
  return begins.flatMap((begin, n) => startOf(history.slice(begin, begins[n + 1])) ?? []);
}

function startOf(events: readonly HistoryEvent[]): ReplicaStart | undefined {
  const tierEvents = events.filter((event) => event.type === "tier");
  const last = tierEvents.at(-1);
  if (last?.state !== "ready" || tierEvents.some((event) => event.state === "red")) return undefined;
  const links = chainOf(events);
  if (!links) return undefined;
  const cpu = events.find((event) => event.type === "resources" && event.subject === "replica") as
    | EventOf<"resources">
    | undefined;
  return {
    wholeMs: last.t - (events[0] as HistoryEvent).t,
    chainMs: links.reduce((sum, link) => sum + link.ms, 0),
    links,
    ...(cpu ? { cpuSeconds: cpu.cpuSeconds } : {}),
  };
}

/**
 * The chain that a start cannot be shorter than, however much is done at once: DNS party → slowest other party → Swarm and agents (from the last party until the
 * engine's phase ends; the node is started beside the parties) → of each tier, the slowest service's own time from `created` to `ready`. What lies between
 * these links (networks, files, configs, secrets, volumes, creating) is the harness's own and is not in it.
 */
function chainOf(events: readonly HistoryEvent[]): ReplicaStart["links"] | undefined {
  const party = (name: string, state: "starting" | "ready") =>
    events.find((event) => event.type === "party" && event.party === name && event.state === state)?.t;
  const names = [...new Set(events.flatMap((event) => (event.type === "party" ? [event.party] : [])))];
  const parties = names.flatMap((name) => {
    const from = party(name, "starting");
    const to = party(name, "ready");
    return from === undefined || to === undefined ? [] : [{ name, ms: to - from, to }];
  });
  const engineEnded = events.find((event) => event.type === "phase" && event.phase === "engine" && event.state === "ended")?.t;
  const dns = parties.find(({ name }) => name === "dns");
  const others = parties.filter(({ name }) => name !== "dns");
  if (engineEnded === undefined || !dns || others.length === 0) return undefined;
  const slowest = others.reduce((a, b) => (b.ms > a.ms ? b : a));
  const lastReady = Math.max(...others.map(({ to }) => to));
  const tiers = [...new Set(events.flatMap((event) => (event.type === "tier" ? [event.tier] : [])))];
  return [
    { name: "dns", ms: dns.ms },
    { name: slowest.name, ms: slowest.ms },
    { name: "swarm", ms: engineEnded - lastReady },
    ...tiers.map((tier) => slowestOf(events, tier)),
  ];
}

function slowestOf(events: readonly HistoryEvent[], tier: Tier): { name: string; ms: number } {
  const created = new Map<string, number>();
  let slowest = { name: "nothing", ms: 0 };
  for (const event of events) {
    if (event.type !== "service" || event.tier !== tier) continue;
    if (event.state === "created") created.set(event.service, event.t);
    const from = created.get(event.service);
    if (event.state === "ready" && from !== undefined && event.t - from > slowest.ms)
      slowest = { name: event.service, ms: event.t - from };
  }
  return { name: `${tier}/${slowest.name}`, ms: slowest.ms };
}

/** The larger of the chain and of processor time over cores: no start of this replica on this machine could be shorter. */
export function limitMs(start: ReplicaStart, cores: number): number {
  return Math.max(start.chainMs, ((start.cpuSeconds ?? 0) * 1000) / cores);
}
