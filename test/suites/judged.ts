import { objectives } from "../../src/candidate/objectives.ts";
import { checks } from "../../src/check/check.ts";
import { judgeHistory } from "../../src/check/judge.ts";
import type { JudgedCheck, VerdictDocument } from "../../src/check/verdict.ts";
import type { EventBody } from "../../src/history/events.ts";
import type { AmqpResult, PostgresResponse, RedisReply, Sample, SampleError } from "../../src/history/sample.ts";
import { completed, historyOf, noSideFiles, observed, planned, runStarted, service, up } from "../check/a-history.ts";

type Judged = JudgedCheck & { findings: VerdictDocument["findings"]; objectives: VerdictDocument["objectives"] };

/**
 * A registered check's verdict on a small history: everything that it needs came up, and its observation saw `inside`. The clocks of both agents are the
 * runner's. Events of the observation begin at t = 3000 ms when nothing but services and clocks came before.
 */
export function judged(id: string, inside: readonly EventBody[]): Judged {
  const definition = checks().find((one) => one.id === id);
  if (!definition) throw new Error(`no check is called ${id}`);
  const { title: _title, judge: _judge, ...rest } = definition;
  // What is had or not had by the candidate as it is written does not come up.
  const needs = definition.needs.filter((need) => !/^(routes?|mode):/.test(need));
  const plan = { ...rest, needs };
  const history = historyOf([
    runStarted,
    planned({ services: needs.map((name) => service(name)), checks: [plan], objectives: [...objectives] }),
    ...needs.flatMap((name) => up(name)),
    clock("node"),
    clock("public"),
    ...observed(definition.observation, ...inside),
    completed,
  ]);
  const document = judgeHistory(history, checks(), { sideFile: noSideFiles });
  const check = document.checks.find((one) => one.id === id);
  if (!check) throw new Error(`${id} was not judged`);
  return { ...check, findings: document.findings, objectives: document.objectives };
}

const clock = (agent: string): EventBody => ({ type: "clock", agent, segment: 0, offsetNs: 0, errorNs: 0 });

/** Builders of what one observation saw; times are milliseconds of every clock, for in these histories they are one. */
export function saw(observation: string) {
  const sample = (label: string, sample: Sample): EventBody => ({
    type: "sample",
    observation,
    label,
    vantage: "public",
    probe: sample.probe,
    target: "https://api.sprocket.example/graphql",
    sample,
  });
  const times = (atMs = 0, tookMs = 5) => ({ due: atMs * 1e6, sent: atMs * 1e6, done: (atMs + tookMs) * 1e6, phases: {} });
  return {
    sample,
    fact: (name: string, data: unknown): EventBody => ({ type: "fact", observation, name, data }),
    fault: (...steps: ("intent" | "applied" | "effect-seen" | "removed" | "heal-seen")[]): EventBody[] =>
      steps.map((step) => ({ type: "fault", observation, fault: "kill-task/x/SIGKILL", step, detail: {} })),
    http: (label: string, status: number, bodyText = "", headers: Record<string, string> = {}, atMs?: number, tookMs?: number) =>
      sample(label, {
        probe: "http",
        ...times(atMs, tookMs),
        response: {
          status,
          bodyText,
          bytes: bodyText.length,
          headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
        },
      }),
    graphql: (label: string, body: object, atMs?: number, tookMs?: number) =>
      sample(label, {
        probe: "http",
        ...times(atMs, tookMs),
        response: { status: 200, bodyText: JSON.stringify(body), bytes: 1 },
      }),
    failed: (label: string, error: SampleError, atMs?: number, tookMs?: number) =>
      sample(label, { probe: "http", ...times(atMs, tookMs), error }),
    redis: (label: string, replies: RedisReply[], atMs?: number) =>
      sample(label, { probe: "redis", ...times(atMs), response: { replies } }),
    redisFailed: (label: string, error: SampleError, atMs?: number) => sample(label, { probe: "redis", ...times(atMs), error }),
    postgres: (label: string, rows: (string | null)[][], more: Partial<Extract<Sample, { probe: "postgres" }>> = {}) =>
      sample(label, {
        probe: "postgres",
        ...times(),
        response: { results: [{ rows, took: 1 }] } satisfies PostgresResponse,
        ...more,
      }),
    postgresFailed: (label: string, error: SampleError) => sample(label, { probe: "postgres", ...times(), error }),
    amqp: (label: string, results: AmqpResult[], atMs?: number) =>
      sample(label, { probe: "amqp", ...times(atMs), response: { results } }),
    amqpFailed: (label: string, error: SampleError, atMs?: number) => sample(label, { probe: "amqp", ...times(atMs), error }),
  };
}

export const refused: SampleError = { kind: "connect-refused", message: "connection refused" };
export const denied = (message: string, code?: string): SampleError => ({ kind: "auth", message, ...(code ? { code } : {}) });

/** Moments of a series, `every` ms apart. */
export const moments = (fromMs: number, toMs: number, everyMs: number): number[] =>
  Array.from({ length: Math.max(0, Math.ceil((toMs - fromMs) / everyMs)) }, (_, index) => fromMs + index * everyMs);
