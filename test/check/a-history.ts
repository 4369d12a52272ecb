import type { CheckDefinition, Judge } from "../../src/check/check.ts";
import type { EventBody, HistoryEvent, PlannedCheck, PlannedService } from "../../src/history/events.ts";
import type { HttpResponse, Sample, SampleOf } from "../../src/history/sample.ts";

/** A history as a list of bodies: numbered, a second apart, on a fixed day. */
export function historyOf(bodies: readonly EventBody[], day = "2026-11-22"): HistoryEvent[] {
  return bodies.map((body, seq) => {
    const at = new Date(Date.parse(`${day}T01:00:00.000Z`) + seq * 1000).toISOString();
    return { seq, t: seq * 1000, at, ...body } as HistoryEvent;
  });
}

export const runStarted: EventBody = {
  type: "run-started",
  schema: 1,
  runId: "r-test",
  command: "gate",
  seed: 7,
  product: "0.1.0",
  judge: 1,
  machine: { os: "linux", arch: "x64", cores: 2, memoryBytes: 8 * 1024 ** 3, node: "24.21.0" },
  candidate: { name: "reference", profile: "core", hash: "sha256:0123456789abcdef0123456789abcdef" },
};

export const service = (name: string, tier: PlannedService["tier"] = "layer1", needs: string[] = []): PlannedService => ({
  name,
  tier,
  image: `example/${name}:1`,
  source: "recipe",
  needs,
});

export const plannedCheck = (id: string, more: Partial<PlannedCheck> = {}): PlannedCheck => ({
  id,
  observation: id,
  tier: "layer1",
  service: "traefik",
  effect: "observe",
  needs: ["traefik"],
  speaksOf: [],
  ...more,
});

type Planned = Extract<EventBody, { type: "planned" }>;
export const planned = (more: Partial<Planned>): EventBody => ({
  type: "planned",
  services: [],
  checks: [],
  substitutions: [],
  findings: [],
  objectives: [],
  baseline: [],
  notApplicable: [],
  ...more,
});

export const up = (name: string, tier: PlannedService["tier"] = "layer1"): EventBody[] => [
  { type: "service", service: name, tier, state: "created" },
  { type: "service", service: name, tier, state: "ready" },
];

export const dead = (name: string, tier: PlannedService["tier"] = "layer1"): EventBody[] => [
  { type: "service", service: name, tier, state: "created" },
  {
    type: "service",
    service: name,
    tier,
    state: "not-ready",
    trouble: {
      state: "failed",
      exitCode: 1,
      restarts: 3,
      condition: "answers 200 on /ping",
      met: "connection refused",
      error: "task: non-zero exit (1)",
      log: ["starting", "open /app/secret/key: no such file or directory", ""],
    },
  },
];

/** A raw HTTP sample; times in milliseconds here, nanoseconds there. */
export function sampleOf(
  more: Partial<Omit<SampleOf<"http">, "probe">> & { dueMs?: number; tookMs?: number; status?: number } = {},
): SampleOf<"http"> {
  const { dueMs = 0, tookMs = 5, status, ...rest } = more;
  const due = Math.round(dueMs * 1e6);
  const sample: SampleOf<"http"> = { probe: "http", due, sent: due, done: due + Math.round(tookMs * 1e6), phases: {}, ...rest };
  if (status !== undefined) sample.response = responseOf(status);
  return sample;
}

export function responseOf(status: number, headers: Record<string, string> = {}, bodyText = ""): HttpResponse {
  const lists = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
  return { status, headers: lists, bodyText, bytes: bodyText.length };
}

export const sampleEvent = (observation: string, label: string, sample: Sample): EventBody => ({
  type: "sample",
  observation,
  label,
  vantage: "public",
  probe: "http",
  target: "https://web.example/",
  sample,
});

export const observed = (observation: string, ...inside: EventBody[]): EventBody[] => [
  { type: "observation", observation, state: "started" },
  ...inside,
  { type: "observation", observation, state: "ended" },
];

export const fault = (
  observation: string,
  ...steps: ("intent" | "applied" | "effect-seen" | "removed" | "heal-seen" | "failed")[]
): EventBody[] => steps.map((step) => ({ type: "fault", observation, fault: "kill-vault", step, detail: {} }));

export const teardown: EventBody = { type: "teardown", left: [], durationMs: 900 };
export const searched: EventBody = { type: "fact", observation: "run/no-secrets", name: "leaked", data: [] };
export const completed: EventBody = { type: "run-ended", reason: "completed" };

export const definition = (check: PlannedCheck, judge: Judge): CheckDefinition => ({
  ...check,
  title: `${check.id} holds`,
  judge,
});

export const noSideFiles = (name: string): Sample[] => {
  throw new Error(`no side file ${name}`);
};
