import { routesOf } from "../../src/candidate/routes.ts";
import { check, NotSeen, type Seen } from "../../src/check/check.ts";
import { comesBack, faultOnClock, type TaskFact } from "../../src/check/comes-back.ts";
import { all, condition, fail, named, pass, show, unknown } from "../../src/check/expect.ts";
import { errorWords } from "../../src/check/http.ts";
import { accountOf, ledgerKept } from "../../src/check/ledger.ts";
import { ledgerOf } from "../../src/check/ledger-fact.ts";
import type { LedgerStore } from "../../src/engine/agent-protocol.ts";
import type { Finding } from "../../src/history/events.ts";
import type { RedisReply, Sample, SampleOf } from "../../src/history/sample.ts";
import type { TargetView } from "../../src/probe/context.ts";
import { observation } from "../../src/probe/observation.ts";
import { redisOf, untilBack } from "../clients.ts";

/** What a stranger tries first. */
const guess = "password";

const access = observation("layer2/redis-access", {
  tier: "layer2",
  needs: ["redis"],
  effect: "observe",
  collect: async ({ target, from }) => {
    const place = await from.inside("redis");
    const { password: _, ...server } = redisOf(target);
    await place.redis("anonymous", { ...server, commands: [["PING"]] });
    await place.redis("guess", { ...server, password: guess, commands: [["PING"]] });
    await place.redis("password", { ...redisOf(target), commands: [["PING"]] });
  },
});

check("layer2/redis-password", access, { title: "Redis answers with its password, and only then", service: "redis" }, (seen) =>
  all([
    refuses("without a password", redisSample(seen, "anonymous")),
    refuses("with a guessed password", redisSample(seen, "guess")),
    repliesWith("with its password", redisSample(seen, "password"), "PONG"),
  ]),
);

const modules = observation("layer2/redis-modules", {
  tier: "layer2",
  needs: ["redis"],
  effect: "write",
  collect: async ({ target, from, fact }) => {
    const place = await from.inside("redis");
    const server = redisOf(target);
    const key = "sprocket-resilience:modules";
    await place.redis("modules", { ...server, commands: [["MODULE", "LIST"]] });
    await place.redisCommands("json", {
      ...server,
      commands: [
        ["JSON.SET", key, ".", '{"players":[1,2]}'],
        ["JSON.GET", key, ".players"],
        ["DEL", key],
      ],
    });
    // Asked about an index that is not there: that changes nothing, and every version of RediSearch knows the command.
    await place.redisCommands("search", { ...server, commands: [["FT.INFO", "sprocket-resilience"]] });
    // As anybody outside could: the router for it is Sprocket's own.
    const host = routesOf(target.service("redis")).find((route) => route.protocol === "tcp")?.host;
    fact("name outside", host ?? null);
    if (!host) return;
    const { password: _, port, ...stranger } = server;
    await from.public.redis("from outside", {
      ...stranger,
      host,
      port: 443,
      tls: { caPem: target.authority },
      commands: [["PING"]],
    });
  },
});

check(
  "layer2/redis-modules",
  modules,
  { title: "Redis has RedisJSON and RediSearch, which a plain Redis lacks", service: "redis" },
  (seen) => {
    const [set, get] = repliesOf(redisSample(seen, "json"), "JSON.SET");
    const search = show(repliesOf(redisSample(seen, "search"), "FT.INFO")[0]);
    const loaded = repliesOf(redisSample(seen, "modules"), "MODULE LIST")[0];
    // A Redis that no router is for was not asked from outside.
    const outside = seen.facts("name outside").at(-1) === null ? undefined : seen.samples("from outside")[0]?.sample;
    const reached = outside?.probe === "redis" && (outside.response?.replies.length ?? 0) > 0;
    return {
      ...all([
        condition("JSON.SET", set, "is OK", set === "OK"),
        condition("JSON.GET", get, "is [1,2]", get === "[1,2]"),
        condition("FT.INFO of no index", search, "is answered by RediSearch", /unknown index name/i.test(search)),
        condition(
          "MODULE LIST",
          show(loaded),
          "names ReJSON and search",
          /rejson/i.test(show(loaded)) && /search/.test(show(loaded)),
        ),
      ]),
      ...(reached ? { findings: [reachableFromOutside(outside.peer)] } : {}),
    };
  },
);

