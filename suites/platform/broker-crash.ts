import { queueOf } from "../../src/candidate/contract/queues.ts";
import { check } from "../../src/check/check.ts";
import { comesBack, faultOnClock, type TaskFact } from "../../src/check/comes-back.ts";
import { all, condition, each, fail, unknown } from "../../src/check/expect.ts";
import { answeredWell, answersGraphql, graphqlOf } from "../../src/check/graphql.ts";
import { errorRateWithin, percentileWithin } from "../../src/check/latency.ts";
import { recoveredForMs } from "../../src/check/recovery.ts";
import type { LedgerStore } from "../../src/engine/agent-protocol.ts";
import type { Finding, Objective } from "../../src/history/events.ts";
import type { Sample } from "../../src/history/sample.ts";
import type { DisruptContext, WritePlace } from "../../src/probe/context.ts";
import { observation } from "../../src/probe/observation.ts";
import { ask, brokerOf, named, quoted, untilBack } from "../clients.ts";

/** The three services that end with exit code 1 when the broker fails (facts sheet, section 8). */
const workers = [{ role: "matchmaking" }, { role: "submission" }, { role: "notification" }] as const;
const platform = ["traefik", "core", "matchmaking", "submission", "notification"] as const;

const queue = "sprocket-resilience-confirmed";
const typename = "{ __typename }";

/** Session opened: the broker answered its client's greeting and let it in. */
export function opens(sample: Sample): boolean {
  return sample.probe === "amqp" && sample.error === undefined && sample.response !== undefined;
}

/**
 * The broker's process is killed once, and everybody watches: a client of its own (layer 2), and where the platform is up, the API's clients and the three
 * services that end when the broker fails.
 */
export const brokerCrash = observation("layer2/broker-crash", {
  tier: "layer2",
  needs: ["rabbitmq", "redis"],
  effect: "disrupt",
  withinMs: 480_000,
  collect: async (context) => {
    const { target, from, watch, killTask, healSeen } = context;
    const place = await from.inside("redis");
    const broker = brokerOf(target);
    const store: LedgerStore = { kind: "amqp", ...broker, queue, persistent: true };
    await place.amqp("queue", { ...broker, actions: [{ do: "declareQueue", name: queue, durable: true }] });
    await place.ledgerWrite("confirmed", store, { count: 300, fromSequence: 0, writers: 8 });

    const probe = { kind: "amqp" as const, ...broker, actions: [] as [], timeouts: { totalMs: 3000 } };
    const sessions = await watch("sessions", place, probe, { ratePerSecond: 4, withinMs: 330_000 });
    const whole = platform.every((role) => target.cameUp(role)) && workers.every(({ role }) => queueOf(target.candidate, role));
    const clients = whole ? await watchPlatform(context) : undefined;
    // Three seconds: the broker keeps what it knows of its queues in a log that is written up to two seconds late, and has promised nothing of a queue younger than that.
    await sessions.until(opens, 12);
    await killTask("rabbitmq", "SIGKILL");
    const back = await untilBack(context, sessions, "rabbitmq", opens, 8);
    await sessions.stop();
    if (back === "seen") healSeen(`kill-task/${broker.host}/SIGKILL`, { seen: "8 sessions in a row" });
    await clients?.settle(place, back === "seen");
    if (back !== "seen") return;
    await place.ledgerRead("confirmed", store);
    await place.amqp("queue removed", { ...broker, actions: [{ do: "deleteQueue", name: queue }] });
  },
});

/** Longest time for the services behind the broker to be there again, once it is; a service that is to come back does so every 5 s. */
const settleMs = 60_000;

/** Begins to look as the API's clients do, with a scrim to ask for. `settle` waits until they are served again, and looks at what else came back. */
async function watchPlatform(context: DisruptContext) {
  const { target, from, watch, poll } = context;
  const url = target.url("core", "/graphql");
  const created = await ask(from.public, target, "scrim before", `mutation { createScrim(playerId: "1", size: 2) { id } }`);
  const before = scrimIdOf(created) ?? "none";
  for (const { role } of workers) await target.tasks(`before/${role}`, role);
  const api = await watch("api", "public", { url, query: typename }, { ratePerSecond: 6, withinMs: 400_000 });
  const scrim = await watch(
    "scrim",
    "public",
    { url, query: `{ scrim(id: ${quoted(before)}) { id } }`, maxBodyBytes: 2048, timeouts: { totalMs: 8000 } },
    { ratePerSecond: 2, withinMs: 400_000 },
  );
  await scrim.until(answeredWell, 2);
  return {
    async settle(place: WritePlace, brokerBack: boolean) {
      if (brokerBack) {
        const over = AbortSignal.timeout(settleMs);
        const ended = new Promise<void>((resolve) => over.addEventListener("abort", () => resolve(), { once: true }));
        // Longer than the API waits for an answer by queue (5 s): a question asked before these may still come back bad and break the run.
        await Promise.race([scrim.until(answeredWell, 12, recoveredForMs), ended]);
        await poll({ withinMs: settleMs, everyMs: 500 }, async () => {
          const actions = workers.map(({ role }) => ({
            do: "queueInfo" as const,
            name: named(queueOf(target.candidate, role), `the queue of ${role}`),
          }));
          const seen = await place.amqp("consumers", { ...brokerOf(target), actions });
          return over.aborted || consumersOf(seen).every((count) => count > 0) ? true : undefined;
        });
        const after = await ask(from.public, target, "scrim after", `mutation { createScrim(playerId: "2", size: 2) { id } }`);
        const id = scrimIdOf(after);
        if (id) await poll({ withinMs: 5000, everyMs: 200 }, () => eventSeen(context, id));
      }
      await Promise.all([api.stop(), scrim.stop()]);
      for (const { role } of workers) await target.tasks(`after/${role}`, role);
    },
  };
}

