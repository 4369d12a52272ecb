import { eventExchange, redisPrefix, replayBucket } from "../../src/candidate/contract/queues.ts";
import { check, NotSeen, type Seen } from "../../src/check/check.ts";
import { all, condition, fail, show } from "../../src/check/expect.ts";
import { answersGraphql, graphqlOf } from "../../src/check/graphql.ts";
import { errorWords } from "../../src/check/http.ts";
import type { Sample } from "../../src/history/sample.ts";
import type { WriteContext } from "../../src/probe/context.ts";
import { observation } from "../../src/probe/observation.ts";
import { ask, brokerOf, named, quoted, redisOf, s3Of } from "../clients.ts";

/** What the candidate's services agree on: the prefix of every key in Redis, the exchange of all events, the bucket of replays. */
interface Names {
  prefix?: string;
  exchange?: string;
  replays?: string;
}

/** Records the names, so that the history alone can be judged. */
function recordNames({ target, fact }: Pick<WriteContext, "target" | "fact">): Names {
  const prefix = redisPrefix(target.candidate);
  const exchange = eventExchange(target.candidate);
  const replays = replayBucket(target.candidate);
  const names = { ...(prefix ? { prefix } : {}), ...(exchange ? { exchange } : {}), ...(replays ? { replays } : {}) };
  fact("names", names);
  return names;
}

/** Names of the reference, which histories from before they were recorded are of (facts sheet, sections 7.1 and 8). */
const before: Required<Names> = { prefix: "main", exchange: "prod-events", replays: "sprocket-replays-main-1" };

function namesOf(seen: Seen): Names {
  return seen.facts<Names>("names").at(-1) ?? before;
}

const scrim = observation("platform/scrim", {
  tier: "platform",
  needs: ["traefik", "core", "matchmaking", "rabbitmq", "redis"],
  effect: "write",
  collect: async ({ target, from, poll, fact }) => {
    const names = recordNames({ target, fact });
    const prefix = named(names.prefix, "the prefix of keys in Redis");
    const exchange = named(names.exchange, "the exchange of events");
    const place = await from.inside("redis");
    const collecting = await place.amqpCollect("events on the exchange", {
      ...brokerOf(target),
      actions: [{ do: "bindAndCollect", exchange, topic: "scrim.*", durationMs: 8000, max: 2 }],
      timeouts: { totalMs: 15_000 },
    });
    const created = await ask(
      from.public,
      target,
      "create",
      `mutation { createScrim(playerId: "1", size: 2) { id status players } }`,
    );
    const id = idOf(created, "createScrim");
    if (id) {
      await ask(from.public, target, "join", `mutation { joinScrim(id: ${quoted(id)}, playerId: "2") { id status players } }`);
      await place.redisCommands("key", { ...redisOf(target), commands: [["JSON.GET", `${prefix}:scrim:${id}`]] });
      await poll({ withinMs: 5000, everyMs: 100 }, async () => {
        const events = await ask(from.public, target, "events of the API", "{ events(last: 50) { topic payload } }");
        return apiTopics(events, id).includes("scrim.created") ? true : undefined;
      });
    }
    await collecting.done;
  },
});

check(
  "platform/scrim-reaches-redis",
  scrim,
  { title: "a scrim goes from the API over the queue into Redis, and a second player joins it", service: "matchmaking" },
  (seen) => {
    const created = answersGraphql(seen.sample("create"), "createScrim answers with an id", (data) =>
      idIn(data.createScrim) ? undefined : "createScrim brought no id",
    );
    const id = idOf(seen.sample("create").sample, "createScrim");
    if (!id) return created;
    const { prefix } = namesOf(seen);
    return all([
      created,
      answersGraphql(seen.sample("join"), "the second player fills the scrim", (data) => {
        const met = data.joinScrim as { status?: string; players?: string[] } | null;
        return met?.status === "POPPED" && met.players?.length === 2 ? undefined : `the scrim is not full: ${show(met)}`;
      }),
      holdsDocument(seen, "key", `${prefix}:scrim:${id}`, id),
    ]);
  },
);

check(
  "platform/scrim-event-published",
  scrim,
  { title: "the event of a new scrim is on the exchange, for any consumer", service: "matchmaking" },
  (seen) => {
    const id = idOf(seen.sample("create").sample, "createScrim");
    const { sample } = seen.sample("events on the exchange");
    if (!id) return noScrim(seen);
    const { exchange } = namesOf(seen);
    const result = sample.probe === "amqp" ? sample.response?.results[0] : undefined;
    const error = sample.error ?? result?.error;
    const expected = `scrim.created of ${id} on ${exchange}`;
    if (error)
      return fail(`nothing could be consumed from ${exchange}: ${errorWords(error)}`, { expected, observed: errorWords(error) });
    const topics = (result?.bodies ?? []).filter(({ body }) => body.includes(id)).map(({ routingKey }) => routingKey ?? "");
    const met = topics.length > 0 ? topics.join(", ") : `nothing of it among ${result?.bodies?.length ?? 0} events`;
    return condition(`events of the scrim on ${exchange}`, met, "contain scrim.created", topics.includes("scrim.created"));
  },
);

