import type { CheckDefinition } from "../../src/check/check.ts";
import { equals } from "../../src/check/expect.ts";
import { judgeHistory } from "../../src/check/judge.ts";
import { percentileWithin } from "../../src/check/latency.ts";
import { redirectsTo } from "../../src/check/redirect.ts";
import { statusIs } from "../../src/check/status.ts";
import type { EventBody, HistoryEvent, PlannedService } from "../../src/history/events.ts";
import type { Sample } from "../../src/history/sample.ts";
import {
  completed,
  dead,
  definition,
  fault,
  observed,
  planned,
  plannedCheck,
  responseOf,
  runStarted,
  sampleEvent,
  sampleOf,
  searched,
  service,
  teardown,
  up,
} from "../check/a-history.ts";
import { good } from "../check/samples.ts";

/** Something a stranger wrote into a log, hoping for a browser. */
export const hostile = "<script>alert('x')</script> & \u001b[31mred\u001b[0m ]]> \"quoted\"";

const services: PlannedService[] = [
  service("socket-proxy"),
  { ...service("forward-auth"), source: "stand-in" },
  service("vault"),
  service("traefik", "layer1", ["socket-proxy"]),
  service("redis", "layer2"),
  service("rabbitmq", "layer2"),
  { ...service("core", "platform", ["redis", "rabbitmq", "vault"]), source: "stand-in" },
  { ...service("web", "platform", ["core"]), source: "stand-in" },
  { ...service("dgraph", "layer2"), source: "not-reproduced" },
];

const checks = [
  plannedCheck("layer1/route-web", { service: "traefik", needs: ["traefik", "web"] }),
  plannedCheck("layer1/dashboard-closed", { service: "forward-auth", needs: ["traefik"] }),
  plannedCheck("layer1/vault-unsealed", { service: "vault", needs: ["vault"] }),
  plannedCheck("layer1/vault-secret-read-back", { service: "vault", needs: ["vault"], effect: "write" }),
  plannedCheck("layer1/vault-recovers", { service: "vault", needs: ["vault"], effect: "disrupt" }),
  plannedCheck("layer2/redis-answers", { service: "redis", needs: ["redis"], tier: "layer2" }),
  plannedCheck("platform/graphql-answers", { service: "core", needs: ["core"], tier: "platform" }),
  plannedCheck("platform/api-p95", { service: "core", needs: ["traefik"], tier: "platform" }),
];

const titles: Record<string, string> = {
  "layer1/route-web": "Traefik routes the web's host name over TLS",
  "layer1/dashboard-closed": "the dashboard sends strangers to forward-auth",
  "layer1/vault-unsealed": "Vault is initialised and unsealed",
  "layer1/vault-secret-read-back": "a secret that was written is read back",
  "layer1/vault-recovers": "Vault, killed as a crash kills it, answers again within 60 s",
  "layer2/redis-answers": "Redis answers with its password, and only then",
  "platform/graphql-answers": "GraphQL answers through Traefik",
  "platform/api-p95": "95 of 100 requests are answered within 500 ms at 350 requests a minute",
};

export const definitions: CheckDefinition[] = checks.map((check) => ({
  ...definition(check, (seen) => {
    if (check.id === "layer1/dashboard-closed") return redirectsTo(seen.sample("get"), "fa.{host}");
    if (check.id === "platform/api-p95") return percentileWithin(seen.samples("load"), 95, seen.objective("api-p95"), good);
    if (check.id === "layer2/redis-answers") return equals("reply", seen.fact("reply"), "PONG");
    return statusIs(seen.sample("get"), 200);
  }),
  title: titles[check.id] ?? check.id,
}));

const get = (id: string, status = 200, headers: Record<string, string> = {}) =>
  observed(id, {
    ...sampleEvent(id, "get", sampleOf({ tookMs: 12, response: responseOf(status, headers, `body of ${id}`) })),
    target: "https://dashboard.sprocket.test/",
  } as EventBody);