/** The event of a scrim has reached the API. */
async function eventSeen({ target, from }: DisruptContext, id: string): Promise<true | undefined> {
  const sample = await ask(from.public, target, "events after", "{ events(last: 50) { topic payload } }");
  return hasEvent(sample, id) ? true : undefined;
}

function hasEvent(sample: Sample, id: string): boolean {
  const events = graphqlOf(sample)?.data.events;
  return Array.isArray(events) && events.some((event: { payload?: unknown }) => String(event.payload).includes(id));
}

function scrimIdOf(sample: Sample): string | undefined {
  const scrim = graphqlOf(sample)?.data.createScrim as { id?: unknown } | null | undefined;
  return typeof scrim?.id === "string" ? scrim.id : undefined;
}

/** Of each worker's queue, in their order; none where the broker did not say. */
function consumersOf(sample: Sample): number[] {
  const results = sample.probe === "amqp" ? (sample.response?.results ?? []) : [];
  return workers.map((_, index) => results[index]?.consumers ?? 0);
}

const needs = [...platform];

check(
  "platform/workers-exit-and-return",
  brokerCrash,
  {
    title: "matchmaking, submission and notification exit 1 when the broker dies, are restarted by Swarm, and consume again",
    service: "matchmaking",
    tier: "platform",
    needs,
  },
  (seen) => {
    const last = seen.samples("consumers").at(-1);
    const findings: Finding[] = [];
    const judged = each(
      workers,
      ({ role }) => role,
      ({ role }) => {
        const old = seen.fact<TaskFact[]>(`before/${role}`).find((task) => task.desired === "running");
        const tasks = seen.fact<TaskFact[]>(`after/${role}`);
        if (!old) return unknown("had no task before the broker died");
        const known = new Set(seen.fact<TaskFact[]>(`before/${role}`).map((task) => task.id));
        const restarts = tasks.filter((task) => !known.has(task.id));
        const ended = tasks.find((task) => task.id === old.id);
        if (restarts.length > crashRestarts) findings.push(restartStorm(role, restarts.length));
        const consumers = last ? consumersOf(last.sample)[workers.findIndex((one) => one.role === role)] : undefined;
        const running = tasks.find((task) => task.state === "running" && task.desired === "running");
        const met = running ? "running" : `none (newest is ${tasks[0]?.state ?? "none"}, wanted ${tasks[0]?.desired ?? "none"})`;
        return all([
          condition("its exit code", ended?.exitCode ?? "none: the task did not end", "is 1", ended?.exitCode === 1),
          condition("tasks that Swarm made for it", restarts.length, "are at least 1", restarts.length >= 1),
          condition("its task afterwards", met, "is running", running !== undefined),
          condition("consumers on its queue", consumers ?? "not looked at", "are at least 1", (consumers ?? 0) >= 1),
        ]);
      },
    );
    return { ...judged, ...(findings.length > 0 ? { findings } : {}) };
  },
);

/** Restarts of one service that the runbook allows in a whole day: fewer than 3. */
const crashRestarts = 2;

function restartStorm(role: string, restarts: number): Finding {
  return {
    rule: "platform/restarts-beyond-a-day",
    place: role,
    what: `one crash of the broker restarts ${role} ${restarts} times; the runbook allows fewer than 3 restarts a day`,
    cure: "Let the service wait for the broker instead of ending, or give it a restart delay that outlasts the broker's start.",
  };
}

check(
  "platform/scrim-after-broker-crash",
  brokerCrash,
  {
    title: "after a crash of the broker scrims are answered and created again, and their events arrive",
    service: "core",
    tier: "platform",
    needs,
  },
  (seen) => {
    const objective = seen.objective("service-restart");
    const tasks = seen.facts<TaskFact[]>("after/matchmaking").at(-1) ?? [];
    const recovery = comesBack(seen.samples("scrim"), tasks, {
      ...faultOnClock(seen, "public"),
      good: answeredWell,
      run: 4,
      objective,
    });
    const after = seen.samples("scrim after")[0];
    if (!after)
      return recovery.verdict === "pass" ? fail("the broker did not come back, so no scrim could be created") : recovery;
    const created = answersGraphql(after, "a scrim is created again", (data) =>
      (data.createScrim as { id?: string } | null)?.id ? undefined : "createScrim brought no id",
    );
    const id = scrimIdOf(after.sample);
    if (!id) return all([recovery, created]);
    const arrived = seen.samples("events after").some(({ sample }) => hasEvent(sample, id));
    return all([recovery, created, condition("its event", arrived ? "seen" : "not seen", "reaches the API", arrived)]);
  },
);

/** Read paths while the broker is away (facts sheet, experiment X-14). */
const readPath: Objective = { id: "", subject: "", unit: "ms", limit: 500, source: "facts sheet, X-14" };
const readErrors: Objective = { id: "", subject: "", unit: "ratio", limit: 0.01, source: "OPERATIONS_RUNBOOK.md" };

check(
  "platform/api-answers-without-broker",
  brokerCrash,
  {
    title: "what needs no broker is answered while it is away: p95 under 500 ms, errors under 1 %",
    service: "core",
    tier: "platform",
    needs,
  },
  (seen) => {
    const { faultAt } = faultOnClock(seen, "public");
    const during = seen.samples("api").filter(({ sample }) => sample.due >= faultAt);
    const good = (sample: Sample) => sample.probe === "http" && sample.response?.status === 200;
    const { measured: _p95, ...p95 } = percentileWithin(during, 95, readPath, good);
    const { measured: _errors, ...errors } = errorRateWithin(during, readErrors, good);
    return all([p95, errors]);
  },
);