check(
  "platform/scrim-event-reaches-api",
  scrim,
  { title: "the API receives the event of a new scrim", service: "core" },
  (seen) => {
    const id = idOf(seen.sample("create").sample, "createScrim");
    if (!id) return noScrim(seen);
    const last = seen.samples("events of the API").at(-1);
    if (!last) throw new NotSeen("nobody asked the API for its events");
    const met = apiTopics(last.sample, id);
    return condition(
      "events of the scrim at the API",
      met.join(", ") || "none",
      "contain scrim.created",
      met.includes("scrim.created"),
    );
  },
);

const submission = observation("platform/submission", {
  tier: "platform",
  needs: ["traefik", "core", "submission", "rabbitmq", "redis", "party:s3"],
  effect: "write",
  collect: async ({ target, from, fact }) => {
    const names = recordNames({ target, fact });
    const prefix = named(names.prefix, "the prefix of keys in Redis");
    const replays = named(names.replays, "the bucket of replays");
    const place = await from.inside("redis");
    const created = await ask(
      from.public,
      target,
      "create",
      `mutation { createSubmission(scrimId: "sprocket-resilience", replay: ${quoted(replay)}) { id objectPath bytes } }`,
    );
    const id = idOf(created, "createSubmission");
    if (!id) return;
    await place.redisCommands("key", { ...redisOf(target), commands: [["JSON.GET", `${prefix}:submission:${id}`]] });
    const key = String((graphqlOf(created)?.data.createSubmission as { objectPath?: unknown } | undefined)?.objectPath);
    await place.s3("object", { ...s3Of(target), actions: [{ do: "get", bucket: replays, key }] });
  },
});

const replay = "a replay of sprocket-resilience";

check(
  "platform/submission-kept",
  submission,
  { title: "a submission is kept: its replay in S3, its state in Redis", service: "submission" },
  (seen) => {
    const created = answersGraphql(seen.sample("create"), "createSubmission answers with an id", (data) =>
      idIn(data.createSubmission) ? undefined : "createSubmission brought no id",
    );
    const id = idOf(seen.sample("create").sample, "createSubmission");
    if (!id) return created;
    const { prefix, replays } = namesOf(seen);
    const { sample } = seen.sample("object");
    const got = sample.probe === "s3" ? sample.response?.results[0] : undefined;
    const met = got?.body ?? got?.code ?? (sample.error ? errorWords(sample.error) : undefined);
    return all([
      created,
      condition(`the object in ${replays}`, met, "is the replay", met === replay),
      holdsDocument(seen, "key", `${prefix}:submission:${id}`, id),
    ]);
  },
);

const notification = observation("platform/notification", {
  tier: "platform",
  needs: ["traefik", "core", "notification", "rabbitmq", "redis"],
  effect: "write",
  collect: async ({ target, from, fact }) => {
    const prefix = named(recordNames({ target, fact }).prefix, "the prefix of keys in Redis");
    const place = await from.inside("redis");
    const sent = await ask(
      from.public,
      target,
      "notify",
      `mutation { notify(userId: "7", message: "sprocket-resilience") { id message } }`,
    );
    const id = idOf(sent, "notify");
    if (id) await place.redisCommands("key", { ...redisOf(target), commands: [["JSON.GET", `${prefix}:notification:${id}`]] });
  },
});

check(
  "platform/notification-kept",
  notification,
  { title: "a notification goes from the API over the queue into Redis", service: "notification" },
  (seen) => {
    const sent = answersGraphql(seen.sample("notify"), "notify answers with an id", (data) =>
      idIn(data.notify) ? undefined : "notify brought no id",
    );
    const id = idOf(seen.sample("notify").sample, "notify");
    return id ? all([sent, holdsDocument(seen, "key", `${namesOf(seen).prefix}:notification:${id}`, id)]) : sent;
  },
);

function idIn(value: unknown): string | undefined {
  const id = (value as { id?: unknown } | null | undefined)?.id;
  return typeof id === "string" ? id : undefined;
}

function idOf(sample: Sample, field: string): string | undefined {
  return idIn(graphqlOf(sample)?.data[field]);
}

function noScrim(seen: Seen) {
  const created = answersGraphql(seen.sample("create"), "createScrim answers with an id");
  return created.verdict === "pass" ? fail("createScrim brought no id") : created;
}

/** Topics of the events about a scrim that the API has received. */
function apiTopics(sample: Sample, id: string): string[] {
  const events = graphqlOf(sample)?.data.events;
  if (!Array.isArray(events)) return [];
  return (events as { topic: string; payload: string }[]).filter(({ payload }) => payload.includes(id)).map(({ topic }) => topic);
}

/** Redis holds a JSON document with that id under the key. */
function holdsDocument(seen: Seen, label: string, key: string, id: string) {
  const { sample } = seen.sample(label);
  const reply = sample.probe === "redis" ? sample.response?.replies[0] : undefined;
  const met = sample.error ? errorWords(sample.error) : reply;
  let found: unknown;
  try {
    found = idIn(JSON.parse(String(reply)));
  } catch {
    found = undefined;
  }
  return condition(`${key} in Redis`, met, "is its JSON document", found === id);
}
