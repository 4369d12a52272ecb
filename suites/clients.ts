import { brokerAccount } from "../src/candidate/contract/broker.ts";
import { replayBucket } from "../src/candidate/contract/queues.ts";
import { redisPassword } from "../src/candidate/contract/redis.ts";
import type { Role } from "../src/candidate/types.ts";
import { recoveredForMs } from "../src/check/recovery.ts";
import type { AmqpProbe, PostgresProbe, RedisProbe, S3Probe } from "../src/engine/agent-protocol.ts";
import type { Sample } from "../src/history/sample.ts";
import type { Ask, DisruptContext, TargetView, Watch, WritePlace } from "../src/probe/context.ts";

/** How Sprocket's services address the platform's Redis. */
export function redisOf(target: TargetView): Omit<Ask<RedisProbe>, "commands"> {
  const service = target.service("redis");
  const password = redisPassword(target.candidate, service);
  return { host: service.name, port: 6379, ...(password === undefined ? {} : { password: target.fill(password) }) };
}

/** How Sprocket's services address the broker. */
export function brokerOf(target: TargetView): Omit<Ask<AmqpProbe>, "actions"> & { password: string } {
  const service = target.service("rabbitmq");
  const { user, password, vhost } = brokerAccount(target.candidate, service);
  return { host: service.name, port: 5672, user: target.fill(user), password: target.fill(password), vhost };
}

/** The same account at the broker's management interface. */
export function brokerHeaders(target: TargetView): { authorization: string } {
  const { user, password } = brokerOf(target);
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
}

/** How Sprocket's services address the managed PostgreSQL: over TLS, whose chain they do not verify (facts sheet, section 7.3). */
export function postgresOf({ parties, secret }: TargetView): Omit<Ask<PostgresProbe>, "queries"> {
  const { host, port, user, passwordSecret, databases } = parties.postgres;
  return { host, port, user, password: secret(passwordSecret), database: databases[0] ?? "postgres", sslmode: "require" };
}

/** How Sprocket's services address the object storage. */
export function s3Of({ parties, secret }: TargetView): Omit<Ask<S3Probe>, "actions"> {
  const { host, accessSecret, keySecret } = parties.s3;
  return { endpoint: `https://${host}`, accessKey: secret(accessSecret), secretKey: secret(keySecret) };
}

/** A bucket that the platform's own services write to. */
export function ownBucketOf({ candidate }: TargetView): string {
  return named(replayBucket(candidate), "the bucket of replays");
}

/** A name on which the candidate's services agree; an observation that lacks it says so, and its checks are unknown. */
export function named<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`no configuration of the candidate names ${what}`);
  return value;
}

/** A GraphQL question by POST, mutations too. */
export function ask(place: WritePlace, target: TargetView, label: string, query: string): Promise<Sample<"http">> {
  return place.request(label, {
    url: target.url("core", "/graphql"),
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query }),
    // The API itself waits 5 s for another service, and then says so.
    timeouts: { totalMs: 8000 },
  });
}

/** Text of a GraphQL argument. */
export const quoted = (text: string): string => JSON.stringify(text);

/**
 * Waits until the client of a watch is served again, or Swarm wants no task of the role any more: then nothing is to come. Tasks are recorded under
 * `tasks/<role>`, the last look at the end.
 */
export async function untilBack(
  { target, poll }: Pick<DisruptContext, "target" | "poll">,
  watching: Watch,
  role: Role,
  good: (sample: Sample) => boolean,
  run: number,
): Promise<"seen" | "bound" | "gone"> {
  let over = false;
  const label = `tasks/${role}`;
  await watching.until((sample) => !good(sample), 1);
  const back = watching.until(good, run, recoveredForMs).finally(() => {
    over = true;
  });
  const wanted = async () =>
    (await target.tasks(label, role)).some(({ desired }) => desired === "running" || desired === "ready");
  const gone = poll({ withinMs: 600_000, everyMs: 1000 }, async () => {
    if (over) return "over" as const;
    return (await wanted()) ? undefined : ("gone" as const);
  });
  const first = await Promise.race([back, gone]);
  if (first === "gone") {
    await watching.stop();
    await back;
    return "gone";
  }
  await gone;
  await target.tasks(label, role);
  return first === "seen" ? "seen" : "bound";
}
