import { expect, test } from "vitest";
import type { CandidateService } from "../../src/candidate/types.ts";
import type { Sample } from "../../src/history/sample.ts";
import { moreReadiness } from "../../src/replica/readiness-more.ts";
import type { Replica } from "../../src/replica/up.ts";

const readiness = moreReadiness({ consumes: () => () => undefined, redisPassword: () => "${secret:redis}" });

const service = (fields: Partial<CandidateService>) =>
  ({ name: "a-service", configs: [], env: {}, ...fields }) as CandidateService;
const replicaOf = (services: CandidateService[], configs: { name: string; content: string }[] = []) =>
  ({
    plan: { services: services.map((candidate) => ({ candidate })), candidate: { configs } },
    secrets: { fill: (text: string) => text.replace("${secret:redis}", "the-password") },
  }) as unknown as Replica;
const sample = (fields: object) => fields as unknown as Sample;

test("a worker without a port is ready when its Redis knows a connection of its address, and of no other", () => {
  const worker = service({ env: { REDIS_HOST: "legacy-redis", REDIS_PORT: "6379" } });
  const replica = replicaOf([service({ name: "legacy-redis" })]);
  const awaited = readiness["legacy-worker"]?.(replica, worker);
  expect(awaited?.probe(replica, "10.0.1.4")).toMatchObject({
    kind: "redis",
    host: "legacy-redis",
    password: "the-password",
    commands: [["CLIENT", "LIST"]],
  });
  const listed = (address: string) => sample({ response: { replies: [`id=3 addr=${address}:4242 laddr=10.0.1.2:6379`] } });
  expect(awaited?.holds(listed("10.0.1.4"))).toBe(true);
  expect(awaited?.holds(listed("10.0.1.40"))).toBe(false);
  expect(awaited?.holds(sample({ error: { kind: "refused" } }))).toBe(false);
});

test("a worker whose Redis is not the candidate's can only be seen to run", () => {
  const worker = service({ env: { REDIS_HOST: "elsewhere" } });
  expect(readiness.elo?.(replicaOf([]), worker)).toBeUndefined();
});

test("Telegraf is asked where its configuration listens, and not at all where it does not", () => {
  const telegraf = service({ configs: [{ source: "telegraf-config", target: "/etc/telegraf/telegraf.conf" }] });
  const content =
    '[agent]\n  interval = "10s"\n[[inputs.http_listener_v2]]\n  # any\n  service_address = ":8081"\n  path = "/write"\n[[inputs.internal]]\n';
  const replica = replicaOf([], [{ name: "telegraf-config", content }]);
  const awaited = readiness.telegraf?.(replica, telegraf);
  expect(awaited?.probe(replica, "10.0.1.4")).toMatchObject({ url: "http://10.0.1.4:8081/" });
  expect(awaited?.holds(sample({ response: { status: 405 } }))).toBe(true);
  expect(awaited?.holds(sample({ error: { kind: "refused" } }))).toBe(false);
  const silent = replicaOf([], [{ name: "telegraf-config", content: "[[inputs.internal]]\n" }]);
  expect(readiness.telegraf?.(silent, telegraf)).toBeUndefined();
});

test.each([
  ["grafana", "http://10.0.1.4:3000/api/health"],
  ["dgraph-alpha", "http://10.0.1.4:8080/health"],
  ["dgraph-zero", "http://10.0.1.4:6080/health"],
  ["influx", "http://10.0.1.4:8086/health"],
  ["loki", "http://10.0.1.4:3100/ready"],
  ["n8n", "http://10.0.1.4:5678/healthz"],
  ["neo4j", "http://10.0.1.4:7474/"],
  ["gatus", "http://10.0.1.4:8080/health"],
  ["image-generation-frontend", "http://10.0.1.4:3000/"],
] as const)("%s is ready when %s answers 200", (role, url) => {
  const replica = replicaOf([]);
  const awaited = readiness[role]?.(replica, service({}));
  expect(awaited?.probe(replica, "10.0.1.4")).toMatchObject({ kind: "http", url });
  expect([200, 503].map((status) => awaited?.holds(sample({ response: { status } })))).toEqual([true, false]);
});