/** Looks of a client while Redis is away, each on a connection of its own: a recovery is known to a tenth of a second, and the verdict says to how much. */
const perSecond = 10;
const entries = 200;
const snapshot = "snapshot";
const since = "since-snapshot";
const held = "held";

const crash = observation("layer2/redis-crash", {
  tier: "layer2",
  needs: ["redis", "rabbitmq"],
  effect: "disrupt",
  withinMs: 420_000,
  collect: async (context) => {
    const { target, from, poll, watch, killTask, healSeen } = context;
    // A client that outlives it: another task on the same network.
    const place = await from.inside("rabbitmq");
    const server = redisOf(target);
    await place.redis("settings", {
      ...server,
      commands: [
        ["CONFIG", "GET", "save"],
        ["CONFIG", "GET", "appendonly"],
      ],
    });
    await place.ledgerWrite(snapshot, ledger(target, snapshot), { count: entries, fromSequence: 0, writers: 4 });
    const [before] = replies(await place.redis("snapshot before", { ...server, commands: [["LASTSAVE"]] }));
    await place.redisCommands("snapshot asked", { ...server, commands: [["BGSAVE"]] });
    await poll({ withinMs: 20_000, everyMs: 50 }, async () => {
      const [now] = replies(await place.redis("snapshot", { ...server, commands: [["LASTSAVE"]] }));
      return typeof now === "number" && now !== before ? now : undefined;
    });
    await place.ledgerWrite(since, ledger(target, since), { count: entries, fromSequence: 0, writers: 4 });

    const watching = await watch("client", place, pings(target), { ratePerSecond: perSecond, withinMs: 330_000 });
    await watching.until(pongs, 5);
    await killTask("redis", "SIGKILL");
    const back = await untilBack(context, watching, "redis", pongs, 15);
    await watching.stop();
    if (back !== "seen") return;
    healSeen(`kill-task/${server.host}/SIGKILL`, { seen: "15 PONGs in a row" });
    await place.ledgerRead(snapshot, ledger(target, snapshot));
    await place.ledgerRead(since, ledger(target, since));
  },
});

check(
  "layer2/redis-snapshot-survives-crash",
  crash,
  { title: "what a snapshot of Redis holds is there after a crash; what came after it is reported", service: "redis" },
  (seen) => {
    const saved = seen.samples("snapshot").some(({ sample }) => {
      const [now] = replies(sample);
      return typeof now === "number" && now !== replies(seen.sample("snapshot before").sample)[0];
    });
    if (!saved) return unknown("no snapshot was seen to be written before the crash");
    const settings = settingsOf(seen);
    const { writes, read } = ledgerOf(seen, snapshot);
    const kept = named("writes before the snapshot", neverReadBack(seen) ?? ledgerKept(writes, read));
    const later = ledgerOf(seen, since);
    if (!later.read || later.read.error) return kept;
    // Only an append-only file would promise what came after the snapshot.
    if (settings.appendonly === "yes")
      return all([kept, named("writes since the snapshot", ledgerKept(later.writes, later.read))]);
    const { acknowledged, lost } = accountOf(later.writes, later.read);
    return lost.length === 0 ? kept : { ...kept, findings: [lostSinceSnapshot(acknowledged, lost.length, settings)] };
  },
);

check(
  "layer2/redis-recovers",
  crash,
  { title: "Redis, killed as a crash kills it, serves its clients again", service: "redis" },
  recovers,
);

const restart = observation("layer2/redis-restart", {
  tier: "layer2",
  needs: ["redis", "rabbitmq"],
  effect: "disrupt",
  withinMs: 420_000,
  collect: async (context) => {
    const { target, from, watch, killTask, healSeen } = context;
    const place = await from.inside("rabbitmq");
    const server = redisOf(target);
    await place.ledgerWrite(held, ledger(target, held), { count: entries, fromSequence: 0, writers: 4 });
    const watching = await watch("client", place, pings(target), { ratePerSecond: perSecond, withinMs: 330_000 });
    await watching.until(pongs, 5);
    await killTask("redis", "SIGTERM");
    const back = await untilBack(context, watching, "redis", pongs, 15);
    await watching.stop();
    if (back !== "seen") return;
    healSeen(`kill-task/${server.host}/SIGTERM`, { seen: "15 PONGs in a row" });
    await place.ledgerRead(held, ledger(target, held));
  },
});