const load: Sample[] = Array.from({ length: 200 }, (_, i) =>
  sampleOf({ dueMs: i * 170, tookMs: 20 + (i % 50) * 4, status: 200 }),
);
export const sideFile = (): Sample[] => load;

/** A whole run with believable times; `red`: Vault does not come up, and the dashboard's gatekeeper is broken. */
export function aRun(red: boolean): HistoryEvent[] {
  const timed: [number, EventBody | EventBody[]][] = [
    [
      0,
      {
        ...runStarted,
        ...(red
          ? {
              candidate: {
                name: "reference",
                profile: "core",
                hash: "sha256:4f2a9c1e77d0",
                variant: "documented-rules",
                mutation: "vault-key-missing",
              },
            }
          : {}),
      } as EventBody,
    ],
    [300, { type: "phase", phase: "preflight", state: "started" }],
    [
      900,
      {
        type: "preflight",
        docker: { version: "20.10.24", api: "1.41" },
        findings: [
          {
            id: "disk-low",
            severity: "warning",
            what: "12 GiB are free, 15 are wanted",
            cure: "Free some space below /var/lib/docker.",
          },
        ],
      },
    ],
    [910, { type: "phase", phase: "preflight", state: "ended" }],
    [
      950,
      planned({
        services,
        checks,
        objectives: [
          { id: "api-p95", subject: "core", unit: "ms", limit: 500, source: "OPERATIONS_RUNBOOK.md" },
          { id: "vault-recovery", subject: "vault", unit: "s", limit: 60, source: "issue: the gate" },
        ],
        findings: [
          {
            rule: "vault/no-backup",
            place: "vault",
            what: "nothing copies Vault's storage anywhere",
            cure: "Add a nightly copy of the bucket.",
          },
          {
            rule: "redis/writes-since-snapshot-lost",
            place: "redis",
            what: "a kill loses up to 60 s of writes: only RDB snapshots are on",
          },
        ],
        substitutions: [
          {
            subject: "service:core",
            kind: "stand-in",
            asked: "asaxplayinghorse/core-service:main",
            got: "stand-in of this project",
            why: "the image is private",
            hides: ["service:core/business-rules"],
          },
          {
            subject: "service:traefik",
            kind: "image",
            asked: "traefik:v2.11",
            got: "built from source, v2.11.0",
            why: "no image registry here",
            hides: [],
          },
        ],
        baseline: [{ check: "layer2/redis-answers", owner: "ops", reason: "fact to come", until: "2027-01-01" }],
      }),
    ],
    [1000, { type: "phase", phase: "images", state: "started" }],
    [
      3000,
      {
        type: "image",
        name: "traefik",
        tag: "sprocket-resilience/traefik:2.11.0",
        id: "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        sizeBytes: 88_000_000,
        source: "recipe",
        origin: "Go module",
        asked: "traefik:v2.11",
        got: "2.11.0",
      },
    ],
    [3900, { type: "phase", phase: "images", state: "ended" }],
    [
      4000,
      { type: "engine", engine: "20.10.24", api: "1.41", flags: ["cap-add SYS_ADMIN", "cgroupns host"], loadBalancing: "dnsrr" },
    ],
    [4100, { type: "party", party: "postgres", state: "starting" }],
    [6000, { type: "party", party: "postgres", state: "ready" }],
    [6100, { type: "tier", tier: "layer1", state: "creating" }],
    [6200, up("socket-proxy")[0] as EventBody],
    [6200, up("forward-auth")[0] as EventBody],
    [6200, up("vault")[0] as EventBody],
    [6200, up("traefik")[0] as EventBody],
    [7000, up("socket-proxy")[1] as EventBody],
    [8000, up("forward-auth")[1] as EventBody],
    [9500, up("traefik")[1] as EventBody],
  ];
  if (red) {
    const [, notReady] = dead("vault") as [EventBody, Extract<EventBody, { type: "service" }>];
    const trouble = {
      ...notReady.trouble,
      condition: "unsealed: /v1/sys/health answers 200",
      met: "503 (sealed)",
      log: ["==> Vault server started!", hostile, "unseal.sh: /vault/keys: no such file or directory"],
    };
    timed.push([36_000, { ...notReady, trouble } as EventBody], [36_100, { type: "tier", tier: "layer1", state: "red" }]);
  } else timed.push([12_000, up("vault")[1] as EventBody], [12_100, { type: "tier", tier: "layer1", state: "ready" }]);
  const t = red ? 37_000 : 13_000;
  timed.push([t, { type: "tier", tier: "layer2", state: "creating" }]);
  timed.push(
    [t + 50, up("redis", "layer2")[0] as EventBody],
    [t + 50, up("rabbitmq", "layer2")[0] as EventBody],
    [t + 900, up("redis", "layer2")[1] as EventBody],
    [t + 4000, up("rabbitmq", "layer2")[1] as EventBody],
  );
  timed.push(
    [t + 4100, { type: "tier", tier: "layer2", state: "ready" }],
    [t + 4200, { type: "tier", tier: "platform", state: "creating" }],
  );
  timed.push(
    [t + 4250, up("core", "platform")[0] as EventBody],
    [t + 4250, up("web", "platform")[0] as EventBody],
    [t + 7000, up("core", "platform")[1] as EventBody],
    [t + 8000, up("web", "platform")[1] as EventBody],
  );
  timed.push(
    [t + 8100, { type: "tier", tier: "platform", state: "ready" }],
    [t + 8200, { type: "phase", phase: "checks", state: "started" }],
  );
  timed.push([t + 8300, get("layer1/route-web")]);
  timed.push([
    t + 8400,
    red
      ? get("layer1/dashboard-closed", 500)
      : get("layer1/dashboard-closed", 307, { location: "https://fa.sprocket.test/login" }),
  ]);
  if (!red) {
    timed.push([t + 8500, get("layer1/vault-unsealed")], [t + 8600, get("layer1/vault-secret-read-back")]);
    timed.push([
      t + 9000,
      observed(
        "layer1/vault-recovers",
        ...fault("layer1/vault-recovers", "intent", "applied", "effect-seen", "heal-seen"),
        sampleEvent("layer1/vault-recovers", "get", sampleOf({ status: 200 })),
      ),
    ]);
  }
  timed.push([
    t + 9500,
    { type: "observation", observation: "layer2/redis-answers", state: "skipped", why: "the agent has no Redis probe yet" },
  ]);
  timed.push([t + 9600, get("platform/graphql-answers")]);
  timed.push([
    t + 10_000,
    observed("platform/api-p95", {
      type: "samples",
      observation: "platform/api-p95",
      label: "load",
      vantage: "public",
      probe: "http",
      target: "https://api.sprocket.test/graphql",
      file: "samples/platform-api-p95.load.jsonl",
      count: load.length,
      sha256: "0".repeat(64),
    }),
  ]);
  timed.push([t + 46_000, { type: "phase", phase: "checks", state: "ended" }]);
  timed.push([t + 46_100, { type: "resources", subject: "replica", memoryBytes: 640 * 1024 ** 2, cpuSeconds: 40, of: {} }]);
  timed.push([t + 46_100, { type: "resources", subject: "harness", memoryBytes: 180 * 1024 ** 2, cpuSeconds: 6.4, of: {} }]);
  timed.push(
    [t + 46_200, { type: "phase", phase: "teardown", state: "started" }],
    [t + 47_900, teardown],
    [t + 48_000, { type: "phase", phase: "teardown", state: "ended" }],
    [t + 48_050, searched],
    [t + 48_100, completed],
  );

  const events: HistoryEvent[] = [];
  for (const [at, bodies] of timed) {
    for (const [index, body] of [bodies].flat().entries()) {
      const ms = at + index * 40;
      events.push({
        seq: events.length,
        t: ms,
        at: new Date(Date.parse("2026-11-22T01:58:00.000Z") + ms).toISOString(),
        ...body,
      } as HistoryEvent);
    }
  }
  return events;
}

export const verdictOf = (events: readonly HistoryEvent[]) => judgeHistory(events, definitions, { sideFile });