check(
  "layer2/redis-orderly-stop-keeps-all",
  restart,
  { title: "Redis, told to stop, loses nothing", service: "redis" },
  (seen) => {
    const { writes, read } = ledgerOf(seen, held);
    return neverReadBack(seen) ?? ledgerKept(writes, read);
  },
);

function ledger(target: TargetView, name: string): LedgerStore {
  return { kind: "redis", ...redisOf(target), prefix: `sprocket-resilience:${name}:` };
}

function pings(target: TargetView) {
  return { kind: "redis" as const, ...redisOf(target), commands: [["PING"]] as [["PING"]], timeouts: { totalMs: 2000 } };
}

function pongs(sample: Sample): boolean {
  return replies(sample)[0] === "PONG";
}

function recovers(seen: Seen) {
  const tasks = seen.facts<TaskFact[]>("tasks/redis").at(-1) ?? [];
  const objective = seen.objective("service-restart");
  return comesBack(seen.samples("client"), tasks, { ...faultOnClock(seen, "node"), good: pongs, objective });
}

/** Why the ledger was not read: the store itself was not seen again. */
function neverReadBack(seen: Seen) {
  if (seen.facts("held/read-back").length > 0 || seen.facts("snapshot/read-back").length > 0) return undefined;
  const judged = recovers(seen);
  return judged.verdict === "pass" ? undefined : unknown(`nothing could be read back: ${judged.reason}`);
}

function redisSample(seen: Seen, label: string): SampleOf<"redis"> {
  const { sample } = seen.sample(label);
  if (sample.probe !== "redis") throw new NotSeen(`the sample "${label}" is not of redis`);
  return sample;
}

function replies(sample: Sample): RedisReply[] {
  return sample.probe === "redis" ? (sample.response?.replies ?? []) : [];
}

function repliesOf(sample: SampleOf<"redis">, what: string): RedisReply[] {
  if (sample.error && replies(sample).length === 0) throw new NotSeen(`${what} was not answered: ${errorWords(sample.error)}`);
  return replies(sample);
}

function refuses(how: string, sample: SampleOf<"redis">) {
  const expected = `PING ${how} is refused`;
  const [reply] = replies(sample);
  const refusal = typeof reply === "object" && reply !== null && "error" in reply ? reply.error : undefined;
  if (sample.error?.kind === "auth") return pass(expected, { expected, observed: sample.error.message });
  if (refusal?.startsWith("NOAUTH")) return pass(expected, { expected, observed: refusal });
  if (sample.error) return unknown(`Redis gave no answer ${how}: ${errorWords(sample.error)}`, { expected });
  return fail(`PING ${how} is answered: ${show(reply)}`, { expected, observed: show(reply) });
}

function repliesWith(how: string, sample: SampleOf<"redis">, wanted: string) {
  const [reply] = replies(sample);
  const met = sample.error ? errorWords(sample.error) : reply;
  return condition(`PING ${how}`, met, `is ${wanted}`, reply === wanted);
}

interface Settings {
  save: string;
  appendonly: string;
}

function settingsOf(seen: Seen): Settings {
  const [save, appendonly] = repliesOf(redisSample(seen, "settings"), "CONFIG GET");
  const value = (reply: RedisReply | undefined) => (Array.isArray(reply) ? String(reply[1] ?? "") : show(reply));
  return { save: value(save), appendonly: value(appendonly) };
}

function lostSinceSnapshot(acknowledged: number, lost: number, { save, appendonly }: Settings): Finding {
  return {
    rule: "redis/writes-since-snapshot-lost",
    place: "redis",
    what: `${lost} of ${acknowledged} acknowledged writes since the last snapshot are lost by a crash (save "${save}", appendonly ${appendonly}); Redis is the only store of scrims, submissions and jobs in flight`,
    cure: "Start Redis with --appendonly yes.",
  };
}

function reachableFromOutside(peer: string | undefined): Finding {
  return {
    rule: "redis/reachable-from-outside",
    place: "redis",
    what: `Redis answers anybody on the public network through Traefik's port 443${peer ? ` (${peer})` : ""}; its password is all that protects it`,
    cure: "Take the TCP router off the platform's Redis, or bind it to the tailnet.",
  };
}
